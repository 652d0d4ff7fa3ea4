//! What holds for every price and quantity: lines sum to their total, the total is the exact charge rounded once,
//! more of something never costs less, and what cannot be billed is refused and never wrong.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{metered, monthly};
use crate::money::{Currency, round_half_away};
use crate::price::{Price, Scheme, Tier};
use crate::pricing::{PriceProblem, quote};

/// A unit price with up to three places below the cent.
fn any_unit() -> impl Strategy<Value = Decimal> {
    (0_i64..2_000_000).prop_map(|thousandths| Decimal::new(thousandths, 3))
}

/// Tiers in order; `None` ends them.
fn any_tiers() -> impl Strategy<Value = Vec<Tier>> {
    let step = (1_u64..50, any_unit(), prop_oneof![Just(0_i64), 0_i64..5_000]);
    proptest::collection::vec(step, 1..6).prop_map(|steps| {
        let count = steps.len();
        let mut top = 0;
        let tiers = steps.into_iter().enumerate().map(|(index, (width, unit_minor, flat))| {
            top += width;
            Tier { up_to: (index + 1 < count).then_some(top), unit_minor, flat_minor: Decimal::from(flat) }
        });
        tiers.collect()
    })
}

/// Tiers whose boundaries never make more cost less: unit prices that do not fall.
fn rising_tiers() -> impl Strategy<Value = Vec<Tier>> {
    any_tiers().prop_map(|mut tiers| {
        let mut units: Vec<Decimal> = tiers.iter().map(|tier| tier.unit_minor).collect();
        units.sort_unstable();
        let mut flats: Vec<Decimal> = tiers.iter().map(|tier| tier.flat_minor).collect();
        flats.sort_unstable();
        for ((tier, unit), flat) in tiers.iter_mut().zip(units).zip(flats) {
            (tier.unit_minor, tier.flat_minor) = (unit, flat);
        }
        tiers
    })
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    prop_oneof![
        any_unit().prop_map(Scheme::PerUnit),
        (1_u64..50, any_unit()).prop_map(|(size, minor)| Scheme::Package { size, minor }),
        any_tiers().prop_map(Scheme::Volume),
        any_tiers().prop_map(Scheme::Graduated),
        (0_i64..1_000_000).prop_map(|minor| Scheme::Flat(Decimal::from(minor))),
    ]
}

fn total_minor(scheme: &Scheme, quantity: u64) -> i64 {
    quote(&monthly(scheme.clone()), quantity).unwrap().total_minor
}

/// What each tier alone costs for the units of it that are used.
fn by_hand(tiers: &[Tier], quantity: u64) -> Decimal {
    let mut sum = Decimal::ZERO;
    for unit in 1..=quantity {
        let index = tiers.iter().position(|tier| tier.up_to.is_none_or(|top| unit <= top)).unwrap();
        let is_first = index == 0 && unit == 1 || index > 0 && tiers[index - 1].up_to == Some(unit - 1);
        sum += tiers[index].unit_minor + if is_first { tiers[index].flat_minor } else { Decimal::ZERO };
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn lines_sum_to_the_exact_charge_rounded_once(scheme in any_scheme(), quantity in 1_u64..400) {
        let price = monthly(scheme);
        let quoted = quote(&price, quantity).unwrap();
        prop_assert_eq!(quoted.lines.iter().map(|line| line.amount_minor).sum::<i64>(), quoted.total_minor);
        prop_assert_eq!(price.charge(quantity).and_then(round_half_away), Some(quoted.total_minor));
        for line in &quoted.lines {
            let exact = line.unit_minor * Decimal::from(line.quantity);
            prop_assert!((Decimal::from(line.amount_minor) - exact).abs() < Decimal::ONE, "{line:?}");
        }
    }

    #[test]
    fn graduated_is_the_sum_of_its_tiers(tiers in any_tiers(), quantity in 0_u64..400) {
        let expected = by_hand(&tiers, quantity);
        prop_assert_eq!(Scheme::Graduated(tiers).charge(quantity), Some(expected));
    }

    #[test]
    fn graduated_never_costs_less_for_more(tiers in any_tiers(), quantity in 1_u64..400, more in 0_u64..100) {
        let scheme = Scheme::Graduated(tiers);
        prop_assert!(total_minor(&scheme, quantity) <= total_minor(&scheme, quantity + more));
    }

    #[test]
    fn volume_never_costs_less_for_more_where_its_prices_do_not_fall(
        tiers in rising_tiers(), quantity in 1_u64..400, more in 0_u64..100,
    ) {
        let scheme = Scheme::Volume(tiers);
        prop_assert!(total_minor(&scheme, quantity) <= total_minor(&scheme, quantity + more));
    }

    #[test]
    fn volume_never_costs_less_for_more_within_a_tier(tiers in any_tiers(), quantity in 1_u64..400, more in 0_u64..100) {
        let tier_of = |units: u64| tiers.iter().position(|tier| tier.up_to.is_none_or(|top| units <= top));
        let same = tier_of(quantity) == tier_of(quantity + more);
        let scheme = Scheme::Volume(tiers);
        prop_assert!(!same || total_minor(&scheme, quantity) <= total_minor(&scheme, quantity + more));
    }

    /// Figures of any size: what is quoted is the exact product, computed in wider integers, and all else is refused.
    #[test]
    fn a_quote_is_exact_or_refused(
        mantissa in prop_oneof![0_i128..1_000_000, 0_i128..i128::from(u64::MAX), 0_i128..79_228_162_514_264_337_593_543_950_335],
        scale in 0_u32..15,
        quantity in prop_oneof![0_u64..100, 0_u64..=1_000_000_000_000, any::<u64>()],
    ) {
        let price = metered(monthly(Scheme::PerUnit(Decimal::from_i128_with_scale(mantissa, scale))));
        match quote(&price, quantity) {
            Ok(quoted) => {
                let product = mantissa.checked_mul(i128::from(quantity)).unwrap();
                let divisor = 10_i128.pow(scale);
                let rounded = (product / divisor) + i128::from((product % divisor) * 2 >= divisor);
                prop_assert_eq!(i128::from(quoted.total_minor), rounded);
            }
            Err(error) => {
                let known = matches!(
                    error.problem,
                    PriceProblem::TooLarge { .. }
                        | PriceProblem::TooManyDecimals { .. }
                        | PriceProblem::TooMuchUsage { .. }
                        | PriceProblem::Overflow
                );
                prop_assert!(known, "{error}");
                let within = mantissa.checked_mul(i128::from(quantity)).is_some_and(|product| product <= 100_000_000_000_000);
                prop_assert!(!(within && scale <= 12 && quantity <= 1_000_000_000_000 && mantissa <= 100_000_000_000_000));
            }
        }
    }

    #[test]
    fn a_price_is_stored_and_read_back(scheme in any_scheme()) {
        let price = Price { currency: Currency::EUR, ..monthly(scheme) };
        let stored = serde_json::to_string(&price).unwrap();
        prop_assert_eq!(serde_json::from_str::<Price>(&stored).unwrap(), price);
    }
}
