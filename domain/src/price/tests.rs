//! Are charges exact, below the minor unit too, and refused rather than wrong where figures overflow?

use std::str::FromStr;

use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

fn tier(up_to: Option<u64>, unit: &str, flat: &str) -> Tier {
    Tier { up_to, unit_minor: decimal(unit), flat_minor: decimal(flat) }
}

fn price(scheme: Scheme) -> Price {
    Price { currency: Currency::USD, scheme, interval: Some(Interval::MONTHLY), usage: Usage::Licensed }
}

#[test]
fn charges_are_exact() {
    let seats = || vec![tier(Some(10), "500", "0"), tier(Some(20), "400", "1000"), tier(None, "300.5", "0")];
    let calls = || vec![tier(Some(1_000), "0.1", "0"), tier(None, "0.15", "0")];
    let per_unit = |unit: &str| Scheme::PerUnit(decimal(unit));
    let cases = [
        (per_unit("2900"), 5, Some("14500")),
        (per_unit("2900"), 0, Some("0")),
        (per_unit("0.125"), 3, Some("0.375")),
        (per_unit("0.000000000001"), 1_000_000, Some("0.000001")),
        (per_unit("79228162514264337593543950335"), 2, None),
        (Scheme::Volume(seats()), 10, Some("5000")),
        (Scheme::Volume(seats()), 11, Some("5400")),
        (Scheme::Volume(seats()), 20, Some("9000")),
        (Scheme::Volume(seats()), 21, Some("6310.5")),
        (Scheme::Volume(vec![tier(Some(10), "500", "0")]), 11, Some("5500")),
        (Scheme::Volume(Vec::new()), 1, None),
        (Scheme::Volume(vec![tier(None, "500", "1000")]), 0, Some("0")),
        (Scheme::Volume(vec![tier(None, "500", "1000")]), 1, Some("1500")),
        (Scheme::Flat(decimal("4900")), 0, Some("4900")),
        (Scheme::Flat(decimal("4900")), 1_000, Some("4900")),
        (Scheme::Package { size: 100, minor: decimal("10") }, 0, Some("0")),
        (Scheme::Package { size: 100, minor: decimal("10") }, 1, Some("10")),
        (Scheme::Package { size: 100, minor: decimal("10") }, 100, Some("10")),
        (Scheme::Package { size: 100, minor: decimal("10") }, 101, Some("20")),
        (Scheme::Package { size: 0, minor: decimal("10") }, 1, None),
        (Scheme::Volume(vec![tier(None, "79228162514264337593543950335", "1")]), 1, None),
        (Scheme::Graduated(seats()), 0, Some("0")),
        (Scheme::Graduated(seats()), 10, Some("5000")),
        (Scheme::Graduated(seats()), 11, Some("6400")),
        (Scheme::Graduated(seats()), 20, Some("10000")),
        (Scheme::Graduated(seats()), 21, Some("10300.5")),
        (Scheme::Graduated(calls()), 1_500, Some("175")),
        (Scheme::Graduated(calls()), 1_001, Some("100.15")),
        (Scheme::Graduated(vec![tier(Some(10), "500", "0")]), 11, Some("5500")),
        (Scheme::Graduated(Vec::new()), 1, None),
        (Scheme::Graduated(vec![tier(None, "79228162514264337593543950335", "0")]), u64::MAX, None),
    ];
    for (scheme, quantity, expected) in cases {
        let charged = price(scheme.clone()).charge(quantity);
        assert_eq!(charged, expected.map(decimal), "{quantity} of {scheme:?}");
    }
}

#[test]
fn a_plain_price_is_licensed_per_unit() {
    let expected = price(Scheme::PerUnit(decimal("500000")));
    assert_eq!(Price::per_unit(500_000, Currency::USD, Some(Interval::MONTHLY)), expected);
}

#[test]
fn only_what_recurs_and_is_agreed_in_advance_is_prorated() {
    let monthly = price(Scheme::PerUnit(decimal("500")));
    let cases = [
        (monthly.clone(), true),
        (Price { interval: None, ..monthly.clone() }, false),
        (Price { usage: Usage::Metered, ..monthly }, false),
    ];
    for (price, expected) in cases {
        assert_eq!(price.is_prorated(), expected, "{price:?}");
    }
}

#[test]
fn interval_words_are_read_back() {
    for unit in [IntervalUnit::Day, IntervalUnit::Week, IntervalUnit::Month, IntervalUnit::Year] {
        assert_eq!(IntervalUnit::from_word(unit.as_str()), Some(unit));
    }
    assert_eq!(IntervalUnit::from_word("fortnight"), None);
}
