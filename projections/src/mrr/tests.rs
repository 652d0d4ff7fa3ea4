//! What movements and balances come of subscription events, row by row.

use domain::event::LedgerEvent;
use domain::id::{CustomerId, PlanId, SubscriptionId};
use domain::money::Currency;
use domain::mrr::{LogoChange, MovementType, Reason};
use domain::origin::Origin;
use domain::price::{Interval, Item, Price};
use domain::stamp::Stamp;
use domain::subscription::{
    CancelReason, Collection, CycleMove, Standing, Status, SubscriptionChange, SubscriptionEvent, SubscriptionSnapshot,
    Terms,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{BalanceRow, MovementRow, OPEN, TimelineRow};
use crate::record::Record;
use crate::testing::{assert_round_trip, at, entry, fold_records, micros, projection};

/// A subscription of `cus_1` to one plan, with so many minor units a month.
pub fn snapshot(standing: Standing, currency: Currency, minor: i64) -> SubscriptionSnapshot {
    let start = at("2023-01-01T00:00:00Z");
    let price = Price::per_unit(minor, currency, Some(Interval::MONTHLY));
    SubscriptionSnapshot {
        customer: CustomerId::parse("cus_1").unwrap(),
        origin: Origin::Daybook,
        standing,
        terms: Terms {
            items: vec![Item {
                id: None,
                plan: PlanId::parse("elite").unwrap(),
                name: None,
                price,
                quantity: 1,
                version: None,
                billing: domain::pricing::Billing::InAdvance,
                metric: None,
            }],
            currency,
            created_at: start,
            started_at: start,
            anchor: start,
            period: None,
            trial: None,
            discounts: vec![],
            cancel_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            collection: Collection::ChargeAutomatically,
            pause_collection: None,
            payment_method: None,
            latest_invoice: None,
            metadata: None,
            anchor_rule: None,
            zone: None,
            billed: Vec::new(),
            scheduled: None,
            trial_end_announced: false,
            days_until_due: None,
            cycle_move: CycleMove::default(),
        },
    }
}

pub fn active(minor: i64) -> SubscriptionSnapshot {
    snapshot(Standing::Active {}, Currency::USD, minor)
}

pub fn canceled(on: &str, minor: i64) -> SubscriptionSnapshot {
    let standing = Standing::Canceled { at: at(on), reason: CancelReason::Requested };
    snapshot(standing, Currency::USD, minor)
}

pub fn event(
    customer: &str,
    subscription: &str,
    at: Timestamp,
    change: SubscriptionChange,
    after: Option<SubscriptionSnapshot>,
) -> LedgerEvent {
    LedgerEvent::Subscription(SubscriptionEvent {
        at,
        subscription: SubscriptionId::parse(subscription).unwrap(),
        customer: CustomerId::parse(customer).unwrap(),
        change,
        after: after.map(Box::new),
    })
}

/// A processor's report: of the newest state, or too late for that.
pub fn report(
    customer: &str,
    subscription: &str,
    created: Timestamp,
    (id, late): (&str, bool),
    said: SubscriptionSnapshot,
) -> LedgerEvent {
    let stamp = Stamp { phase: 0, created, rank: 0, event: id.to_owned(), digest: 0, before: None };
    let told = late.then(|| Box::new(said.clone()));
    let change = SubscriptionChange::SubscriptionReported { stamp, snapshot: told };
    event(customer, subscription, created, change, (!late).then_some(said))
}

/// Records at positions from 1, each event with an id made of its position.
pub fn records(events: &[LedgerEvent]) -> Vec<Record> {
    let numbered = events.iter().zip(1_i64..);
    numbered
        .map(|(event, position)| Record::new(store::Entry { event_id: id(position), ..entry(position, event) }))
        .collect()
}

fn id(position: i64) -> Uuid {
    Uuid::from_u128(u128::from(position.unsigned_abs()))
}

fn ids(positions: &[i64]) -> Vec<String> {
    positions.iter().map(|position| id(*position).to_string()).collect()
}

pub fn movements(records: &[Record]) -> Vec<MovementRow> {
    fold_records(&projection("mrr"), records).unwrap()
}

pub fn balances(records: &[Record]) -> Vec<BalanceRow> {
    fold_records(&projection("mrr"), records).unwrap()
}

fn ours(on: &str, change: SubscriptionChange, after: SubscriptionSnapshot) -> LedgerEvent {
    event("cus_1", "sub_1", at(on), change, Some(after))
}

const JANUARY: &str = "2024-01-01T00:00:00Z";
const FEBRUARY: &str = "2024-02-01T00:00:00Z";
const MARCH: &str = "2024-03-01T00:00:00Z";
const MAY: &str = "2024-05-01T00:00:00Z";

fn moved(on: &str, positions: (i64, i64), kind: MovementType, (before, after): (i64, i64)) -> MovementRow {
    MovementRow {
        tenant: "coaching".to_owned(),
        customer_id: "cus_1".to_owned(),
        currency: "USD".to_owned(),
        effective_at: micros(on),
        from_position: positions.0,
        to_position: positions.1,
        kind,
        reason: None,
        before_minor: before,
        after_minor: after,
        amount_minor: (after - before).abs(),
        logo: None,
        logo_churn: false,
        event_ids: ids(&[positions.0]),
    }
}

fn worth(from: &str, to: Option<&str>, positions: (i64, i64), minor: i64, events: &[i64]) -> BalanceRow {
    BalanceRow {
        tenant: "coaching".to_owned(),
        customer_id: "cus_1".to_owned(),
        subscription_id: "sub_1".to_owned(),
        plan_id: "elite".to_owned(),
        currency: "USD".to_owned(),
        effective_from: micros(from),
        from_position: positions.0,
        effective_to: to.map_or(OPEN, micros),
        to_position: positions.1,
        mrr_minor: minor,
        trial_minor: 0,
        status: Status::Active,
        event_ids: ids(events),
    }
}

#[test]
fn each_change_is_a_movement_and_ends_a_balance() {
    use SubscriptionChange as C;
    let cause = CancelReason::Requested;
    let log = records(&[
        ours(JANUARY, C::SubscriptionCreated {}, active(10_000)),
        ours(FEBRUARY, C::SubscriptionRenewed {}, active(10_000)),
        ours(MARCH, C::SubscriptionItemsChanged {}, active(15_000)),
        ours(MAY, C::SubscriptionCanceled { cause, reason: None, feedback: None }, canceled(MAY, 15_000)),
    ]);
    let new = MovementRow { logo: Some(LogoChange::New), ..moved(JANUARY, (1, OPEN), MovementType::New, (0, 10_000)) };
    let expanded = MovementRow {
        reason: Some(Reason::ItemsChanged),
        ..moved(MARCH, (3, OPEN), MovementType::Expansion, (10_000, 15_000))
    };
    let lost = MovementRow {
        reason: Some(Reason::Voluntary),
        logo: Some(LogoChange::Churned),
        logo_churn: true,
        ..moved(MAY, (4, OPEN), MovementType::Churn, (15_000, 0))
    };
    let rows = movements(&log);
    assert_eq!(rows, [new, expanded, lost]);
    rows.iter().for_each(assert_round_trip);
    let rows = balances(&log);
    let expected = [
        worth(JANUARY, None, (1, 3), 10_000, &[1]),
        worth(JANUARY, Some(MARCH), (3, OPEN), 10_000, &[1]),
        worth(MARCH, None, (3, 4), 15_000, &[3]),
        worth(MARCH, Some(MAY), (4, OPEN), 15_000, &[3]),
    ];
    assert_eq!(rows, expected);
    rows.iter().for_each(assert_round_trip);
    let timelines: Vec<TimelineRow> = fold_records(&projection("mrr"), &log).unwrap();
    assert_eq!(
        timelines.iter().map(|row| (row.customer_id.as_str(), row.position)).collect::<Vec<_>>(),
        [("cus_1", 4)]
    );
    assert_round_trip(&timelines[0]);
}

#[test]
fn a_backdated_report_closes_rows_and_opens_others() {
    let told = |on: &str, id: &str, late: bool, minor: i64| report("cus_1", "sub_1", at(on), (id, late), active(minor));
    let log = records(&[
        told(JANUARY, "evt_1", false, 10_000),
        told(MARCH, "evt_2", false, 15_000),
        told(FEBRUARY, "evt_3", true, 12_000),
    ]);
    let new = MovementRow { logo: Some(LogoChange::New), ..moved(JANUARY, (1, OPEN), MovementType::New, (0, 10_000)) };
    let late = moved(FEBRUARY, (3, OPEN), MovementType::Expansion, (10_000, 12_000));
    let before = moved(MARCH, (2, 3), MovementType::Expansion, (10_000, 15_000));
    let after =
        MovementRow { event_ids: ids(&[2]), ..moved(MARCH, (3, OPEN), MovementType::Expansion, (12_000, 15_000)) };
    assert_eq!(movements(&log), [new, late, before, after]);
    let expected = [
        worth(JANUARY, None, (1, 2), 10_000, &[1]),
        worth(JANUARY, Some(MARCH), (2, 3), 10_000, &[1]),
        worth(JANUARY, Some(FEBRUARY), (3, OPEN), 10_000, &[1]),
        worth(FEBRUARY, Some(MARCH), (3, OPEN), 12_000, &[3]),
        worth(MARCH, None, (2, OPEN), 15_000, &[2]),
    ];
    assert_eq!(balances(&log), expected);
}

#[test]
fn what_changes_no_amount_writes_no_row() {
    use SubscriptionChange as C;
    let created = || ours(JANUARY, C::SubscriptionCreated {}, active(10_000));
    let first = (movements(&records(&[created()])), balances(&records(&[created()])));
    let idle = [
        ours(FEBRUARY, C::SubscriptionRenewed {}, active(10_000)),
        ours(FEBRUARY, C::SubscriptionCancellationScheduled { reason: None, feedback: None }, active(10_000)),
        ours(FEBRUARY, C::SubscriptionTrialExtended {}, active(10_000)),
        event("cus_1", "sub_1", at(FEBRUARY), C::SubscriptionPastDue { invoice: None }, None),
        report("cus_1", "sub_1", at(FEBRUARY), ("evt_1", false), active(10_000)),
    ];
    for event in idle {
        let log = records(&[created(), event.clone()]);
        assert_eq!((movements(&log), balances(&log)), first, "{event:?}");
    }
    let unknown = [event("cus_1", "sub_1", at(FEBRUARY), C::SubscriptionPastDue { invoice: None }, None)];
    assert_eq!(fold_records::<TimelineRow>(&projection("mrr"), &records(&unknown)), Ok(vec![]));
}
