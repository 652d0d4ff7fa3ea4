//! Do the processor's reports of a subscription leave the same one in any order?

use proptest::prelude::*;

use super::super::*;
use super::decide;
use crate::origin::Origin;
use crate::samples::subscription::{NOW, created, snapshot, terms};
use crate::samples::{at, customer_id, fold, run, stamp, subscription_id};
use crate::stamp::{Stamp, digest};

fn told(standing: Standing) -> SubscriptionSnapshot {
    SubscriptionSnapshot { origin: Origin::Stripe, ..snapshot(standing) }
}

fn report(stamp: &Stamp, snapshot: &SubscriptionSnapshot) -> SubscriptionCommand {
    SubscriptionCommand::Report { id: subscription_id(), stamp: stamp.clone(), snapshot: Box::new(snapshot.clone()) }
}

fn reported(
    stamp: &Stamp,
    told: Option<&SubscriptionSnapshot>,
    after: Option<&SubscriptionSnapshot>,
) -> SubscriptionEvent {
    SubscriptionEvent {
        at: stamp.created,
        subscription: subscription_id(),
        customer: customer_id(),
        change: SubscriptionChange::SubscriptionReported {
            stamp: stamp.clone(),
            snapshot: told.map(|told| Box::new(told.clone())),
        },
        after: after.map(|after| Box::new(after.clone())),
    }
}

#[test]
fn a_late_report_is_recorded_and_changes_nothing() {
    let now = "2024-02-01T00:00:00Z";
    let (active, due) = (told(Standing::Active {}), told(Standing::PastDue { since: at(now) }));
    let (old, new) = (stamp("evt_2", "2024-01-01T00:00:00Z", 1), stamp("evt_1", "2024-01-02T00:00:00Z", 1));
    let newest = || vec![reported(&new, None, Some(&due))];
    assert_eq!(decide(vec![], now, report(&new, &due)), Ok(newest()), "first");
    assert_eq!(decide(newest(), now, report(&new, &due)), Ok(vec![]), "again");
    assert_eq!(decide(newest(), now, report(&old, &active)), Ok(vec![reported(&old, Some(&active), None)]), "older");
    let oldest = vec![reported(&old, None, Some(&active))];
    assert_eq!(decide(oldest, now, report(&new, &due)), Ok(newest()), "newer");
    let ended = told(Standing::Canceled { at: at(now), reason: CancelReason::Requested });
    let gone = Stamp { phase: 1, ..stamp("evt_0", "2024-01-01T12:00:00Z", 2) };
    let over = [newest(), vec![reported(&gone, None, Some(&ended))]].concat();
    assert_eq!(decide(newest(), now, report(&gone, &ended)), Ok(over[1..].to_vec()), "a phase beats the time");
    assert_eq!(fold::<Subscription>(&over).snapshot(), Some(&ended));
}

/// The sandbox's own webhooks come back as reports of what we bill.
#[test]
fn a_report_of_what_we_bill_ourselves_changes_nothing() {
    let ours = created(Standing::Active {}, terms());
    let canceled = told(Standing::Canceled { at: at(NOW), reason: CancelReason::Requested });
    for snapshot in [told(Standing::Active {}), canceled] {
        assert_eq!(decide(ours.clone(), NOW, report(&stamp("evt_1", NOW, 1), &snapshot)), Ok(vec![]));
    }
}

fn reports() -> impl Strategy<Value = Vec<SubscriptionCommand>> {
    let row = (0_i64..3, 0_u8..3, 0_u8..8, 0_i64..4, prop::option::of(0_i64..4));
    prop::collection::vec(row, 1..12).prop_map(|rows| {
        let numbered = rows.into_iter().enumerate();
        let due = |day: i64| told(Standing::PastDue { since: jiff::Timestamp::from_second(day * 86_400).unwrap() });
        numbered
            .map(|(index, (second, rank, phase, day, before))| {
                let stamp = Stamp {
                    phase: phase / 7,
                    created: jiff::Timestamp::from_second(1_706_745_600 + second).unwrap(),
                    rank,
                    event: format!("evt_{}", (index * 7) % 17),
                    digest: digest(&due(day)),
                    before: before.map(|day| digest(&due(day))),
                };
                report(&stamp, &due(day))
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn reports_in_any_order_leave_the_same_subscription(
        (once, shuffled) in reports().prop_flat_map(|reports| {
            let thrice: Vec<_> = reports.iter().chain(&reports).chain(&reports).cloned().collect();
            (Just(reports), Just(thrice).prop_shuffle())
        }),
    ) {
        let (expected, _) = run::<Subscription>(once);
        let (state, events) = run::<Subscription>(shuffled);
        prop_assert_eq!(&state, &expected);
        prop_assert_eq!(fold::<Subscription>(&events), expected);
    }
}
