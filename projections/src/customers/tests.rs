//! What customers' rows become.

use std::collections::BTreeMap;

use domain::customer::{CustomerChange, CustomerEvent, CustomerSnapshot, Profile};
use domain::event::LedgerEvent;
use domain::id::{CustomerId, PaymentId, SubscriptionId};
use domain::money::Currency;
use domain::origin::Origin;
use domain::payment::{Credit, PaymentChange, PaymentEvent, PaymentStatus, RefundReport, RefundStatus};
use domain::sealed::{BlindIndex, Sealed};
use domain::subscription::{CancelReason, Standing, Status, SubscriptionChange, SubscriptionEvent};

use super::row::{CustomerRow, LifecycleStage};
use crate::payments::tests::snapshot as payment_snapshot;
use crate::subscriptions::tests::snapshot as subscription_snapshot;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

fn customer(change: CustomerChange, moment: &str, after: Option<CustomerSnapshot>) -> LedgerEvent {
    let customer = CustomerId::parse("cus_1").unwrap();
    LedgerEvent::Customer(CustomerEvent { at: at(moment), customer, change, after })
}

fn known() -> CustomerSnapshot {
    CustomerSnapshot {
        profile: Profile {
            email: Some(Sealed::from_ciphertext("v1:cus_1:mail".to_owned())),
            email_index: Some(BlindIndex::from_hash("index".to_owned())),
            country: Some("US".to_owned()),
            currency: Some(Currency::USD),
            ..Profile::default()
        },
        origin: Origin::Stripe,
        created_at: Some(at("2024-01-01T00:00:00Z")),
        balance_minor: -500,
        ..CustomerSnapshot::default()
    }
}

fn subscription(id: &str, moment: &str, standing: Standing) -> LedgerEvent {
    let mut after = subscription_snapshot();
    after.standing = standing;
    LedgerEvent::Subscription(SubscriptionEvent {
        at: at(moment),
        subscription: SubscriptionId::parse(id).unwrap(),
        customer: CustomerId::parse("cus_1").unwrap(),
        change: SubscriptionChange::SubscriptionCreated {},
        after: Some(Box::new(after)),
    })
}

fn payment(moment: &str, delta: i64) -> LedgerEvent {
    let refund = RefundReport {
        id: "re_1".to_owned(),
        status: RefundStatus::Succeeded,
        amount_minor: 0,
        currency: Currency::USD,
        created_at: at(moment),
        reason: None,
    };
    LedgerEvent::Payment(PaymentEvent {
        at: at(moment),
        payment: PaymentId::parse("pay_1").unwrap(),
        change: PaymentChange::PaymentRefunded { refund },
        collected_delta_minor: delta,
        reattributed: vec![],
        after: Some(Box::new(payment_snapshot(PaymentStatus::Succeeded))),
    })
}

fn row_of(events: &[LedgerEvent]) -> CustomerRow {
    let rows = fold_all::<CustomerRow>(&projection("customers"), events).unwrap();
    assert_eq!(rows.len(), 1);
    rows[0].clone()
}

#[test]
fn a_customer_is_what_its_events_say() {
    let row = row_of(&[
        customer(CustomerChange::CustomerCreated {}, "2024-01-01T00:00:00Z", Some(known())),
        subscription("sub_1", "2024-01-02T00:00:00Z", Standing::Active {}),
        payment("2024-01-02T00:00:01Z", 50_000),
        payment("2024-01-05T00:00:00Z", -20_000),
    ]);
    let expected = CustomerRow {
        tenant: "coaching".to_owned(),
        customer_id: "cus_1".to_owned(),
        origin: Origin::Stripe,
        email: Some(Sealed::from_ciphertext("v1:cus_1:mail".to_owned())),
        email_index: Some("index".to_owned()),
        first_name: None,
        last_name: None,
        name: None,
        phone: None,
        company: None,
        address: None,
        country: Some("US".to_owned()),
        currency: Some("USD".to_owned()),
        metadata: None,
        acquisition_source: None,
        created_at: micros("2024-01-01T00:00:00Z"),
        created_position: Some(1),
        last_activity_at: micros("2024-01-05T00:00:00Z"),
        has_activity: true,
        default_payment_method: None,
        balance_minor: -500,
        delinquent: false,
        deleted: false,
        lifecycle_stage: LifecycleStage::Active,
        subscriptions: BTreeMap::from([("sub_1".to_owned(), Status::Active)]),
        lifetime_value: BTreeMap::from([("USD".to_owned(), 30_000)]),
        lifetime_value_minor: 30_000,
        position: 4,
    };
    assert_eq!(row, expected);
    assert_round_trip(&row);
}

#[test]
fn what_others_say_is_kept_until_the_customer_is_known() {
    let before =
        [payment("2024-01-03T00:00:00Z", 700), subscription("sub_1", "2024-01-02T00:00:00Z", Standing::Active {})];
    let unknown = row_of(&before);
    assert_eq!((unknown.created_position, unknown.lifetime_value_minor), (None, 700));
    let mentioned = customer(CustomerChange::CustomerMentioned {}, "2024-01-01T12:00:00Z", None);
    let row = row_of(&[&before[..], &[mentioned]].concat());
    assert_eq!((row.created_position, row.created_at), (Some(3), micros("2024-01-01T12:00:00Z")));
    assert_eq!(row.last_activity_at, micros("2024-01-03T00:00:00Z"));
    let created = customer(CustomerChange::CustomerUpdated {}, "2024-01-04T00:00:00Z", Some(known()));
    let row = row_of(&[&before[..], &[created]].concat());
    assert_eq!((row.created_at, row.lifecycle_stage), (micros("2024-01-01T00:00:00Z"), LifecycleStage::Active));
}

#[test]
fn the_stage_is_that_of_the_best_subscription() {
    let since = at("2024-01-02T00:00:00Z");
    let ended = || Standing::Canceled { at: since, reason: CancelReason::Requested };
    let trial = || Standing::Trialing { trial: domain::time::Period { start: since, end: since } };
    let paused = || Standing::Paused { since, resumes_at: None, past_due_since: None };
    let cases: Vec<(Vec<Standing>, LifecycleStage)> = vec![
        (vec![], LifecycleStage::Prospect),
        (vec![Standing::Incomplete {}], LifecycleStage::Prospect),
        (vec![Standing::IncompleteExpired { at: since }], LifecycleStage::Prospect),
        (vec![ended()], LifecycleStage::Churned),
        (vec![ended(), Standing::Incomplete {}], LifecycleStage::Churned),
        (vec![ended(), paused()], LifecycleStage::Paused),
        (vec![paused(), trial()], LifecycleStage::Trial),
        (vec![trial(), Standing::Unpaid { since }], LifecycleStage::PastDue),
        (vec![Standing::PastDue { since }, trial()], LifecycleStage::PastDue),
        (vec![Standing::Active {}, Standing::PastDue { since }, ended()], LifecycleStage::Active),
    ];
    for (standings, expected) in cases {
        let mut events = vec![customer(CustomerChange::CustomerCreated {}, "2024-01-01T00:00:00Z", Some(known()))];
        for (number, standing) in standings.iter().enumerate() {
            events.push(subscription(&format!("sub_{number}"), "2024-01-02T00:00:00Z", standing.clone()));
        }
        assert_eq!(row_of(&events).lifecycle_stage, expected, "{standings:?}");
    }
}

#[test]
fn a_value_beyond_all_figures_is_poison() {
    let events = [payment("2024-01-01T00:00:00Z", i64::MAX), payment("2024-01-02T00:00:00Z", 1)];
    let poison = fold_all::<CustomerRow>(&projection("customers"), &events).unwrap_err();
    assert_eq!((poison.position, poison.reason.as_str()), (2, "a lifetime value overflows"));
}

#[test]
fn a_payment_that_is_another_ones_takes_its_money_along() {
    let (LedgerEvent::Payment(first), LedgerEvent::Payment(mut second)) =
        (payment("2024-02-01T00:00:00Z", 50_000), payment("2024-02-03T00:00:00Z", -10_000))
    else {
        unreachable!("payments are payments");
    };
    let other = CustomerId::parse("cus_2").unwrap();
    second.after.as_mut().unwrap().customer = Some(other.clone());
    let credit = |customer: &CustomerId, amount_minor| Credit {
        customer: customer.clone(),
        currency: Currency::USD,
        amount_minor,
    };
    second.reattributed = vec![credit(&CustomerId::parse("cus_1").unwrap(), -50_000), credit(&other, 40_000)];
    let events = [LedgerEvent::Payment(first), LedgerEvent::Payment(second)];
    let rows: Vec<CustomerRow> = fold_all(&projection("customers"), &events).unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.customer_id.as_str(), row.lifetime_value.clone(), row.lifetime_value_minor, row.position))
        .collect();
    let expected =
        [("cus_1", BTreeMap::new(), 0, 2), ("cus_2", BTreeMap::from([("USD".to_owned(), 40_000)]), 40_000, 2)];
    assert_eq!(found, expected);
}

#[test]
fn activity_does_not_depend_on_what_arrived_first() {
    let mentioned = |moment: &str| customer(CustomerChange::CustomerMentioned {}, moment, None);
    let done = |moment: &str| subscription("sub_1", moment, Standing::Active {});
    let (first, second, third) = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z");
    let cases = [
        ("mentioned once", vec![mentioned(second)], (second, second)),
        ("mentioned twice", vec![mentioned(third), mentioned(first)], (first, first)),
        ("mentioned, then active", vec![mentioned(first), done(second)], (first, second)),
        ("mentioned for it", vec![mentioned(third), done(third), mentioned(first)], (first, third)),
        ("done twice, told late", vec![mentioned(second), done(third), mentioned(first), done(first)], (first, third)),
    ];
    for (what, events, (created_at, last_activity_at)) in cases {
        let row = row_of(&events);
        assert_eq!((row.created_at, row.last_activity_at), (micros(created_at), micros(last_activity_at)), "{what}");
    }
}
