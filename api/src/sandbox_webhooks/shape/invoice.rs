//! An invoice, its lines and its credit notes in Stripe's words.

use domain::id::InvoiceId;
use domain::invoice::{InvoiceSnapshot, InvoiceStatus, IssuedNote, Line};
use domain::policy::dunning::TRIAL_END;
use domain::tax::Inclusion;
use serde_json::{Value, json};

use super::{code, list, seconds};

/// The invoice as it was before it was finalized.
pub(in super::super) fn draft_of(invoice: &InvoiceSnapshot) -> InvoiceSnapshot {
    InvoiceSnapshot {
        status: InvoiceStatus::Draft,
        number: None,
        finalized_at: None,
        paid_at: None,
        attempt_count: 0,
        ..invoice.clone()
    }
}

pub(in super::super) fn invoice(id: &InvoiceId, of: &InvoiceSnapshot) -> Value {
    let lines: Vec<Value> = of.lines.iter().map(|line| line_item(of, line)).collect();
    let discounts: Vec<Value> =
        of.discounts.iter().map(|share| json!({ "amount": share.amount_minor, "discount": share.coupon })).collect();
    let closed = |status: InvoiceStatus| seconds(of.closed_at.filter(|_| of.status == status));
    json!({
        "id": id.as_str(),
        "object": "invoice",
        "amount_due": of.amount_due_minor,
        "amount_overpaid": 0,
        "amount_paid": of.amount_paid_minor,
        "amount_remaining": of.amount_remaining_minor,
        "attempt_count": of.attempt_count,
        "attempted": of.attempt_count > 0,
        "auto_advance": of.status == InvoiceStatus::Open,
        "billing_reason": of.billing_reason.as_deref().map(reason),
        "collection_method": if of.send_invoice { "send_invoice" } else { "charge_automatically" },
        "created": of.created_at.as_second(),
        "currency": code(of.currency),
        "customer": of.customer.as_ref().map(ToString::to_string),
        "due_date": seconds(of.due_at),
        "lines": list(&lines),
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": seconds(of.next_attempt_at),
        "number": of.number,
        "parent": parent(of),
        "payments": payments(of),
        "period_end": seconds(of.period.map(|period| period.end)),
        "period_start": seconds(of.period.map(|period| period.start)),
        "status": of.status.as_str(),
        "status_transitions": {
            "finalized_at": seconds(of.finalized_at),
            "marked_uncollectible_at": closed(InvoiceStatus::Uncollectible),
            "paid_at": seconds(of.paid_at),
            "voided_at": closed(InvoiceStatus::Void),
        },
        "subtotal": of.subtotal_minor,
        "total": of.total_minor,
        "total_discount_amounts": discounts,
        "total_taxes": taxes(&of.lines),
    })
}

/// Stripe has no word of its own for the end of a trial.
fn reason(ours: &str) -> &str {
    match ours {
        TRIAL_END => "subscription_cycle",
        "subscription_resume" => "subscription_update",
        other => other,
    }
}

fn parent(of: &InvoiceSnapshot) -> Value {
    of.subscription.as_ref().map_or(Value::Null, |subscription| {
        json!({
            "type": "subscription_details",
            "subscription_details": { "subscription": subscription.as_str(), "metadata": {} },
        })
    })
}

fn payments(of: &InvoiceSnapshot) -> Value {
    let payments = of.payment.as_ref().map(|payment| {
        json!({
            "object": "invoice_payment",
            "amount_paid": of.amount_paid_minor,
            "is_default": true,
            "payment": { "type": "payment_intent", "payment_intent": payment.as_str() },
            "status": if of.status == InvoiceStatus::Paid { "paid" } else { "open" },
        })
    });
    list(payments.as_slice())
}

fn line_item(of: &InvoiceSnapshot, line: &Line) -> Value {
    let subscription = of.subscription.as_ref().map(ToString::to_string);
    let parent = if subscription.is_some() && !line.proration {
        json!({
            "type": "subscription_item_details",
            "subscription_item_details": {
                "proration": false, "subscription": subscription, "subscription_item": line.item,
            },
        })
    } else {
        json!({
            "type": "invoice_item_details",
            "invoice_item_details": {
                "invoice_item": line.id, "proration": line.proration, "subscription": subscription,
            },
        })
    };
    let pricing = line.plan.as_ref().map(|plan| {
        json!({ "type": "price_details", "price_details": { "price": plan.as_str(), "product": plan.as_str() } })
    });
    json!({
        "id": line.id,
        "object": "line_item",
        "amount": line.amount_minor,
        "currency": code(of.currency),
        "description": Some(&line.description).filter(|words| !words.is_empty()),
        "discountable": !line.proration,
        "livemode": false,
        "metadata": {},
        "parent": parent,
        "period": {
            "end": seconds(line.period.map(|period| period.end)),
            "start": seconds(line.period.map(|period| period.start)),
        },
        "pricing": pricing,
        "quantity": line.quantity,
        "subtotal": line.amount_minor,
        "taxes": taxes(std::slice::from_ref(line)),
    })
}

fn taxes(lines: &[Line]) -> Vec<Value> {
    let taxes = lines.iter().filter_map(|line| line.tax.as_ref());
    taxes
        .map(|tax| {
            let behavior = match tax.rate.inclusion() {
                Inclusion::Exclusive => "exclusive",
                Inclusion::Inclusive => "inclusive",
            };
            json!({ "amount": tax.tax_minor, "tax_behavior": behavior, "type": "tax_rate_details" })
        })
        .collect()
}

pub(in super::super) fn credit_note(invoice: &InvoiceId, of: &InvoiceSnapshot, note: &IssuedNote) -> Value {
    let (figures, settlement) = (note.note.figures(), note.note.settlement);
    json!({
        "id": note.id,
        "object": "credit_note",
        "amount": figures.total_minor,
        "created": note.issued_at.as_second(),
        "currency": code(of.currency),
        "customer": of.customer.as_ref().map(ToString::to_string),
        "invoice": invoice.as_str(),
        "livemode": false,
        "metadata": {},
        "number": note.number,
        "post_payment_amount": settlement.refund_minor + settlement.to_balance_minor,
        "pre_payment_amount": settlement.before_payment_minor,
        "status": if note.voided_at.is_some() { "void" } else { "issued" },
        "subtotal": figures.subtotal_minor,
        "total": figures.total_minor,
        "voided_at": seconds(note.voided_at),
    })
}
