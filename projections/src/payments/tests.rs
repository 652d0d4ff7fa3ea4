//! What payments' rows become, and what is counted as collected.

use domain::event::LedgerEvent;
use domain::id::{CustomerId, PaymentId};
use domain::money::Currency;
use domain::origin::Origin;
use domain::payment::{
    CashKind, CashPart, PaymentChange, PaymentEvent, PaymentSnapshot, PaymentStatus, RefundReport, RefundStatus,
};

use super::collection::CollectionRow;
use super::read::{Attempts, Collected, attempt_counts, collected_between};
use super::row::PaymentRow;
use super::standing::{Standing, Sum};
use crate::mrr::OPEN;
use crate::mrr::sql_tests::ledger_of;
use crate::mrr::tests::records;
use crate::record::Record;
use crate::testing::{assert_round_trip, at, fold_records, micros, projection};

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
        cash: Vec::new(),
    }
}

pub fn part(moment: &str, kind: CashKind, source: &str, amount_minor: i64) -> CashPart {
    CashPart { at: at(moment), kind, source: source.to_owned(), amount_minor }
}

fn event(moment: &str, delta: i64, after: impl Into<Option<PaymentSnapshot>>) -> LedgerEvent {
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
        reattributed: vec![],
        after: after.into().map(Box::new),
    })
}

const DECLINED: &str = "2024-01-02T00:00:01Z";
const TAKEN: &str = "2024-01-02T00:00:05Z";
const RETURNED: &str = "2024-01-05T00:00:00Z";

/// A payment after an event, with its parts.
fn with(status: PaymentStatus, cash: &[CashPart]) -> PaymentSnapshot {
    PaymentSnapshot { cash: cash.to_vec(), ..snapshot(status) }
}

fn declined() -> CashPart {
    part(DECLINED, CashKind::Declined, "ch_0", 0)
}

fn taken() -> CashPart {
    part(TAKEN, CashKind::Taken, "ch_1", 50_000)
}

fn returned(amount_minor: i64) -> CashPart {
    part(RETURNED, CashKind::Refunded, "re_1", -amount_minor)
}

fn collection(part: &CashPart, (from_position, to_position): (i64, i64)) -> CollectionRow {
    CollectionRow {
        tenant: "coaching".to_owned(),
        payment_id: "pay_1".to_owned(),
        kind: part.kind,
        source: part.source.clone(),
        effective_at: part.at.as_microsecond(),
        from_position,
        to_position,
        customer_id: Some("cus_1".to_owned()),
        currency: "USD".to_owned(),
        amount_minor: part.amount_minor,
        event_id: event_id(from_position),
    }
}

fn event_id(position: i64) -> String {
    uuid::Uuid::from_u128(u128::from(position.unsigned_abs())).to_string()
}

fn standing(from_position: i64, part: CashPart) -> Standing {
    let sum = Sum { customer_id: Some("cus_1".to_owned()), currency: "USD".to_owned(), part };
    Standing { from_position, event_id: event_id(from_position), sum }
}

fn collections(log: &[Record]) -> Vec<CollectionRow> {
    fold_records(&projection("payments"), log).unwrap()
}

#[test]
fn a_payment_is_what_its_last_event_left_and_its_money_is_dated() {
    let mut refunded = with(PaymentStatus::PartiallyRefunded, &[declined(), taken(), returned(20_000)]);
    refunded.refunded_minor = 20_000;
    let log = records(&[
        event(DECLINED, 0, with(PaymentStatus::Failed, &[declined()])),
        event("2024-01-02T00:00:02Z", 0, with(PaymentStatus::Processing, &[declined()])),
        event("2024-01-03T00:00:00Z", 50_000, with(PaymentStatus::Succeeded, &[declined(), taken()])),
        event("2024-01-06T00:00:00Z", -20_000, refunded),
        event("2024-01-07T00:00:00Z", 0, None),
    ]);
    let collected = collections(&log);
    let expected = [(declined(), (1, OPEN)), (returned(20_000), (4, OPEN)), (taken(), (3, OPEN))];
    assert_eq!(collected, expected.map(|(part, positions)| collection(&part, positions)));
    assert_round_trip(&collected[0]);
    let rows: Vec<PaymentRow> = fold_records(&projection("payments"), &log).unwrap();
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
        standing: vec![standing(1, declined()), standing(3, taken()), standing(4, returned(20_000))],
        created_position: 1,
        position: 4,
    };
    assert_eq!(rows, [expected]);
    assert_round_trip(&rows[0]);
}

#[test]
fn what_is_learnt_late_closes_parts_and_opens_others() {
    let early = part("2024-01-04T00:00:00Z", CashKind::Refunded, "ch_1", -20_000);
    let other = Some(CustomerId::parse("cus_2").unwrap());
    let elsewhere = PaymentSnapshot { customer: other, ..with(PaymentStatus::Succeeded, &[taken()]) };
    let log = records(&[
        event(TAKEN, 50_000, with(PaymentStatus::Succeeded, &[taken()])),
        event(RETURNED, -20_000, with(PaymentStatus::PartiallyRefunded, &[taken(), early.clone()])),
        // The refund itself, of which the charge only counted the sum.
        event(RETURNED, 0, with(PaymentStatus::PartiallyRefunded, &[taken(), returned(20_000)])),
        event(RETURNED, 0, with(PaymentStatus::PartiallyRefunded, &[taken(), returned(20_000)])),
        // It failed.
        event("2024-01-09T00:00:00Z", 20_000, with(PaymentStatus::Succeeded, &[taken()])),
        event("2024-01-10T00:00:00Z", 0, elsewhere),
    ]);
    let expected = [
        collection(&early, (2, 3)),
        collection(&returned(20_000), (3, 5)),
        collection(&taken(), (1, 6)),
        CollectionRow { customer_id: Some("cus_2".to_owned()), ..collection(&taken(), (6, OPEN)) },
    ];
    assert_eq!(collections(&log), expected);
}

#[test]
fn a_refund_of_an_unknown_charge_makes_no_payment() {
    let log = records(&[event(RETURNED, 0, None)]);
    assert_eq!(fold_records::<PaymentRow>(&projection("payments"), &log), Ok(vec![]));
    assert_eq!(collections(&log), []);
}

#[tokio::test]
async fn what_was_collected_is_asked_by_business_time_and_by_what_was_known() {
    let events = [
        event(DECLINED, 0, with(PaymentStatus::Failed, &[declined()])),
        event("2024-01-03T00:00:00Z", 50_000, with(PaymentStatus::Succeeded, &[declined(), taken()])),
        event(
            "2024-02-06T00:00:00Z",
            -20_000,
            with(PaymentStatus::Succeeded, &[declined(), taken(), returned(20_000)]),
        ),
        event(
            "2024-02-07T00:00:00Z",
            -10_000,
            with(PaymentStatus::Succeeded, &[declined(), taken(), returned(30_000)]),
        ),
    ];
    let (ledger, _folder) = ledger_of(&["payments"], &events).await;
    let january = (micros("2024-01-01T00:00:00Z"), micros("2024-02-01T00:00:00Z"));
    let february = (january.1, micros("2024-03-01T00:00:00Z"));
    let of = |succeeded, collected_minor| {
        vec![Collected { currency: "USD".to_owned(), succeeded, failed: 1, collected_minor }]
    };
    let cases = [
        (january, 0, vec![]),
        (january, 1, of(0, 0)),
        (january, 2, of(1, 50_000)),
        (january, 3, of(1, 30_000)),
        (january, 4, of(1, 20_000)),
        (february, 4, vec![]),
    ];
    for (period, as_of, expected) in cases {
        let found = collected_between(ledger.pool(), "coaching", period, as_of).await.unwrap();
        assert_eq!(found, expected, "{period:?} as of {as_of}");
    }
    let counts = attempt_counts(ledger.pool(), "coaching").await.unwrap();
    assert_eq!(counts, Attempts { succeeded: 1, failed: 1 });
}
