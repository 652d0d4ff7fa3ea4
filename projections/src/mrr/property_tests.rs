//! What must hold of the rows of any history told in any order: movements add up to balances whatever the position
//! they are looked at from, and what was known at a position never changes.

use std::collections::BTreeMap;

use domain::event::LedgerEvent;
use domain::money::Currency;
use domain::subscription::{CancelReason, Standing};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::tests::{balances, movements, records, report, snapshot};
use super::{BalanceRow, MovementRow, OPEN};
use crate::testing::at;

fn day(number: i64) -> Timestamp {
    at("2024-01-01T00:00:00Z").saturating_add(SignedDuration::from_hours(24 * number)).unwrap()
}

/// A report of one of three subscriptions of two customers.
fn any_report() -> impl Strategy<Value = (usize, i64, u8, bool, i64)> {
    (0_usize..3, 0_i64..30, 0_u8..6, any::<bool>(), 0_i64..5_000)
}

fn any_history() -> impl Strategy<Value = Vec<LedgerEvent>> {
    proptest::collection::vec(any_report(), 1..16).prop_map(|reports| {
        let told = |(index, (subscription, on, kind, euros, minor)): (usize, (usize, i64, u8, bool, i64))| {
            let standing = match kind {
                0 => Standing::Paused { since: day(on), resumes_at: None, past_due_since: None },
                1 => Standing::Canceled { at: day(on), reason: CancelReason::PaymentFailed },
                2 => Standing::Unpaid { since: day(on) },
                _ => Standing::Active {},
            };
            let currency = if euros { Currency::EUR } else { Currency::USD };
            let customer = ["cus_1", "cus_1", "cus_2"][subscription];
            let said = snapshot(standing, currency, minor);
            report(customer, &format!("sub_{subscription}"), day(on), (&format!("evt_{index:03}"), true), said)
        };
        reports.into_iter().enumerate().map(told).collect()
    })
}

fn known_at(from_position: i64, to_position: i64, as_of: i64) -> bool {
    from_position <= as_of && as_of < to_position
}

fn movements_as_of(rows: &[MovementRow], as_of: i64) -> Vec<MovementRow> {
    let known = rows.iter().filter(|row| known_at(row.from_position, row.to_position, as_of));
    known.map(|row| MovementRow { to_position: OPEN, ..row.clone() }).collect()
}

fn balances_as_of(rows: &[BalanceRow], as_of: i64) -> Vec<BalanceRow> {
    let known = rows.iter().filter(|row| known_at(row.from_position, row.to_position, as_of));
    known.map(|row| BalanceRow { to_position: OPEN, ..row.clone() }).collect()
}

type Sums = BTreeMap<(String, String), i64>;

/// MRR by customer and currency just before an instant, as movements and as balances have it.
fn both_sums(moved: &[MovementRow], worth: &[BalanceRow], instant: i64) -> (Sums, Sums) {
    let (mut by_movements, mut by_balances) = (Sums::new(), Sums::new());
    for row in moved.iter().filter(|row| row.effective_at < instant) {
        *by_movements.entry((row.customer_id.clone(), row.currency.clone())).or_default() +=
            row.after_minor - row.before_minor;
    }
    for row in worth.iter().filter(|row| row.effective_from < instant && instant <= row.effective_to) {
        *by_balances.entry((row.customer_id.clone(), row.currency.clone())).or_default() += row.mrr_minor;
    }
    by_movements.retain(|_, minor| *minor != 0);
    by_balances.retain(|_, minor| *minor != 0);
    (by_movements, by_balances)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_position_keeps_its_figures_and_they_add_up(events in any_history()) {
        let log = records(&events);
        let (moved, worth) = (movements(&log), balances(&log));
        for as_of in 1..=i64::try_from(events.len()).unwrap() {
            let prefix = records(&events[..usize::try_from(as_of).unwrap()]);
            let (moved_then, worth_then) = (movements_as_of(&moved, as_of), balances_as_of(&worth, as_of));
            prop_assert_eq!(&moved_then, &movements_as_of(&movements(&prefix), as_of));
            prop_assert_eq!(&worth_then, &balances_as_of(&balances(&prefix), as_of));
            for instant in [0, 7, 15, 30, 31].map(|number| day(number).as_microsecond()) {
                let (by_movements, by_balances) = both_sums(&moved_then, &worth_then, instant);
                prop_assert_eq!(by_movements, by_balances, "I1 as of {}", as_of);
            }
            prop_assert!(moved_then.iter().all(|row| !row.event_ids.is_empty()), "I6");
        }
    }
}
