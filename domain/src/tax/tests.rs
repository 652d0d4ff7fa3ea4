//! Taxes rate by rate and line by line: the cases of billing.md §5 and revenue.md §2 by name, and that lines always sum to
//! the invoice's tax.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::catalogue::Catalogue;
use crate::refusal::Refusal;

/// `20` is on top, `in 20` is in the price, an empty text is none.
fn rate(text: &str) -> Option<Rate> {
    let (percent, inclusion) = match text.strip_prefix("in ") {
        Some(percent) => (percent, Inclusion::Inclusive),
        None => (text, Inclusion::Exclusive),
    };
    (!text.is_empty()).then(|| Rate::new(text, "FR", percent.parse().unwrap(), inclusion).unwrap())
}

fn taxed(lines: &[(i64, &str)]) -> Taxes {
    let rates: Vec<_> = lines.iter().map(|(_, text)| rate(text)).collect();
    let lines = lines.iter().zip(&rates);
    let lines: Vec<_> =
        lines.map(|((amount_minor, _), rate)| LineToTax { amount_minor: *amount_minor, rate: rate.as_ref() }).collect();
    tax_lines(&lines).unwrap()
}

#[test]
fn lines_sum_to_the_tax_of_the_invoice() {
    // C-24 after its discounts; the rates 10, 20, 10, 10 twice.
    let c_24 = [323, 647, 2_912, 3_882, 874, 1_747, 2_621, 3_494];
    let c_24: Vec<_> = c_24.into_iter().zip(["10", "20", "10", "10", "10", "20", "10", "10"]).collect();
    let cases = [
        ("the seeds' 8.75 %", vec![(500_000, "8.75")], vec![43_750], (43_750, 0)),
        ("E52", vec![(3_100, "10")], vec![310], (310, 0)),
        ("E53: 34.10", vec![(3_410, "in 10")], vec![310], (0, 310)),
        ("E53: 31.00", vec![(3_100, "in 10")], vec![282], (0, 282)),
        ("E53: 100.00", vec![(10_000, "in 10")], vec![909], (0, 909)),
        ("E57", vec![(120_000, "20")], vec![24_000], (24_000, 0)),
        ("a tie rounds the net up, so the inclusive tax down", vec![(3, "in 20")], vec![0], (0, 0)),
        ("and the exclusive tax up", vec![(5, "10")], vec![1], (1, 0)),
        ("L-05", vec![(871, "25")], vec![218], (218, 0)),
        ("L-05, the upgrade", vec![(968, "25")], vec![242], (242, 0)),
        ("L-09", vec![(2_999, "23.33")], vec![700], (700, 0)),
        ("L-10", vec![(76_900, "20")], vec![15_380], (15_380, 0)),
        ("L-11", vec![(6_833, "20"); 2], vec![1_367, 1_366], (2_733, 0)),
        ("L-12", vec![(6_833, "20"); 4], vec![1_367, 1_367, 1_366, 1_366], (5_466, 0)),
        ("L-13", vec![(17_900, "10"), (14_900, "20")], vec![1_790, 2_980], (4_770, 0)),
        ("C-24", c_24, vec![32, 130, 291, 388, 88, 349, 262, 349], (1_889, 0)),
        ("both kinds", vec![(1_000, "20"), (1_200, "in 20"), (50, "")], vec![200, 200, 0], (200, 200)),
        ("a credit", vec![(-333, "10"), (1_000, "10")], vec![-33, 100], (67, 0)),
        ("only credits", vec![(-333, "10"), (-333, "10")], vec![-33, -34], (-67, 0)),
        ("cents", vec![(4, "10"); 5], vec![1, 1, 0, 0, 0], (2, 0)),
        (
            "one rate does not take the other's share",
            vec![(4, "10"), (4, "10"), (3, "15"), (3, "15")],
            vec![1, 0, 1, 0],
            (2, 0),
        ),
        ("none", vec![(1_000, ""), (5, "0")], vec![0, 0], (0, 0)),
        ("no lines", vec![], vec![], (0, 0)),
    ];
    for (what, lines, expected, (exclusive, inclusive)) in cases {
        let found = taxed(&lines);
        assert_eq!(found.by_line_minor, expected, "{what}");
        assert_eq!((found.exclusive_minor, found.inclusive_minor), (exclusive, inclusive), "{what}");
    }
}

#[test]
fn rates_say_what_they_are_on() {
    let found = taxed(&[(17_900, "10"), (14_900, "20"), (3_100, "in 10"), (7, ""), (100, "10")]);
    let on = |text: &str, base_minor, tax_minor| RateTax { rate: rate(text).unwrap(), base_minor, tax_minor };
    assert_eq!(found.by_rate, vec![on("10", 18_000, 1_800), on("20", 14_900, 2_980), on("in 10", 2_818, 282)]);
}

#[test]
fn rates_are_percentages() {
    let refused = |reason: &str| Err(Refusal::invalid("percent", reason));
    let cases = [
        ("0", Ok("0")),
        ("100", Ok("100")),
        ("8.750", Ok("8.75")),
        ("9.1234567", refused("has more than 6 decimal places")),
        ("-1", refused("must be from 0 to 100")),
        ("100.01", refused("must be from 0 to 100")),
    ];
    for (percent, expected) in cases {
        let percent: Decimal = percent.parse().unwrap();
        let found = Rate::new("r", "US-CA", percent, Inclusion::Exclusive);
        assert_eq!(found.map(|rate| rate.percent().to_string()), expected.map(str::to_owned), "{percent}");
    }
}

#[test]
fn a_rate_is_copied_from_the_catalogue_and_survives_storage() {
    let catalogue = r#"{"tenant": "t", "plans": [], "defaults": {"currency": "USD", "timezone": "UTC", "processor": "sandbox",
        "high_value_mrr": "1000.00", "high_value_lifetime": "10000.00"},
        "tax_rates": [{"id": "ca", "name": "Sales tax", "country": "US", "state": "CA", "percent": "8.75", "inclusive": false},
                      {"id": "de", "name": "USt", "country": "DE", "percent": "19", "inclusive": true}]}"#;
    let Ok(catalogue) = Catalogue::parse(catalogue) else { panic!("{:?}", Catalogue::parse(catalogue)) };
    let copies: Vec<_> = catalogue.tax_rates.iter().map(|rate| Rate::of_catalogue(rate).unwrap()).collect();
    let expected = [
        Rate::new("ca", "US-CA", "8.75".parse().unwrap(), Inclusion::Exclusive).unwrap(),
        Rate::new("de", "DE", "19".parse().unwrap(), Inclusion::Inclusive).unwrap(),
    ];
    assert_eq!(copies, expected);
    let stored = serde_json::to_string(&copies).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Rate>>(&stored).unwrap(), copies);
    assert!(serde_json::from_str::<Vec<Rate>>(&stored.replace("8.75", "875")).is_err());
}

const RATES: [&str; 6] = ["", "10", "20", "23.33", "in 10", "in 7.7"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn lines_sum_to_rates_and_rates_to_the_invoice(
        lines in proptest::collection::vec((-20_000_i64..100_000, proptest::sample::select(&RATES[..])), 0..12),
    ) {
        let found = taxed(&lines);
        prop_assert_eq!(found.by_line_minor.iter().sum::<i64>(), found.exclusive_minor + found.inclusive_minor);
        prop_assert_eq!(
            found.by_rate.iter().map(|tax| tax.tax_minor).sum::<i64>(),
            found.exclusive_minor + found.inclusive_minor
        );
        let mut exact = Decimal::ZERO;
        for ((amount, text), tax) in lines.iter().zip(&found.by_line_minor) {
            let Some(rate) = rate(text) else {
                prop_assert_eq!(*tax, 0);
                continue;
            };
            let divisor = match rate.inclusion() {
                Inclusion::Exclusive => Decimal::ONE_HUNDRED,
                Inclusion::Inclusive => Decimal::ONE_HUNDRED + rate.percent(),
            };
            let own = Decimal::from(*amount) * rate.percent() / divisor;
            // No line is more than one unit from its own share, so none has a tax of the other sign.
            prop_assert!((own.floor()..=own.ceil()).contains(&Decimal::from(*tax)), "{} of {} {}", tax, amount, text);
            if rate.inclusion() == Inclusion::Exclusive {
                exact += own;
            }
        }
        prop_assert_eq!(Some(found.exclusive_minor), crate::money::round_half_away(exact));
    }
}
