//! The normalization examples of revenue.md §2.1 (E01 to E11), to the cent.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::mrr::testing::{
    active, amount_off, at, canceled, discounted, every, item, item_in, monthly, paused, percent_off, snapshot,
    trialing, yearly,
};
use crate::mrr::{PastDuePolicy, PausePolicy};
use crate::price::{Price, Scheme, Tier};
use crate::subscription::{CancelReason, Standing};

fn mrr(snapshot: &SubscriptionSnapshot, on: &str) -> i64 {
    subscription_mrr(snapshot, at(on), MrrPolicy::default()).unwrap().mrr_minor
}

#[test]
fn prices_and_intervals_become_months() {
    use IntervalUnit::{Day, Month, Week, Year};
    let cases: &[(&str, Vec<Item>, i64)] = &[
        ("E01 monthly", monthly(10_000), 10_000),
        ("E01 yearly", yearly(60_000), 5_000),
        ("E02", yearly(120_000), 10_000),
        ("E03 ten seats", vec![item("plan", 1_000, every(1, Month), 10)], 10_000),
        ("E03 yearly", yearly(12_000), 1_000),
        ("E04", vec![item("plan", 9_000, every(3, Month), 1)], 3_000),
        ("E07 18.29", yearly(1_829), 152),
        ("E07 29.95 a year", yearly(2_995), 250),
        ("E07 239.90", yearly(23_990), 1_999),
        ("E07 599.95", yearly(59_995), 5_000),
        ("E07 5499", yearly(549_900), 45_825),
        ("E07 29.95 a month", monthly(2_995), 2_995),
        ("E07 no billing period", vec![item("plan", 36_995, None, 1)], 0),
        ("E08 quarter", vec![item("plan", 30_000, every(3, Month), 1)], 10_000),
        ("E08 two years", vec![item("plan", 240_000, every(2, Year), 1)], 10_000),
        ("E09 yearly", yearly(100_000), 8_333),
        ("E10 week", vec![item("plan", 1_000, every(1, Week), 1)], 4_333),
        ("E10 day", vec![item("plan", 100, every(1, Day), 1)], 3_042),
        ("E10 two months", vec![item("plan", 5_000, every(2, Month), 1)], 2_500),
        ("E10 yearly", yearly(22_800), 1_900),
        ("E11 hospital lite", yearly(479_040), 39_920),
        ("E11 hospital pro", yearly(959_040), 79_920),
        ("E11 individual lite", yearly(47_040), 3_920),
        ("E11 individual pro", yearly(95_040), 7_920),
        ("two items, one rounding", vec![item("a", 50, every(12, Month), 1), item("b", 10, every(1, Year), 1)], 5),
        (
            "another currency is not converted",
            vec![item("a", 100, every(1, Month), 1), item_in(Currency::EUR, "b", 100, every(1, Month), 1)],
            100,
        ),
        ("nothing", vec![], 0),
    ];
    for (name, items, expected) in cases {
        assert_eq!(mrr(&active(items.clone()), "2024-01-01"), *expected, "{name}");
    }
}

#[test]
fn weekly_customers_scale() {
    let one = mrr(&active(vec![item("plan", 1_000, every(1, IntervalUnit::Week), 1)]), "2024-01-01");
    assert_eq!(one * 100, 433_300);
}

#[test]
fn example_e01_sums_a_hundred_monthly_and_fifty_yearly() {
    let total = 100 * mrr(&active(monthly(10_000)), "2024-01-01") + 50 * mrr(&active(yearly(60_000)), "2024-01-01");
    assert_eq!(total, 1_250_000);
}

#[test]
fn discounts_lower_mrr_while_they_last() {
    let repeating = Duration::Repeating { months: 3 };
    let forever = |percent| percent_off(percent, Duration::Forever, "2024-01-01", None);
    let cases: &[(&str, SubscriptionSnapshot, &str, i64)] = &[
        ("E05 yearly", discounted(yearly(12_000), vec![forever(10)]), "2024-01-01", 900),
        (
            "E05 while it lasts",
            discounted(monthly(1_000), vec![percent_off(10, repeating, "2024-01-01", Some("2024-04-01"))]),
            "2024-03-31",
            900,
        ),
        (
            "E05 at its end",
            discounted(monthly(1_000), vec![percent_off(10, repeating, "2024-01-01", Some("2024-04-01"))]),
            "2024-04-01",
            1_000,
        ),
        ("before its start", discounted(monthly(1_000), vec![forever(10)]), "2023-12-31", 1_000),
        ("E06 lifetime", discounted(monthly(1_000), vec![forever(50)]), "2024-02-01", 500),
        ("E06 forever", discounted(monthly(10_000), vec![forever(50)]), "2030-01-01", 5_000),
        (
            "once never",
            discounted(monthly(10_000), vec![percent_off(20, Duration::Once, "2024-01-01", Some("2024-02-01"))]),
            "2024-01-15",
            10_000,
        ),
        ("E10 500 off a year", discounted(yearly(120_000), vec![amount_off(50_000)]), "2024-01-01", 5_833),
        (
            "percent, then amount",
            discounted(monthly(10_000), vec![forever(50), amount_off(1_000)]),
            "2024-01-01",
            4_000,
        ),
        (
            "amount, then percent",
            discounted(monthly(10_000), vec![amount_off(1_000), forever(50)]),
            "2024-01-01",
            4_500,
        ),
        ("two of fifty", discounted(monthly(10_000), vec![forever(50), forever(50)]), "2024-01-01", 2_500),
        ("never below zero", discounted(monthly(10_000), vec![amount_off(20_000)]), "2024-01-01", 0),
        ("all of it", discounted(monthly(10_000), vec![forever(100)]), "2024-01-01", 0),
    ];
    for (name, snapshot, on, expected) in cases {
        assert_eq!(mrr(snapshot, on), *expected, "{name}");
    }
}

#[test]
fn the_standing_decides_what_counts() {
    let since = at("2024-01-01");
    let items = || monthly(10_000);
    let default = MrrPolicy::default();
    let without_past_due = MrrPolicy { past_due: PastDuePolicy::Exclude, ..default };
    let with_pauses = MrrPolicy { pause: PausePolicy::Include, ..default };
    let cases: &[(SubscriptionSnapshot, MrrPolicy, (i64, i64))] = &[
        (snapshot(Standing::Incomplete {}, items()), default, (0, 0)),
        (snapshot(Standing::IncompleteExpired { at: since }, items()), default, (0, 0)),
        (trialing(items()), default, (0, 10_000)),
        (active(items()), default, (10_000, 0)),
        (snapshot(Standing::PastDue { since }, items()), default, (10_000, 0)),
        (snapshot(Standing::PastDue { since }, items()), without_past_due, (0, 0)),
        (snapshot(Standing::Unpaid { since }, items()), default, (0, 0)),
        (paused(items()), default, (0, 0)),
        (paused(items()), with_pauses, (10_000, 0)),
        (canceled("2024-01-01", items()), default, (0, 0)),
        (snapshot(Standing::Canceled { at: since, reason: CancelReason::PaymentFailed }, items()), default, (0, 0)),
    ];
    for (snapshot, policy, expected) in cases {
        let found = subscription_mrr(snapshot, since, *policy).unwrap();
        assert_eq!((found.mrr_minor, found.trial_minor), *expected, "{:?}", snapshot.standing);
    }
}

#[test]
fn once_discounts_count_until_their_end_where_the_policy_says_so() {
    let policy = MrrPolicy { once_discounts: OnceDiscounts::UntilTheirEnd, ..MrrPolicy::default() };
    let ending = discounted(monthly(10_000), vec![percent_off(20, Duration::Once, "2024-01-01", Some("2024-02-01"))]);
    let endless = discounted(monthly(10_000), vec![percent_off(20, Duration::Once, "2024-01-01", None)]);
    let on = |snapshot, day| subscription_mrr(snapshot, at(day), policy).unwrap().mrr_minor;
    assert_eq!(
        [on(&ending, "2024-01-31"), on(&ending, "2024-02-01"), on(&endless, "2024-01-31")],
        [8_000, 10_000, 10_000]
    );
}

#[test]
fn tiers_are_priced_at_the_agreed_quantity_and_usage_not_at_all() {
    let tiers = vec![
        Tier { up_to: Some(5), unit_minor: Decimal::from(100), flat_minor: Decimal::ZERO },
        Tier { up_to: None, unit_minor: Decimal::new(505, 1), flat_minor: Decimal::from(300) },
    ];
    let with = |scheme, usage| {
        let mut line = item("plan", 0, Interval::MONTHLY, 8);
        line.price = Price { scheme, usage, ..line.price };
        mrr(&active(vec![line]), "2024-01-01")
    };
    assert_eq!(with(Scheme::Volume(tiers.clone()), Usage::Licensed), 704);
    // 5 × 1.00 + 3 × 0.505 + 3.00 = 9.515, rounded once.
    assert_eq!(with(Scheme::Graduated(tiers.clone()), Usage::Licensed), 952);
    assert_eq!(with(Scheme::Volume(tiers), Usage::Metered), 0);
}

#[test]
fn the_split_by_plan_sums_to_the_whole() {
    let thirds = ["c", "a", "b"].map(|plan| item(plan, 100, every(12, IntervalUnit::Month), 1)).to_vec();
    let found = subscription_mrr(&active(thirds), at("2024-01-01"), MrrPolicy::default()).unwrap();
    // 3 × 100/12 = 25: eight each, and the one left over goes to the lowest item id.
    let split: Vec<_> = found.by_plan.iter().map(|share| (share.plan.as_str(), share.mrr_minor)).collect();
    assert_eq!((found.mrr_minor, split), (25, vec![("a", 9), ("b", 8), ("c", 8)]));

    let discount = vec![percent_off(10, Duration::Forever, "2024-01-01", None)];
    let two = discounted(
        vec![item("a", 1_000, every(1, IntervalUnit::Month), 1), item("b", 24_000, every(1, IntervalUnit::Year), 1)],
        discount,
    );
    assert_eq!(
        subscription_mrr(&two, at("2024-01-01"), MrrPolicy::default()).unwrap(),
        SubscriptionMrr {
            currency: Currency::USD,
            mrr_minor: 2_700,
            gross_of_discount_minor: 3_000,
            trial_minor: 0,
            by_plan: vec![
                PlanShare { plan: PlanId::parse("a").unwrap(), mrr_minor: 900, trial_minor: 0 },
                PlanShare { plan: PlanId::parse("b").unwrap(), mrr_minor: 1_800, trial_minor: 0 },
            ],
        }
    );
}

#[test]
fn figures_beyond_calculation_are_an_error() {
    let absurd = active(vec![item("plan", i64::MAX, every(1, IntervalUnit::Day), u64::MAX)]);
    assert_eq!(subscription_mrr(&absurd, at("2024-01-01"), MrrPolicy::default()), Err(MrrError::TooLarge));
}

proptest! {
    #[test]
    fn shares_always_sum_to_the_subscription(
        lines in proptest::collection::vec((0_i64..100_000_000, 0_usize..4, 1_u32..5, 0_u64..50, 0_usize..3), 0..6),
        percent in 0_i64..=100,
        off_minor in 0_i64..50_000,
    ) {
        let units = [IntervalUnit::Day, IntervalUnit::Week, IntervalUnit::Month, IntervalUnit::Year];
        let items = lines
            .iter()
            .map(|(minor, unit, count, quantity, plan)| item(["a", "b", "c"][*plan], *minor, every(*count, units[*unit]), *quantity))
            .collect();
        let discounts = vec![percent_off(percent, Duration::Forever, "2024-01-01", None), amount_off(off_minor)];
        let found = subscription_mrr(&discounted(items, discounts), at("2024-01-01"), MrrPolicy::default()).unwrap();
        prop_assert!(found.mrr_minor >= 0 && found.mrr_minor <= found.gross_of_discount_minor);
        prop_assert_eq!(found.by_plan.iter().map(|share| share.mrr_minor).sum::<i64>(), found.mrr_minor);
    }
}
