//! What must hold for any history told in any order: invariants I1 to I3 of revenue.md §1.3, and that the order of
//! telling never shows.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::testing::{active, at, canceled, discounted, every, item, item_in, paused, percent_off, snapshot, trialing};
use super::{Observed, Opening, Order, Timeline, balances, movements, mrr_at, waterfall};
use crate::id::SubscriptionId;
use crate::money::Currency;
use crate::price::{Duration, IntervalUnit, Item};
use crate::stamp::Stamp;
use crate::subscription::{Standing, SubscriptionSnapshot};
use crate::time::Period;

#[derive(Debug, Clone)]
struct Told {
    subscription: usize,
    day: i64,
    snapshot: SubscriptionSnapshot,
    step_key: Option<&'static str>,
}

fn day(number: i64) -> Timestamp {
    at("2024-01-01").saturating_add(SignedDuration::from_hours(24 * number)).unwrap()
}

fn any_items() -> impl Strategy<Value = Vec<Item>> {
    let units = [IntervalUnit::Week, IntervalUnit::Month, IntervalUnit::Year];
    let line = (0_usize..2, 0_i64..5_000, 0_usize..3, 1_u64..4, any::<bool>());
    proptest::collection::vec(line, 1..3).prop_map(move |lines| {
        let euros = lines[0].4;
        lines
            .into_iter()
            .map(|(plan, minor, unit, quantity, _)| {
                let (plan, interval) = (["a", "b"][plan], every(1, units[unit]));
                if euros {
                    item_in(Currency::EUR, plan, minor, interval, quantity)
                } else {
                    item(plan, minor, interval, quantity)
                }
            })
            .collect()
    })
}

fn any_told() -> impl Strategy<Value = Told> {
    (0_usize..3, 0_i64..40, 0_u8..10, any_items(), 0_u8..4).prop_map(|(subscription, on, kind, items, step)| {
        let snapshot = match kind {
            0 => paused(items),
            1 => trialing(items),
            2 => canceled(day(on).to_string().as_str(), items),
            3 => snapshot(Standing::Unpaid { since: day(on) }, items),
            4 => snapshot(Standing::PastDue { since: day(on) }, items),
            5 => discounted(
                items,
                vec![percent_off(50, Duration::Repeating { months: 1 }, "2024-01-01", Some("2024-01-21"))],
            ),
            _ => active(items),
        };
        Told { subscription, day: on, snapshot, step_key: (step == 0).then_some("act") }
    })
}

/// A processor's report, which can arrive in any order; our own events come in the order of their stream.
fn reported(index: usize, created: Timestamp) -> Order {
    Order::Reported(Stamp { phase: 0, created, rank: 0, event: format!("evt_{index:03}"), digest: 0, before: None })
}

fn told_in_order(history: &[Told], order: &[usize]) -> Timeline {
    let mut timeline = Timeline::default();
    for &index in order {
        let told = &history[index];
        let observed = Observed {
            subscription: &SubscriptionId::parse(&format!("sub_{}", told.subscription)).unwrap(),
            snapshot: &told.snapshot,
            effective_at: day(told.day),
            order: reported(index, day(told.day)),
            position: i64::try_from(index).unwrap() + 1,
            event_id: &format!("e{index}"),
            step_key: told.step_key,
            cause: None,
        };
        timeline.record(&observed).unwrap();
    }
    timeline
}

fn history_and_order() -> impl Strategy<Value = (Vec<Told>, Vec<usize>)> {
    proptest::collection::vec(any_told(), 0..25).prop_flat_map(|history| {
        let order: Vec<usize> = (0..history.len()).collect();
        (Just(history), Just(order).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn the_order_of_telling_never_shows((history, order) in history_and_order()) {
        let in_order: Vec<usize> = (0..history.len()).collect();
        let (straight, shuffled) = (told_in_order(&history, &in_order), told_in_order(&history, &order));
        prop_assert_eq!(movements(&straight), movements(&shuffled));
        prop_assert_eq!(balances(&straight), balances(&shuffled));
        prop_assert_eq!(straight, shuffled);
    }

    #[test]
    fn movements_lead_from_opening_to_closing_balance((history, order) in history_and_order(), from in 0_i64..45, days in 0_i64..30) {
        let timeline = told_in_order(&history, &order);
        let (all, rows) = (movements(&timeline), balances(&timeline));
        let period = Period { start: day(from), end: day(from + days) };
        let just_before = |instant: Timestamp| instant.saturating_sub(SignedDuration::from_micros(1)).unwrap();
        let (open, close) = (mrr_at(&rows, just_before(period.start)), mrr_at(&rows, just_before(period.end)));
        for currency in [Currency::EUR, Currency::USD] {
            let opening = Opening { mrr_minor: open.get(&currency).copied().unwrap_or(0), ..Opening::default() };
            let own = all.iter().filter(|movement| movement.currency == currency);
            let rolled = waterfall(opening, own, period);
            prop_assert_eq!(rolled.closing_minor(), close.get(&currency).copied().unwrap_or(0), "I1");
        }
        let opening = Opening { customers: i64::from(!open.is_empty()), ..Opening::default() };
        let rolled = waterfall(opening, &all, period);
        prop_assert_eq!(rolled.closing_customers(), i64::from(!close.is_empty()), "I2");
        let whole = waterfall(Opening::default(), &all, Period { start: Timestamp::MIN, end: Timestamp::MAX });
        prop_assert!((0..=1).contains(&whole.closing_paused_customers()));
    }

    #[test]
    fn rows_are_well_formed((history, order) in history_and_order()) {
        let timeline = told_in_order(&history, &order);
        let mut running: BTreeMap<Currency, i64> = BTreeMap::new();
        for movement in movements(&timeline) {
            let total = running.entry(movement.currency).or_default();
            prop_assert_eq!(movement.before_minor, *total);
            prop_assert_eq!(movement.amount_minor, (movement.after_minor - movement.before_minor).abs());
            prop_assert!(movement.amount_minor > 0 || movement.logo_churn());
            prop_assert!(!movement.event_ids.is_empty() && movement.position > 0, "I6");
            *total = movement.after_minor;
        }
        let rows = balances(&timeline);
        for row in &rows {
            prop_assert!(row.effective_to.is_none_or(|end| row.effective_from < end), "no balance is empty");
            let same = |other: &&super::Balance| (&other.subscription, &other.plan) == (&row.subscription, &row.plan) && other.holds_at(row.effective_from);
            prop_assert_eq!(rows.iter().filter(same).count(), 1, "no two hold at once");
        }
    }
}
