//! How an invoice is paid: in full, in part, over, out of band, or from the customer's balance.

use jiff::Timestamp;

use super::decide::event;
use super::event::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus};
use super::state::Invoice;
use crate::id::PaymentId;
use crate::refusal::Refusal;

type Decision = Result<Vec<InvoiceEvent>, Refusal>;

pub(super) fn receive(
    invoice: &Invoice,
    now: Timestamp,
    payment: Option<&PaymentId>,
    out_of_band: bool,
    amount_minor: Option<i64>,
) -> Decision {
    let (id, snapshot) = invoice.in_status(&[InvoiceStatus::Open, InvoiceStatus::Uncollectible], "pay")?;
    let remaining_minor = snapshot.amount_remaining_minor;
    let received_minor = amount_minor.unwrap_or(remaining_minor);
    if received_minor <= 0 && amount_minor.is_some() {
        return Err(Refusal::invalid("amount", "must be above zero"));
    }
    let excess_minor = received_minor.saturating_sub(remaining_minor).max(0);
    let mut after = InvoiceSnapshot {
        amount_paid_minor: snapshot.amount_paid_minor.saturating_add(received_minor - excess_minor),
        amount_remaining_minor: remaining_minor - (received_minor - excess_minor),
        attempt_count: snapshot.attempt_count + u32::from(!out_of_band),
        payment: payment.cloned().or_else(|| snapshot.payment.clone()),
        ..snapshot.clone()
    };
    let payment = payment.cloned();
    if after.amount_remaining_minor > 0 {
        let change = InvoiceChange::InvoicePartiallyPaid { payment, out_of_band, received_minor };
        return Ok(vec![event(now, id, change, after)]);
    }
    settle(&mut after, now);
    let change = InvoiceChange::InvoicePaid { payment, out_of_band, received_minor, excess_minor };
    Ok(vec![event(now, id, change, after)])
}

pub(super) fn apply_balance(invoice: &Invoice, now: Timestamp, credit_minor: i64, prepaid_minor: i64) -> Decision {
    let (id, snapshot) = invoice.in_status(&[InvoiceStatus::Open, InvoiceStatus::Uncollectible], "pay")?;
    let applied_minor = credit_minor.saturating_add(prepaid_minor);
    if credit_minor < 0 || prepaid_minor < 0 || applied_minor == 0 || applied_minor > snapshot.amount_remaining_minor {
        return Err(Refusal::invalid("balance", "must be above zero and no more than what remains"));
    }
    let mut after = InvoiceSnapshot {
        applied_credit_minor: snapshot.applied_credit_minor.saturating_add(credit_minor),
        applied_prepaid_minor: snapshot.applied_prepaid_minor.saturating_add(prepaid_minor),
        amount_due_minor: snapshot.amount_due_minor - applied_minor,
        amount_remaining_minor: snapshot.amount_remaining_minor - applied_minor,
        ..snapshot.clone()
    };
    let applied = |after| event(now, id, InvoiceChange::InvoiceBalanceApplied { credit_minor, prepaid_minor }, after);
    if after.amount_remaining_minor > 0 {
        return Ok(vec![applied(after)]);
    }
    let open = after.clone();
    settle(&mut after, now);
    Ok(vec![applied(open), event(now, id, paid_without_payment(), after)])
}

/// What settles an invoice of which nothing remains.
pub(super) fn settle(after: &mut InvoiceSnapshot, now: Timestamp) {
    after.status = InvoiceStatus::Paid;
    after.paid_at = Some(now);
    after.closed_at = None;
    after.next_attempt_at = None;
}

pub(super) fn paid_without_payment() -> InvoiceChange {
    InvoiceChange::InvoicePaid { payment: None, out_of_band: false, received_minor: 0, excess_minor: 0 }
}
