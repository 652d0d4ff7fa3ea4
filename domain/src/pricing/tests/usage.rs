//! What is billed for usage whose price changed, or that was reported in parts?

use super::{flat, metered, monthly, package, per_unit, tier};
use crate::price::{Price, Scheme};
use crate::pricing::{PriceError, PriceProblem, PricedSince, UsageMode, UsageRecord, UsageSlice, quote_usage, slices};
use crate::samples::{at, period};

/// The quantity and the amount of each line.
type Amounts = Vec<(u64, i64)>;

fn amounts(used: &[(Price, u64)], mode: UsageMode) -> Amounts {
    let slices: Vec<UsageSlice> =
        used.iter().map(|(price, quantity)| UsageSlice { price: price.clone(), quantity: *quantity }).collect();
    quote_usage(&slices, mode).unwrap().iter().map(|line| (line.quantity, line.amount_minor)).collect()
}

/// What it shows, the prices and quantities reported, and the amounts by unit in force and by the last price.
type UsageCase = (&'static str, Vec<(Price, u64)>, Amounts, Amounts);

#[test]
fn each_unit_costs_what_was_in_force_when_it_was_reported() {
    let calls = |cents| metered(per_unit(cents));
    // 10 for 10 GB.
    let storage = || metered(package(10, "1000"));
    let steps =
        |scheme: fn(_) -> Scheme| metered(monthly(scheme(vec![tier(Some(100), "5", "0"), tier(None, "4", "0")])));
    let cases: Vec<UsageCase> = vec![
        ("S-04", vec![(calls("0.1"), 1_000), (calls("0.15"), 500)], vec![(1_000, 100), (500, 75)], vec![(500, 75)]),
        ("S-07", vec![(storage(), 100), (storage(), 150)], vec![(100, 10_000), (150, 15_000)], vec![(250, 25_000)]),
        ("a package begun before", vec![(storage(), 5), (storage(), 5)], vec![(5, 1_000), (5, 0)], vec![(10, 1_000)]),
        (
            "tiers go on",
            vec![(steps(Scheme::Graduated), 80), (steps(Scheme::Graduated), 40)],
            vec![(80, 400), (40, 180)],
            vec![(120, 580)],
        ),
        (
            "a volume price lowers what came before",
            vec![(steps(Scheme::Volume), 100), (steps(Scheme::Volume), 1)],
            vec![(100, 500), (1, -96)],
            vec![(101, 404)],
        ),
        (
            "back to the first price",
            vec![(calls("0.1"), 1_000), (calls("0.15"), 500), (calls("0.1"), 1_000)],
            vec![(1_000, 100), (500, 75), (1_000, 100)],
            vec![(1_000, 100)],
        ),
        ("nothing", vec![], vec![], vec![]),
    ];
    for (what, used, flexible, classic) in cases {
        let found = [UsageMode::Flexible, UsageMode::Classic].map(|mode| amounts(&used, mode));
        assert_eq!((what, found), (what, [flexible, classic]));
    }
}

#[test]
fn usage_that_cannot_be_billed_is_refused() {
    let slice = |price: Price, quantity| UsageSlice { price, quantity };
    let too_much = PriceError::new("quantity", PriceProblem::Overflow);
    let cases = [
        (vec![slice(metered(flat("1")), 1)], PriceError::new("model", PriceProblem::FlatUsage)),
        (vec![slice(metered(per_unit("0")), u64::MAX - 1)], {
            PriceError::new("quantity", PriceProblem::TooMuchUsage { most: crate::pricing::MAX_USAGE })
        }),
        (vec![slice(metered(per_unit("100000000000000")), 2)], too_much),
    ];
    for (slices, expected) in cases {
        assert_eq!(quote_usage(&slices, UsageMode::Flexible), Err(expected), "{slices:?}");
    }
}

#[test]
fn records_are_sorted_by_the_price_of_their_time() {
    let march = period("2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z");
    let since = |instant: &str, cents: &str| PricedSince { since: at(instant), price: metered(per_unit(cents)) };
    let prices = [since("2024-01-01T00:00:00Z", "0.1"), since("2024-03-15T12:00:00Z", "0.15")];
    let record = |instant: &str, quantity| UsageRecord { at: at(instant), quantity };
    let records = [
        record("2024-03-31T23:59:59Z", 500),
        record("2024-03-01T00:00:00Z", 400),
        record("2024-03-15T11:59:59Z", 600),
        record("2024-03-15T12:00:00Z", 7),
        record("2024-04-01T00:00:00Z", 1_000),
        record("2024-02-29T23:59:59Z", 1_000),
    ];
    let slice = |cents: &str, quantity| UsageSlice { price: metered(per_unit(cents)), quantity };
    assert_eq!(slices(&records, &prices, march), Ok(vec![slice("0.1", 1_000), slice("0.15", 507)]));
    assert_eq!(slices(&records, &prices[..1], march), Ok(vec![slice("0.1", 1_507)]));
    assert_eq!(slices(&[], &prices, march), Ok(vec![]));
    assert_eq!(slices(&records, &prices[1..], march), Err(PriceError::new("at", PriceProblem::Unpriced)));
    let most = [record("2024-03-02T00:00:00Z", u64::MAX), record("2024-03-03T00:00:00Z", 1)];
    assert_eq!(slices(&most, &prices, march), Err(PriceError::new("quantity", PriceProblem::Overflow)));
}
