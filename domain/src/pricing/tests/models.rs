//! What does each model of price come to, line by line, and the cases of billing.md §5 that are about prices?

use super::{decimal, flat, metered, monthly, package, per_unit, tier};
use crate::money::{Currency, Money};
use crate::price::{Price, Scheme};
use crate::pricing::{Basis, Billing, Quote, QuoteLine, quote, total};
use crate::samples::{at, period};

fn line(basis: Basis, quantity: u64, unit: &str, amount_minor: i64) -> QuoteLine {
    QuoteLine { basis, quantity, unit_minor: decimal(unit), amount_minor }
}

fn in_tier(number: u32, first_unit: u64, last_unit: u64) -> Basis {
    Basis::Tier { number, first_unit, last_unit }
}

fn total_minor(price: &Price, quantity: u64) -> i64 {
    quote(price, quantity).unwrap().total_minor
}

#[test]
fn every_model_is_quoted_line_by_line() {
    let seats = || vec![tier(Some(10), "500", "0"), tier(Some(20), "400", "1000"), tier(None, "300.5", "0")];
    let thirds = || vec![tier(Some(1), "33.4", "0"), tier(Some(2), "33.4", "0"), tier(None, "33.4", "0")];
    let cases: Vec<(&str, Price, u64, Vec<QuoteLine>, i64)> = vec![
        ("flat", flat("500000"), 1, vec![line(Basis::Flat, 1, "500000", 500_000)], 500_000),
        ("flat for many", flat("500000"), 40, vec![line(Basis::Flat, 1, "500000", 500_000)], 500_000),
        ("free", per_unit("0"), 3, vec![line(Basis::Units, 3, "0", 0)], 0),
        ("K-30, 7 units", per_unit("2995"), 7, vec![line(Basis::Units, 7, "2995", 20_965)], 20_965),
        ("K-30, 10 units", per_unit("2995"), 10, vec![line(Basis::Units, 10, "2995", 29_950)], 29_950),
        ("below a cent", per_unit("0.1"), 1_005, vec![line(Basis::Units, 1_005, "0.1", 101)], 101),
        ("no usage", metered(per_unit("0.1")), 0, vec![], 0),
        (
            "packages, one begun",
            package(100, "1000"),
            101,
            vec![line(Basis::Packages { size: 100 }, 2, "1000", 2_000)],
            2_000,
        ),
        (
            "volume, full tier",
            monthly(Scheme::Volume(seats())),
            10,
            vec![line(in_tier(1, 1, 10), 10, "500", 5_000)],
            5_000,
        ),
        (
            "volume, next tier with its flat amount",
            monthly(Scheme::Volume(seats())),
            11,
            vec![line(in_tier(2, 1, 11), 11, "400", 4_400), line(Basis::TierFlat { number: 2 }, 1, "1000", 1_000)],
            5_400,
        ),
        ("volume, tie", monthly(Scheme::Volume(seats())), 21, vec![line(in_tier(3, 1, 21), 21, "300.5", 6_311)], 6_311),
        (
            "graduated",
            monthly(Scheme::Graduated(seats())),
            21,
            vec![
                line(in_tier(1, 1, 10), 10, "500", 5_000),
                line(in_tier(2, 11, 20), 10, "400", 4_000),
                line(Basis::TierFlat { number: 2 }, 1, "1000", 1_000),
                line(in_tier(3, 21, 21), 1, "300.5", 301),
            ],
            10_301,
        ),
        (
            // 100.2 is 100, one cent more than three times 33.
            "graduated, the cent left over goes to the first of equal remainders",
            monthly(Scheme::Graduated(thirds())),
            3,
            vec![
                line(in_tier(1, 1, 1), 1, "33.4", 34),
                line(in_tier(2, 2, 2), 1, "33.4", 33),
                line(in_tier(3, 3, 3), 1, "33.4", 33),
            ],
            100,
        ),
    ];
    for (what, price, quantity, lines, total_minor) in cases {
        let expected = Quote { currency: Currency::USD, lines, total_minor };
        assert_eq!((what, quote(&price, quantity)), (what, Ok(expected)));
    }
}

/// M-06: 12,000 with 1,000 units in it and 0.02 for each further one, beside charges of 3,000, 1,500 and 1,500; 100
/// units over.
#[test]
fn capacity_with_overage_adds_up() {
    let capacity = monthly(Scheme::Graduated(vec![tier(Some(1_000), "0", "12000"), tier(None, "2", "0")]));
    let charges = [(capacity, 1_100), (flat("3000"), 1), (flat("1500"), 1), (flat("1500"), 1)];
    let quotes: Vec<Quote> = charges.iter().map(|(price, quantity)| quote(price, *quantity).unwrap()).collect();
    assert_eq!(total(&quotes, Currency::USD), Ok(Money::from_minor(18_200, Currency::USD)));
}

/// M-07: a one-time price is due in full, however little of the period is left.
#[test]
fn a_one_time_price_is_never_prorated() {
    let once = Price { interval: None, ..per_unit("50000") };
    assert_eq!((total_minor(&once, 2), once.is_prorated()), (100_000, false));
}

/// L-20 and M-03: charges of a plan are quoted by themselves; each is prorated and rounded on its own.
#[test]
fn charges_are_prorated_one_by_one() {
    let cases = [
        ("L-20 1,000 for 13 of 31 days", flat("1000"), 1, 13, 31, 419),
        ("L-20 1,500 for 13 of 31 days", flat("1500"), 1, 13, 31, 629),
        ("L-20 10,000 for 11 of 31 days", flat("10000"), 1, 11, 31, 3_548),
        ("L-20 1,500 credited for 11 of 31 days", flat("1500"), 1, -11, 31, -532),
        ("L-20 2,000 for 11 of 31 days", flat("2000"), 1, 11, 31, 710),
        ("M-03 five seats of 1,000 credited", per_unit("1000"), 5, -16, 31, -2_581),
        ("M-03 five seats of 2,500", per_unit("2500"), 5, 16, 31, 6_452),
        ("M-08 a year of 3,650 by the month", flat("365000"), 1, 30, 365, 30_000),
        ("K-32 900 in arrears, 9 days", flat("90000"), 1, 9, 31, 26_129),
        ("K-32 900 in arrears, 4 days", flat("90000"), 1, 4, 31, 11_613),
    ];
    for (what, price, quantity, days, of, expected) in cases {
        let whole = Money::from_minor(total_minor(&price, quantity), price.currency);
        assert_eq!((what, whole.share(days, of).unwrap().minor()), (what, expected));
    }
}

#[test]
fn places_follow_the_currency() {
    let in_currency = |code: &str, unit: &str| Price { currency: Currency::parse(code).unwrap(), ..per_unit(unit) };
    let cases = [("JPY", "500", 3, "1500"), ("USD", "499.5", 3, "14.99"), ("KWD", "4999.9", 3, "15.000")];
    for (code, unit, quantity, expected) in cases {
        let quoted = quote(&in_currency(code, unit), quantity).unwrap();
        assert_eq!(Money::from_minor(quoted.total_minor, quoted.currency).to_major().to_string(), expected, "{code}");
    }
}

#[test]
fn usage_is_due_after_its_period_and_the_rest_as_the_plan_says() {
    let february = period("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
    let (begin, end) = (at("2024-02-01T00:00:00Z"), at("2024-03-01T00:00:00Z"));
    let cases = [
        (Billing::InAdvance, per_unit("100"), begin),
        (Billing::InArrears, per_unit("100"), end),
        (Billing::InAdvance, metered(per_unit("100")), end),
        (Billing::InArrears, metered(per_unit("100")), end),
    ];
    for (billing, price, expected) in cases {
        assert_eq!(billing.of(&price).due_at(february), expected, "{billing:?} {price:?}");
    }
    let words = [Billing::InAdvance, Billing::InArrears].map(|billing| Billing::from_word(billing.as_str()));
    assert_eq!((words, Billing::from_word("now")), ([Some(Billing::InAdvance), Some(Billing::InArrears)], None));
}
