//! Is each price and quantity that cannot be billed refused, with the field and the kind of mistake?

use super::{decimal, flat, metered, monthly, package, per_unit, tier};
use crate::money::Currency;
use crate::price::{Interval, IntervalUnit, Price, Scheme, Tier};
use crate::pricing::{
    MAX_AMOUNT_MAJOR, MAX_INTERVAL_COUNT, MAX_QUANTITY, MAX_TIERS, MAX_USAGE, Metric, PriceError, PriceProblem,
    check_price, quote, total,
};
use crate::refusal::Refusal;

const TOO_LARGE: PriceProblem = PriceProblem::TooLarge { limit: MAX_AMOUNT_MAJOR, currency: Currency::USD };

fn graduated(tiers: Vec<Tier>) -> Price {
    monthly(Scheme::Graduated(tiers))
}

fn ends(ends: &[Option<u64>]) -> Vec<Tier> {
    ends.iter().map(|end| tier(*end, "1", "0")).collect()
}

#[test]
fn prices_that_cannot_be_sold_are_refused() {
    let tier_count = PriceProblem::TierCount { most: MAX_TIERS };
    let counted = |count| Price { interval: Some(Interval { unit: IntervalUnit::Day, count }), ..per_unit("1") };
    let interval_count = PriceProblem::OutOfRange { most: u64::from(MAX_INTERVAL_COUNT) };
    let yen = |scheme| Price { currency: Currency::JPY, ..monthly(scheme) };
    let cases: Vec<(Price, &str, PriceProblem)> = vec![
        (per_unit("-1"), "amount", PriceProblem::Negative),
        (flat("-0.01"), "amount", PriceProblem::Negative),
        (flat("1.5"), "amount", PriceProblem::TooManyDecimals { places: 2 }),
        (yen(Scheme::Flat(decimal("1.5"))), "amount", PriceProblem::TooManyDecimals { places: 0 }),
        (per_unit("0.0000000000001"), "amount", PriceProblem::TooManyDecimals { places: 14 }),
        (per_unit("100000000000001"), "amount", TOO_LARGE),
        (per_unit("79228162514264337593543950335"), "amount", TOO_LARGE),
        (package(0, "1"), "package_size", PriceProblem::EmptyPackage),
        (package(10, "-1"), "amount", PriceProblem::Negative),
        (graduated(vec![]), "tiers", tier_count),
        (monthly(Scheme::Volume(vec![])), "tiers", tier_count),
        (graduated(ends(&[None; MAX_TIERS + 1])), "tiers", tier_count),
        (graduated(ends(&[Some(0), None])), "tiers[0].up_to", PriceProblem::OutOfOrder),
        (graduated(ends(&[Some(10), Some(10), None])), "tiers[1].up_to", PriceProblem::OutOfOrder),
        (graduated(ends(&[Some(10), Some(9), None])), "tiers[1].up_to", PriceProblem::OutOfOrder),
        (graduated(ends(&[None, None])), "tiers[0].up_to", PriceProblem::OpenTierBeforeLast),
        (graduated(ends(&[Some(10), Some(20)])), "tiers[1].up_to", PriceProblem::ClosedLastTier),
        (graduated(vec![tier(None, "-1", "0")]), "tiers[0].unit_amount", PriceProblem::Negative),
        (graduated(vec![tier(None, "1", "-5")]), "tiers[0].flat_amount", PriceProblem::Negative),
        (graduated(vec![tier(None, "1", "5.5")]), "tiers[0].flat_amount", PriceProblem::TooManyDecimals { places: 2 }),
        (metered(flat("100")), "model", PriceProblem::FlatUsage),
        (Price { interval: None, ..metered(per_unit("1")) }, "interval", PriceProblem::UsageWithoutInterval),
        (counted(0), "interval_count", interval_count),
        (counted(121), "interval_count", interval_count),
    ];
    for (price, field, problem) in cases {
        let expected = Err(PriceError::new(field, problem));
        assert_eq!((check_price(&price), quote(&price, 1).map(|_| ())), (expected.clone(), expected), "{price:?}");
    }
}

#[test]
fn the_limits_themselves_can_be_sold() {
    let most = Price { currency: Currency::parse("KWD").unwrap(), ..per_unit("1000000000000000") };
    let finest = per_unit("0.000000000001");
    let last_day = Price { interval: Some(Interval { unit: IntervalUnit::Day, count: 120 }), ..per_unit("1") };
    for (price, quantity, expected) in
        [(most, 1, 1_000_000_000_000_000), (metered(finest), MAX_USAGE, 1), (last_day, MAX_QUANTITY, 1_000_000)]
    {
        assert_eq!(quote(&price, quantity).map(|quote| quote.total_minor), Ok(expected), "{price:?}");
    }
}

#[test]
fn quantities_that_cannot_be_billed_are_refused() {
    let quantity = PriceProblem::OutOfRange { most: MAX_QUANTITY };
    let cases = [
        (per_unit("1"), 0, quantity),
        (flat("1"), 0, quantity),
        (per_unit("1"), MAX_QUANTITY + 1, quantity),
        (metered(per_unit("1")), MAX_USAGE + 1, PriceProblem::TooMuchUsage { most: MAX_USAGE }),
        (per_unit("100000000000000"), 2, PriceProblem::Overflow),
        (metered(per_unit("100000000000000")), MAX_USAGE, PriceProblem::Overflow),
        (metered(package(1, "100000000000000")), MAX_USAGE, PriceProblem::Overflow),
        (graduated(vec![tier(None, "1", "100000000000000")]), 1, PriceProblem::Overflow),
    ];
    for (price, units, problem) in cases {
        assert_eq!(quote(&price, units), Err(PriceError::new("quantity", problem)), "{units} of {price:?}");
    }
}

#[test]
fn amounts_of_two_currencies_are_not_added() {
    let quotes = [per_unit("100"), Price { currency: Currency::EUR, ..per_unit("100") }];
    let quotes = quotes.map(|price| quote(&price, 1).unwrap());
    let mismatch = PriceProblem::CurrencyMismatch { expected: Currency::USD, found: Currency::EUR };
    assert_eq!(total(&quotes, Currency::USD), Err(PriceError::new("currency", mismatch)));
    let most = quote(&per_unit("100000000000000"), 1).unwrap();
    let overflow = PriceError::new("quantity", PriceProblem::Overflow);
    assert_eq!(total(&[most.clone(), most], Currency::USD), Err(overflow));
}

#[test]
fn a_mistake_becomes_a_refusal_that_names_the_field() {
    let error = PriceError::new("tiers[1].up_to", PriceProblem::OutOfOrder);
    assert_eq!(error.to_string(), "tiers[1].up_to must be higher than in the tier before");
    assert_eq!(Refusal::from(error), Refusal::invalid("tiers[1].up_to", "must be higher than in the tier before"));
}

#[test]
fn metrics_are_short_plain_words() {
    let cases = [
        ("api_calls", true),
        ("gb2", true),
        ("", false),
        ("2gb", false),
        ("API", false),
        ("api-calls", false),
        ("api calls", false),
    ];
    for (text, fine) in cases {
        assert_eq!(Metric::parse(text).is_ok(), fine, "{text:?}");
    }
    assert_eq!([64, 65].map(|length| Metric::parse(&"a".repeat(length)).is_ok()), [true, false]);
}
