//! What a Stripe invoice says, and which payment an invoice payment joins to it.

use jiff::Timestamp;
use serde_json::Value;

use super::invoice_line;
use super::json::{
    Lack, at, clear, code, currency, first_instant, flag, get, instant, list, minor, period, reference, sealed, text,
    whole,
};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::id::{CustomerId, InvoiceId, PaymentId, SubscriptionId};
use crate::invoice::{FailedAttempt, InvoiceCommand, InvoiceSnapshot, InvoiceStatus};
use crate::origin::Origin;

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let id = InvoiceId::parse(occurrence.object_id()?).map_err(|_| Lack::of("invoice", "`id`"))?;
    let (stamp, snapshot) = occurrence.stamped(read, |snapshot| phase(snapshot.status))?;
    let attempt = (occurrence.kind == "invoice.payment_failed").then(|| failed_attempt(&occurrence.after()));
    let report = InvoiceCommand::Report { id: id.clone(), stamp, snapshot: Box::new(snapshot), attempt };
    Ok(vec![Command::Invoice(id, report)])
}

/// `invoice_payment.paid`: since 2025 the only place where invoice and payment meet.
pub(super) fn link(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let object = occurrence.object;
    let invoice = reference(object, "invoice").and_then(|id| InvoiceId::parse(id).ok());
    let id = invoice.ok_or_else(|| Lack::of("invoice payment", "`invoice`"))?;
    let payment = payment_of(object).ok_or_else(|| Lack::of("invoice payment", "`payment.payment_intent`"))?;
    let amount = minor(object, "amount_paid").or_else(|| minor(object, "amount_requested"));
    let amount_minor = amount.ok_or_else(|| Lack::of("invoice payment", "`amount_paid`"))?;
    let linked = InvoiceCommand::LinkPayment { id: id.clone(), at: occurrence.created, payment, amount_minor };
    Ok(vec![Command::Invoice(id, linked)])
}

/// Paid, void and deleted stay so; an uncollectible invoice can still be paid or voided.
fn phase(status: InvoiceStatus) -> u8 {
    match status {
        InvoiceStatus::Draft | InvoiceStatus::Open => 0,
        InvoiceStatus::Uncollectible => 1,
        InvoiceStatus::Paid | InvoiceStatus::Void | InvoiceStatus::Deleted => 2,
    }
}

fn read(view: &View<'_>) -> Result<InvoiceSnapshot, Lack> {
    let object = view.object;
    let status = status(view)?;
    let total = minor(object, "total").or_else(|| minor(object, "amount_due"));
    let total_minor = total.ok_or_else(|| Lack::of("invoice", "`total`"))?;
    let subtotal_minor = minor(object, "subtotal").unwrap_or(total_minor);
    let amount_due_minor = minor(object, "amount_due").unwrap_or(total_minor);
    // Before 2018 an invoice was paid as a whole or not at all.
    let paid = minor(object, "amount_paid");
    let amount_paid_minor = paid.unwrap_or(if status == InvoiceStatus::Paid { amount_due_minor } else { 0 });
    let remaining = minor(object, "amount_remaining");
    let tax_minor = tax(object);
    Ok(InvoiceSnapshot {
        origin: Origin::Stripe,
        customer: reference(object, "customer").and_then(|id| CustomerId::parse(id).ok()),
        subscription: subscription(object),
        status,
        number: clear(object, "number"),
        lines: invoice_line::lines(object, view.sealer),
        more_lines: invoice_line::are_incomplete(object),
        subtotal_minor,
        discount_minor: discount(object, subtotal_minor.saturating_add(tax_minor).saturating_sub(total_minor)),
        tax_minor,
        total_minor,
        amount_due_minor,
        amount_paid_minor,
        amount_remaining_minor: remaining.unwrap_or_else(|| amount_due_minor.saturating_sub(amount_paid_minor)),
        attempt_count: attempt_count(object),
        next_attempt_at: instant(object, "next_payment_attempt"),
        due_at: instant(object, "due_date"),
        finalized_at: transition(object, "finalized_at").or_else(|| instant(object, "finalized_at")),
        paid_at: paid_at(view, status),
        closed_at: transition(object, "voided_at").or_else(|| transition(object, "marked_uncollectible_at")),
        period: period(object, "period_start", "period_end"),
        billing_reason: code(object, "billing_reason"),
        payment: payment(object),
        credited_before_payment_minor: minor(object, "pre_payment_credit_notes_amount").unwrap_or(0),
        hosted_url: sealed(object, "hosted_invoice_url", view.sealer),
        pdf_url: sealed(object, "invoice_pdf", view.sealer),
        ..InvoiceSnapshot::draft(
            currency(object, "currency").ok_or_else(|| Lack::of("invoice", "`currency`"))?,
            first_instant(object, &["created", "date"]).unwrap_or(view.created),
        )
    })
}

fn status(view: &View<'_>) -> Result<InvoiceStatus, Lack> {
    if view.step() == "deleted" {
        return Ok(InvoiceStatus::Deleted);
    }
    match text(view.object, "status") {
        Some("draft") => Ok(InvoiceStatus::Draft),
        Some("open") => Ok(InvoiceStatus::Open),
        Some("paid") => Ok(InvoiceStatus::Paid),
        Some("uncollectible") => Ok(InvoiceStatus::Uncollectible),
        Some("void") => Ok(InvoiceStatus::Void),
        Some("deleted") => Ok(InvoiceStatus::Deleted),
        Some(other) => Err(Lack(format!("the invoice has the unknown status {other:?}"))),
        None => Ok(status_before_2018(view)),
    }
}

/// Until 2018 there were flags instead: forgiven is uncollectible, closed without payment is void, and an invoice that
/// was never attempted nor finalized is a draft.
fn status_before_2018(view: &View<'_>) -> InvoiceStatus {
    let object = view.object;
    let finalized = flag(object, "attempted")
        || attempt_count(object) > 0
        || instant(object, "finalized_at").is_some()
        || matches!(view.step(), "finalized" | "sent" | "payment_failed" | "payment_action_required" | "overdue");
    if flag(object, "paid") {
        InvoiceStatus::Paid
    } else if flag(object, "forgiven") {
        InvoiceStatus::Uncollectible
    } else if flag(object, "closed") {
        InvoiceStatus::Void
    } else if finalized {
        InvoiceStatus::Open
    } else {
        InvoiceStatus::Draft
    }
}

/// Versions without transitions do not say when; the event that reports the payment does.
fn paid_at(view: &View<'_>, status: InvoiceStatus) -> Option<Timestamp> {
    if view.has("status_transitions") {
        return transition(view.object, "paid_at");
    }
    let reported = status == InvoiceStatus::Paid && matches!(view.step(), "paid" | "payment_succeeded");
    reported.then_some(view.created)
}

fn transition(object: &Value, key: &str) -> Option<Timestamp> {
    instant(get(object, "status_transitions")?, key)
}

fn attempt_count(object: &Value) -> u32 {
    whole(object, "attempt_count").and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}

fn subscription(object: &Value) -> Option<SubscriptionId> {
    let today = || reference(at(object, &["parent", "subscription_details"])?, "subscription");
    let earlier = || reference(get(object, "subscription_details")?, "subscription");
    reference(object, "subscription").or_else(today).or_else(earlier).and_then(|id| SubscriptionId::parse(id).ok())
}

/// The whole tax, exclusive and inclusive.
fn tax(object: &Value) -> i64 {
    let today = sum(object, "total_taxes");
    today.or_else(|| sum(object, "total_tax_amounts")).or_else(|| minor(object, "tax")).unwrap_or(0)
}

/// Until 2020 the discount is what lies between subtotal and total, where there is a discount at all.
fn discount(object: &Value, difference: i64) -> i64 {
    let discounted = get(object, "discount").is_some() || !list(object, "discounts").is_empty();
    sum(object, "total_discount_amounts").unwrap_or(if discounted { difference.max(0) } else { 0 })
}

/// The sum of a list's amounts; `None` where the version has no such list.
fn sum(object: &Value, key: &str) -> Option<i64> {
    let amounts = get(object, key)?.as_array()?.iter().filter_map(|part| minor(part, "amount"));
    Some(amounts.fold(0, i64::saturating_add))
}

fn payment(object: &Value) -> Option<PaymentId> {
    let payments = list(object, "payments");
    let paid = payments.iter().find(|payment| text(payment, "status") == Some("paid"));
    let default = || payments.iter().find(|payment| flag(payment, "is_default"));
    let today = || paid.or_else(default).or_else(|| payments.first()).and_then(payment_of);
    payment_named(object).or_else(today)
}

/// The payment of an invoice payment: `payment: {type, payment_intent | charge}`.
fn payment_of(invoice_payment: &Value) -> Option<PaymentId> {
    payment_named(get(invoice_payment, "payment")?)
}

/// A payment is its intent, or its charge where there is none; an expanded charge knows its intent.
pub(super) fn payment_named(object: &Value) -> Option<PaymentId> {
    let of_charge = || reference(get(object, "charge")?, "payment_intent");
    let named = reference(object, "payment_intent").or_else(of_charge).or_else(|| reference(object, "charge"))?;
    PaymentId::parse(named).ok()
}

fn failed_attempt(view: &View<'_>) -> FailedAttempt {
    let object = view.object;
    let count = attempt_count(object);
    let charge = reference(object, "charge").map(str::to_owned);
    FailedAttempt {
        key: charge.unwrap_or_else(|| format!("attempt-{count}")),
        count,
        at: view.created,
        next_attempt_at: instant(object, "next_payment_attempt"),
        decline_code: decline_code(object),
    }
}

fn decline_code(object: &Value) -> Option<String> {
    let charge = get(object, "charge");
    let of_outcome = || code(get(charge?, "outcome")?, "reason");
    let of_charge = || code(charge?, "failure_code");
    let intent = || at(object, &["payment_intent", "last_payment_error"]).and_then(error_code);
    of_outcome()
        .or_else(of_charge)
        .or_else(intent)
        .or_else(|| get(object, "last_finalization_error").and_then(error_code))
}

/// The issuer's code of a payment error, or Stripe's own.
pub(super) fn error_code(error: &Value) -> Option<String> {
    code(error, "decline_code").or_else(|| code(error, "code"))
}
