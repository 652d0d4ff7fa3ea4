//! What payments' rows become, and what is counted as collected.

use domain::event::LedgerEvent;
use domain::id::{CustomerId, PaymentId};
use domain::money::Currency;
use domain::origin::Origin;
use domain::payment::{PaymentChange, PaymentEvent, PaymentSnapshot, PaymentStatus, RefundReport, RefundStatus};

use super::collection::CollectionRow;
use super::row::PaymentRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

/// A payment of `cus_1` over 500.00 USD.
pub fn snapshot(status: PaymentStatus) -> PaymentSnapshot {
    PaymentSnapshot {
        origin: Origin::Stripe,
        status,
        amount_minor: 50_000,
        currency: Currency::USD,
        created_at: at("2024-01-02T00:00:00Z"),
        customer: Some(CustomerId::parse("cus_1").unwrap()),
        invoice: None,
        method: None,
        method_type: Some("card".to_owned()),
        last4: None,
        exp_month: Some(12),
        exp_year: Some(2030),
        decline_code: None,
        failed_attempts: 1,
        succeeded_at: (status >= PaymentStatus::Succeeded).then(|| at("2024-01-02T00:00:05Z")),
        refunded_minor: 0,
        disputed_minor: 0,
        open_dispute: false,
        fee_minor: Some(1_480),
        net_minor: None,
        description: None,
        receipt_url: None,
    }
}

fn event(moment: &str, delta: i64, after: Option<PaymentSnapshot>) -> LedgerEvent {
    let refund = RefundReport {
        id: "re_1".to_owned(),
        status: RefundStatus::Succeeded,
        amount_minor: 20_000,
        currency: Currency::GBP,
        created_at: at(moment),
        reason: None,
    };
    LedgerEvent::Payment(PaymentEvent {
        at: at(moment),
        payment: PaymentId::parse("pay_1").unwrap(),
        change: PaymentChange::PaymentRefunded { refund },
        collected_delta_minor: delta,
        after: after.map(Box::new),
    })
}

fn collection(position: i64, moment: &str, currency: &str, delta: i64, succeeded: i64, failed: i64) -> CollectionRow {
    CollectionRow {
        tenant: "coaching".to_owned(),
        payment_id: "pay_1".to_owned(),
        position,
        collected_at: micros(moment),
        currency: currency.to_owned(),
        delta_minor: delta,
        succeeded,
        failed,
    }
}

#[test]
fn a_payment_is_what_its_last_event_left_and_its_money_is_counted_event_by_event() {
    let mut refunded = snapshot(PaymentStatus::PartiallyRefunded);
    refunded.refunded_minor = 20_000;
    let events = [
        event("2024-01-02T00:00:01Z", 0, Some(snapshot(PaymentStatus::Failed))),
        event("2024-01-02T00:00:02Z", 0, Some(snapshot(PaymentStatus::Processing))),
        event("2024-01-03T00:00:00Z", 50_000, Some(snapshot(PaymentStatus::Succeeded))),
        event("2024-01-05T00:00:00Z", -20_000, Some(refunded)),
        event("2024-01-06T00:00:00Z", 0, None),
        event("2024-01-07T00:00:00Z", -1, None),
    ];
    let collected = fold_all::<CollectionRow>(&projection("payments"), &events).unwrap();
    assert_eq!(
        collected,
        [
            collection(1, "2024-01-02T00:00:01Z", "USD", 0, 0, 1),
            collection(3, "2024-01-02T00:00:05Z", "USD", 50_000, 1, 0),
            collection(4, "2024-01-05T00:00:00Z", "USD", -20_000, 0, 0),
            collection(6, "2024-01-07T00:00:00Z", "GBP", -1, 0, 0),
        ]
    );
    assert_round_trip(&collected[0]);
    let rows = fold_all::<PaymentRow>(&projection("payments"), &events).unwrap();
    let expected = PaymentRow {
        tenant: "coaching".to_owned(),
        payment_id: "pay_1".to_owned(),
        customer_id: Some("cus_1".to_owned()),
        invoice_id: None,
        origin: Origin::Stripe,
        status: PaymentStatus::PartiallyRefunded,
        amount_minor: 50_000,
        currency: "USD".to_owned(),
        payment_method_id: None,
        method_type: Some("card".to_owned()),
        last4: None,
        exp_month: Some(12),
        exp_year: Some(2030),
        decline_code: None,
        refunded_minor: 20_000,
        disputed_minor: 0,
        open_dispute: false,
        fee_minor: Some(1_480),
        net_minor: None,
        created_at: micros("2024-01-02T00:00:00Z"),
        succeeded_at: Some(micros("2024-01-02T00:00:05Z")),
        failed_attempts: 1,
        description: None,
        receipt_url: None,
        created_position: 1,
        position: 4,
    };
    assert_eq!(rows, [expected]);
    assert_round_trip(&rows[0]);
}

#[test]
fn a_refund_of_an_unknown_charge_makes_no_payment() {
    let events = [event("2024-01-05T00:00:00Z", -20_000, None)];
    assert_eq!(fold_all::<PaymentRow>(&projection("payments"), &events), Ok(vec![]));
    let collected = fold_all::<CollectionRow>(&projection("payments"), &events);
    assert_eq!(collected, Ok(vec![collection(1, "2024-01-05T00:00:00Z", "GBP", -20_000, 0, 0)]));
}
