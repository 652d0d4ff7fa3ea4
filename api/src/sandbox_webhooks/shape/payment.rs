//! A charge, the payment that it belongs to, a refund and a dispute in Stripe's words.

use domain::id::PaymentId;
use domain::payment::{
    ChargeReport, DisputeReport, DisputeStatus, PaymentSnapshot, PaymentStatus, RefundReport, RefundStatus,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::code;

/// One attempt to take money.
pub(in super::super) fn charge(payment: &PaymentId, of: &ChargeReport) -> Value {
    let succeeded = of.status == PaymentStatus::Succeeded;
    let declined = of.status == PaymentStatus::Failed;
    let kind = of.method_type.as_deref().unwrap_or("card");
    json!({
        "id": of.id,
        "object": "charge",
        "amount": of.amount_minor,
        "amount_captured": if succeeded { of.amount_minor } else { 0 },
        "amount_refunded": of.amount_refunded_minor,
        "balance_transaction": succeeded.then(|| format!("txn_{}", of.id)),
        "captured": succeeded,
        "created": of.created_at.as_second(),
        "currency": code(of.currency),
        "customer": of.customer.as_ref().map(ToString::to_string),
        "failure_code": declined.then_some("card_declined"),
        "livemode": false,
        "metadata": {},
        "outcome": {
            "reason": of.decline_code,
            "type": if declined { "issuer_declined" } else { "authorized" },
        },
        "paid": succeeded,
        "payment_intent": payment.as_str(),
        "payment_method": of.method.as_ref().map(ToString::to_string),
        "payment_method_details": {
            "type": kind,
            kind: { "exp_month": of.exp_month, "exp_year": of.exp_year },
        },
        "refunded": false,
        "status": match of.status {
            PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => "succeeded",
            PaymentStatus::Failed | PaymentStatus::Canceled => "failed",
            PaymentStatus::Pending
            | PaymentStatus::RequiresAction
            | PaymentStatus::Processing
            | PaymentStatus::RequiresCapture => "pending",
        },
    })
}

/// The payment across its attempts, of which `last` is the one that the event is about.
pub(in super::super) fn intent(id: &PaymentId, of: Option<&PaymentSnapshot>, last: &ChargeReport) -> Value {
    let created: Timestamp = of.map_or(last.created_at, |payment| payment.created_at);
    let succeeded = last.status == PaymentStatus::Succeeded;
    let error = last.decline_code.as_ref().filter(|_| last.status == PaymentStatus::Failed).map(
        |reason| json!({ "charge": last.id, "code": "card_declined", "decline_code": reason, "type": "card_error" }),
    );
    json!({
        "id": id.as_str(),
        "object": "payment_intent",
        "amount": last.amount_minor,
        "amount_received": if succeeded { last.amount_minor } else { 0 },
        "created": created.as_second(),
        "currency": code(last.currency),
        "customer": last.customer.as_ref().map(ToString::to_string),
        "last_payment_error": error,
        "latest_charge": last.id,
        "livemode": false,
        "metadata": {},
        "payment_method": last.method.as_ref().map(ToString::to_string).filter(|_| error.is_none()),
        "status": match last.status {
            PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => "succeeded",
            PaymentStatus::Failed => "requires_payment_method",
            PaymentStatus::Canceled => "canceled",
            PaymentStatus::Pending => "requires_confirmation",
            PaymentStatus::RequiresAction => "requires_action",
            PaymentStatus::Processing => "processing",
            PaymentStatus::RequiresCapture => "requires_capture",
        },
    })
}

pub(in super::super) fn refund(payment: &PaymentId, of: &RefundReport) -> Value {
    json!({
        "id": of.id,
        "object": "refund",
        "amount": of.amount_minor,
        "created": of.created_at.as_second(),
        "currency": code(of.currency),
        "metadata": {},
        "payment_intent": payment.as_str(),
        "reason": of.reason,
        "status": match of.status {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed => "failed",
            RefundStatus::Canceled => "canceled",
        },
    })
}

pub(in super::super) fn dispute(payment: &PaymentId, of: &DisputeReport) -> Value {
    json!({
        "id": of.id,
        "object": "dispute",
        "amount": of.amount_minor,
        "balance_transactions": moved(of),
        "created": of.created_at.as_second(),
        "currency": code(of.currency),
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": {},
        "payment_intent": payment.as_str(),
        "reason": of.reason,
        "status": match of.status {
            DisputeStatus::Inquiry => "warning_needs_response",
            DisputeStatus::Open => "needs_response",
            DisputeStatus::Won => "won",
            DisputeStatus::Lost => "lost",
            DisputeStatus::InquiryClosed => "warning_closed",
        },
    })
}

/// What the dispute took and gave back, where any money moved.
fn moved(of: &DisputeReport) -> Vec<Value> {
    let transaction = |amount_minor: i64, fee_minor: i64| {
        json!({
            "object": "balance_transaction", "amount": amount_minor, "currency": code(of.currency),
            "fee": fee_minor, "net": amount_minor - fee_minor, "type": "adjustment",
        })
    };
    let withdrawn = of.withdrawn_minor.filter(|minor| *minor > 0);
    let taken = withdrawn.map(|minor| transaction(-minor, of.fee_minor.unwrap_or_default()));
    let returned = (of.reinstated_minor > 0).then(|| transaction(of.reinstated_minor, 0));
    taken.into_iter().chain(returned).collect()
}
