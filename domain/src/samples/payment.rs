//! What do payments and their events look like in tests?

use super::{at, customer_id, fold, invoice_id, method_id, payment_id, sealed, stamp};
use crate::issued::Decider;
use crate::money::Currency;
use crate::payment::{
    ChargeReport, DisputeReport, DisputeStatus, IntentReport, Payment, PaymentChange, PaymentEvent, PaymentStatus,
    RefundReport, RefundStatus,
};

pub const TAKEN: &str = "2024-02-01T01:00:05Z";

/// A charge of 997.00 with the processor's fee of 29.21.
pub fn charge(id: &str, status: PaymentStatus, created: &str) -> ChargeReport {
    ChargeReport {
        id: id.to_owned(),
        status,
        amount_minor: 99_700,
        amount_refunded_minor: 0,
        currency: Currency::USD,
        created_at: at(created),
        customer: Some(customer_id()),
        invoice: Some(invoice_id()),
        method: Some(method_id("pm_1")),
        method_type: Some("card".to_owned()),
        last4: Some(sealed("4242")),
        exp_month: Some(12),
        exp_year: Some(2026),
        decline_code: (status == PaymentStatus::Failed).then(|| "insufficient_funds".to_owned()),
        fee_minor: (status == PaymentStatus::Succeeded).then_some(2_921),
        net_minor: (status == PaymentStatus::Succeeded).then_some(96_779),
        description: Some(sealed("Invoice INV-2024-000001")),
        receipt_url: Some(sealed("https://pay.example/receipts/1")),
    }
}

pub fn intent(status: PaymentStatus) -> IntentReport {
    IntentReport {
        id: "pi_1".to_owned(),
        status,
        amount_minor: 99_700,
        currency: Currency::USD,
        created_at: at("2024-02-01T01:00:00Z"),
        customer: Some(customer_id()),
        invoice: Some(invoice_id()),
        method: Some(method_id("pm_1")),
        decline_code: Some("insufficient_funds".to_owned()),
        description: Some(sealed("Invoice INV-2024-000001")),
    }
}

pub fn refund(id: &str, status: RefundStatus, amount_minor: i64) -> RefundReport {
    RefundReport {
        id: id.to_owned(),
        status,
        amount_minor,
        currency: Currency::USD,
        created_at: at("2024-02-10T00:00:00Z"),
        reason: Some("requested_by_customer".to_owned()),
    }
}

pub fn dispute(id: &str, status: DisputeStatus, amount_minor: i64) -> DisputeReport {
    DisputeReport {
        id: id.to_owned(),
        status,
        amount_minor,
        currency: Currency::USD,
        created_at: at("2024-02-20T00:00:00Z"),
        reason: Some("fraudulent".to_owned()),
        withdrawn_minor: None,
        reinstated_minor: 0,
        fee_minor: None,
    }
}

/// An event of a payment that had known nothing before, with what it then comes to.
pub fn first_event(time: &str, change: PaymentChange, collected_delta_minor: i64) -> PaymentEvent {
    next_event(&[], time, change, collected_delta_minor)
}

/// An event of a payment of which those are known.
fn next_event(known: &[PaymentEvent], time: &str, change: PaymentChange, collected_delta_minor: i64) -> PaymentEvent {
    let mut event = PaymentEvent {
        at: at(time),
        payment: payment_id(),
        change,
        collected_delta_minor,
        reattributed: vec![],
        after: None,
    };
    let mut payment = fold::<Payment>(known);
    payment.evolve(&event);
    event.after = payment.snapshot().map(Box::new);
    event
}

/// An attempt that may still end either way.
fn unsettled() -> ChargeReport {
    charge("ch_1", PaymentStatus::RequiresAction, TAKEN)
}

/// One event of every kind.
pub fn events() -> Vec<PaymentEvent> {
    use PaymentChange as C;
    let stamp = crate::stamp::Stamp { phase: 1, before: Some(7), ..stamp("evt_1", TAKEN, 1) };
    let taken = charge("ch_1", PaymentStatus::Succeeded, TAKEN);
    let declined = charge("ch_1", PaymentStatus::Failed, TAKEN);
    let refund = refund("re_1", RefundStatus::Succeeded, 10_000);
    let open = C::DisputeReported { stamp: stamp.clone(), dispute: dispute("dp_0", DisputeStatus::Open, 5_000) };
    let refunded = ChargeReport { amount_refunded_minor: 10_000, ..taken.clone() };
    let known = [
        first_event(TAKEN, C::PaymentSucceeded { charge: taken.clone() }, 99_700),
        first_event(TAKEN, C::PaymentDeclined { charge: charge("ch_0", PaymentStatus::Failed, TAKEN) }, 0),
        first_event(TAKEN, open, 0),
    ];
    let lost = dispute("dp_1", DisputeStatus::Lost, 99_700);
    let in_hand = ChargeReport { decline_code: Some("authentication_required".to_owned()), ..unsettled() };
    let begun = RefundReport { status: RefundStatus::Pending, ..refund.clone() };
    let failed = RefundReport { status: RefundStatus::Failed, ..refund.clone() };
    let pending = [known[0].clone(), next_event(&known[..1], TAKEN, C::PaymentRefunded { refund: begun }, -10_000)];
    let withdrawn = DisputeReport {
        withdrawn_minor: Some(99_700),
        reinstated_minor: 40_000,
        fee_minor: Some(1_500),
        ..dispute("dp_2", DisputeStatus::Open, 99_700)
    };
    vec![
        first_event(TAKEN, C::ChargeReported { stamp: stamp.clone(), charge: refunded }, 89_700),
        first_event(
            TAKEN,
            C::IntentReported { stamp: stamp.clone(), intent: intent(PaymentStatus::RequiresAction) },
            0,
        ),
        next_event(&known, TAKEN, C::RefundReported { stamp: stamp.clone(), refund: refund.clone() }, -10_000),
        next_event(&known, TAKEN, C::DisputeReported { stamp, dispute: lost }, -99_700),
        first_event(TAKEN, C::PaymentSucceeded { charge: taken }, 99_700),
        first_event(TAKEN, C::PaymentDeclined { charge: declined }, 0),
        next_event(&known, TAKEN, C::PaymentRefunded { refund }, -10_000),
        first_event(TAKEN, C::PaymentPending { charge: in_hand }, 0),
        next_event(&pending, TAKEN, C::PaymentRefundSettled { refund: failed }, 10_000),
        next_event(&known, TAKEN, C::PaymentDisputed { dispute: withdrawn }, 0),
    ]
}
