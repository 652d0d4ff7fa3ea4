//! What a Stripe credit note says, and of which invoice it is: what it took off what was due, and how it gave back what was
//! paid. Which lines it credits is not read; its words are a person's and stay in the sealed body.

use serde_json::Value;

use super::json::{Lack, clear, currency, first_instant, get, instant, list, minor, reference, text};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::id::InvoiceId;
use crate::invoice::{InvoiceCommand, ReportedNote};

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let invoice = reference(occurrence.object, "invoice").and_then(|id| InvoiceId::parse(id).ok());
    let id = invoice.ok_or_else(|| Lack::of("credit note", "`invoice`"))?;
    let (stamp, note) = occurrence.stamped(read, |note| u8::from(note.voided_at.is_some()))?;
    Ok(vec![Command::Invoice(id.clone(), InvoiceCommand::ReportNote { id, stamp, note })])
}

fn read(view: &View<'_>) -> Result<ReportedNote, Lack> {
    let object = view.object;
    let total = minor(object, "total").or_else(|| minor(object, "amount"));
    let total_minor = total.ok_or_else(|| Lack::of("credit note", "`total`"))?;
    let before_payment_minor = before_payment(object, total_minor).clamp(0, total_minor.max(0));
    let after_payment_minor = total_minor - before_payment_minor;
    let out_of_band_minor = minor(object, "out_of_band_amount").unwrap_or(0).clamp(0, after_payment_minor.max(0));
    let (refund_minor, refund) = refunded(object, after_payment_minor - out_of_band_minor);
    let is_void = text(object, "status") == Some("void") || view.step() == "voided";
    Ok(ReportedNote {
        id: clear(object, "id").ok_or_else(|| Lack::of("credit note", "`id`"))?,
        number: clear(object, "number"),
        currency: currency(object, "currency").ok_or_else(|| Lack::of("credit note", "`currency`"))?,
        issued_at: first_instant(object, &["effective_at", "created"]).unwrap_or(view.created),
        voided_at: is_void.then(|| instant(object, "voided_at").unwrap_or(view.created)),
        tax_minor: tax(object, total_minor),
        before_payment_minor,
        refund_minor,
        refund,
        to_balance_minor: after_payment_minor - out_of_band_minor - refund_minor,
        out_of_band_minor,
    })
}

/// Before it had an amount for each side a note was as a whole on one.
fn before_payment(object: &Value, total_minor: i64) -> i64 {
    let after = || minor(object, "post_payment_amount").map(|after_minor| total_minor - after_minor);
    let whole = if text(object, "type") == Some("post_payment") { 0 } else { total_minor };
    minor(object, "pre_payment_amount").or_else(after).unwrap_or(whole)
}

/// What was refunded, of what went back through Stripe; the rest is the customer's balance. Until 2025 a note named its
/// one refund without the sum.
fn refunded(object: &Value, through_minor: i64) -> (i64, Option<String>) {
    let parts = list(object, "refunds");
    if !parts.is_empty() {
        let sum = parts.iter().filter_map(|part| minor(part, "amount_refunded")).fold(0, i64::saturating_add);
        let first = parts.iter().find_map(|part| reference(part, "refund"));
        return (sum.clamp(0, through_minor.max(0)), first.map(str::to_owned));
    }
    let Some(refund) = reference(object, "refund") else { return (0, None) };
    let expanded = get(object, "refund").and_then(|refund| minor(refund, "amount"));
    let to_balance = get(object, "customer_balance_transaction").and_then(|moved| minor(moved, "amount"));
    let rest_minor = through_minor - to_balance.map_or(0, i64::saturating_abs);
    (expanded.unwrap_or(rest_minor).clamp(0, through_minor.max(0)), Some(refund.to_owned()))
}

/// All of its tax, exclusive and inclusive.
fn tax(object: &Value, total_minor: i64) -> i64 {
    let of = |key: &str| {
        let parts = get(object, key).map(|_| list(object, key));
        parts.map(|parts| parts.iter().filter_map(|part| minor(part, "amount")).fold(0, i64::saturating_add))
    };
    let excluding = || minor(object, "total_excluding_tax").map(|net_minor| total_minor - net_minor);
    of("total_taxes").or_else(|| of("tax_amounts")).or_else(excluding).unwrap_or(0)
}
