//! What subscriptions' rows become.

use domain::event::LedgerEvent;
use domain::id::{CustomerId, PlanId, SubscriptionId};
use domain::money::Currency;
use domain::origin::Origin;
use domain::price::{Interval, Item, Price};
use domain::subscription::{
    CancelReason, Collection, CycleMove, Standing, Status, SubscriptionChange, SubscriptionEvent, SubscriptionSnapshot,
    Terms,
};
use domain::time::Period;

use super::row::SubscriptionRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

fn item(plan: &str, minor: i64, quantity: u64, interval: Option<Interval>) -> Item {
    let price = Price::per_unit(minor, Currency::USD, interval);
    Item {
        id: None,
        plan: PlanId::parse(plan).unwrap(),
        name: Some("Elite".to_owned()),
        price,
        quantity,
        version: None,
        billing: domain::pricing::Billing::InAdvance,
        metric: None,
    }
}

/// A monthly subscription of `cus_1`, active since 2024.
pub fn snapshot() -> SubscriptionSnapshot {
    let start = at("2024-01-01T00:00:00Z");
    SubscriptionSnapshot {
        customer: CustomerId::parse("cus_1").unwrap(),
        origin: Origin::Daybook,
        standing: Standing::Active {},
        terms: Terms {
            items: vec![
                item("elite", 5_000, 2, Some(Interval::MONTHLY)),
                item("seats", 150, 3, Some(Interval::MONTHLY)),
                item("setup", 9_900, 1, None),
            ],
            currency: Currency::USD,
            created_at: start,
            started_at: start,
            anchor: start,
            period: Some(Period { start, end: at("2024-02-01T00:00:00Z") }),
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

fn event(moment: &str, change: SubscriptionChange, after: Option<SubscriptionSnapshot>) -> LedgerEvent {
    LedgerEvent::Subscription(SubscriptionEvent {
        at: at(moment),
        subscription: SubscriptionId::parse("sub_1").unwrap(),
        customer: CustomerId::parse("cus_1").unwrap(),
        change,
        after: after.map(Box::new),
    })
}

#[test]
fn a_subscription_is_what_its_last_event_left() {
    let mut ended = snapshot();
    let end = at("2024-01-20T00:00:00Z");
    ended.standing = Standing::Canceled { at: end, reason: CancelReason::Requested };
    ended.terms.canceled_at = Some(end);
    let canceled =
        SubscriptionChange::SubscriptionCanceled { cause: CancelReason::Requested, reason: None, feedback: None };
    let rows = fold_all::<SubscriptionRow>(
        &projection("subscriptions"),
        &[
            event("2024-01-01T00:00:00Z", SubscriptionChange::SubscriptionCreated {}, Some(snapshot())),
            event("2024-01-20T00:00:00Z", canceled, Some(ended.clone())),
            event("2024-01-21T00:00:00Z", SubscriptionChange::SubscriptionResumed {}, None),
        ],
    )
    .unwrap();
    let expected = SubscriptionRow {
        tenant: "coaching".to_owned(),
        subscription_id: "sub_1".to_owned(),
        customer_id: "cus_1".to_owned(),
        origin: Origin::Daybook,
        status: Status::Canceled,
        plan_id: Some("elite".to_owned()),
        plan_name: Some("Elite".to_owned()),
        quantity: 2,
        amount_minor: 10_450,
        currency: "USD".to_owned(),
        interval_unit: Some("month".to_owned()),
        interval_count: Some(1),
        period_start_at: Some(micros("2024-01-01T00:00:00Z")),
        period_end_at: Some(micros("2024-02-01T00:00:00Z")),
        trial_start_at: None,
        trial_end_at: None,
        anchor_at: micros("2024-01-01T00:00:00Z"),
        cancel_at: None,
        cancel_at_period_end: false,
        canceled_at: Some(end.as_microsecond()),
        ended_at: Some(end.as_microsecond()),
        paused_until_at: None,
        payment_method_id: None,
        latest_invoice_id: None,
        created_at: micros("2024-01-01T00:00:00Z"),
        created_position: 1,
        snapshot: Box::new(ended),
        position: 2,
    };
    assert_eq!(rows, [expected]);
    assert_round_trip(&rows[0]);
}
