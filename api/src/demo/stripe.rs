//! Stripe events for the coaching business, so that its webhook log has content: a few customers who pay through
//! Stripe, one whose charge fails and is made good, and types that nothing is made of.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::chance::{Chance, later};
use super::names::Person;

/// The version that today's accounts send.
const API_VERSION: &str = "2025-03-31.basil";
const CUSTOMERS: u64 = 6;
const MONTH_S: i64 = 30 * 86_400;

/// The bodies in the order they were sent.
pub fn bodies(chance: &mut Chance, present: Timestamp) -> Vec<String> {
    let mut sent: Vec<(Timestamp, Value)> = Vec::new();
    for number in 0..CUSTOMERS {
        let age = SignedDuration::from_hours(-24 * i64::try_from(2 + 4 * number).unwrap_or(2));
        let at = later(present, age);
        sent.extend(subscriber(chance, number, at, number == 1));
    }
    let others = [
        ("product.created", json!({"id": chance.id("prod_"), "object": "product", "name": "Workbook", "active": true})),
        ("payout.paid", json!({"id": chance.id("po_"), "object": "payout", "amount": 96_789, "currency": "usd"})),
        (
            "radar.early_fraud_warning.created",
            json!({"id": chance.id("issfr_"), "object": "radar.early_fraud_warning"}),
        ),
    ];
    for (hours, (kind, object)) in (5..).step_by(7).zip(others) {
        sent.push(event(chance, kind, later(present, SignedDuration::from_hours(-hours)), &object));
    }
    sent.sort_by_key(|(at, _)| *at);
    sent.into_iter().map(|(_, body)| body.to_string()).collect()
}

/// A customer who came through Stripe's checkout: created, subscribed, charged, paid.
fn subscriber(chance: &mut Chance, number: u64, at: Timestamp, declined_first: bool) -> Vec<(Timestamp, Value)> {
    let person = Person::invent(chance, 9000 + number, false);
    let ids = Ids {
        customer: chance.id("cus_"),
        subscription: chance.id("sub_"),
        invoice: chance.id("in_"),
        intent: chance.id("pi_"),
    };
    let after = |seconds: i64| later(at, SignedDuration::from_secs(seconds));
    let created = at.as_second();
    let customer = json!({
        "id": ids.customer, "object": "customer", "created": created, "email": person.email,
        "name": format!("{} {}", person.first, person.last), "phone": person.phone, "currency": "usd",
        "balance": 0, "delinquent": false,
        "address": {"line1": person.line1, "city": person.city, "country": person.country},
        "metadata": {"acquisition_source": person.source},
    });
    let status = if declined_first { "incomplete" } else { "active" };
    let mut sent = vec![
        event(chance, "customer.created", at, &customer),
        event(chance, "customer.subscription.created", after(2), &subscription(&ids, created, status)),
    ];
    if declined_first {
        let failed = charge(chance, &ids, after(3), Some("insufficient_funds"));
        sent.push(event(chance, "charge.failed", after(3), &failed));
        sent.push(event(chance, "invoice.payment_failed", after(4), &invoice(&ids, created, 1, false)));
    }
    let paid_at = after(if declined_first { 3_600 } else { 5 });
    let attempts = if declined_first { 2 } else { 1 };
    let succeeded = charge(chance, &ids, paid_at, None);
    sent.push(event(chance, "charge.succeeded", paid_at, &succeeded));
    let later_by = |seconds| later(paid_at, SignedDuration::from_secs(seconds));
    sent.push(event(chance, "invoice.paid", later_by(1), &invoice(&ids, created, attempts, true)));
    if declined_first {
        let active = subscription(&ids, created, "active");
        sent.push(event(chance, "customer.subscription.updated", later_by(2), &active));
    }
    sent
}

struct Ids {
    customer: String,
    subscription: String,
    invoice: String,
    intent: String,
}

fn event(chance: &mut Chance, kind: &str, at: Timestamp, object: &Value) -> (Timestamp, Value) {
    let body = json!({
        "id": chance.id("evt_"), "object": "event", "api_version": API_VERSION, "created": at.as_second(),
        "livemode": false, "pending_webhooks": 1, "type": kind,
        "request": {"id": null, "idempotency_key": null}, "data": {"object": object},
    });
    (at, body)
}

fn price() -> Value {
    json!({
        "id": "group_coaching", "object": "price", "active": true, "currency": "usd", "unit_amount": 150_000,
        "unit_amount_decimal": "150000", "billing_scheme": "per_unit", "type": "recurring", "nickname": "Group Coaching Programs",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
    })
}

fn subscription(ids: &Ids, created: i64, status: &str) -> Value {
    json!({
        "id": ids.subscription, "object": "subscription", "customer": ids.customer, "status": status, "currency": "usd",
        "created": created, "start_date": created, "billing_cycle_anchor": created, "cancel_at_period_end": false,
        "collection_method": "charge_automatically", "latest_invoice": ids.invoice,
        "items": {"object": "list", "data": [{
            "id": format!("si_{}", ids.subscription), "object": "subscription_item", "quantity": 1, "price": price(),
            "current_period_start": created, "current_period_end": created + MONTH_S,
        }]},
    })
}

fn invoice(ids: &Ids, created: i64, attempts: u32, paid: bool) -> Value {
    let total = 150_000;
    let collected = if paid { total } else { 0 };
    let next = if paid { Value::Null } else { json!(created + 86_400) };
    json!({
        "id": ids.invoice, "object": "invoice", "customer": ids.customer, "currency": "usd", "created": created,
        "status": if paid { "paid" } else { "open" }, "billing_reason": "subscription_create",
        "collection_method": "charge_automatically", "attempted": true, "attempt_count": attempts,
        "next_payment_attempt": next, "subtotal": total, "total": total, "amount_due": total,
        "amount_paid": collected, "amount_remaining": total - collected,
        "period_start": created, "period_end": created,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": ids.subscription}},
        "lines": {"object": "list", "data": [{
            "id": format!("il_{}", ids.invoice), "object": "line_item", "amount": total, "currency": "usd", "quantity": 1,
            "description": "1 × Group Coaching Programs", "period": {"start": created, "end": created + MONTH_S},
            "parent": {"type": "subscription_item_details", "subscription_item_details": {"proration": false}},
            "pricing": {"type": "price_details", "price_details": {"price": "group_coaching"}},
        }]},
    })
}

fn charge(chance: &mut Chance, ids: &Ids, at: Timestamp, decline_code: Option<&str>) -> Value {
    let failed = decline_code.is_some();
    let balance = json!({"id": chance.id("txn_"), "object": "balance_transaction", "currency": "usd", "fee": 4_380, "net": 145_620});
    json!({
        "id": chance.id("ch_"), "object": "charge", "amount": 150_000, "amount_captured": if failed { 0 } else { 150_000 },
        "amount_refunded": 0, "captured": !failed, "created": at.as_second(), "currency": "usd",
        "customer": ids.customer, "payment_intent": ids.intent, "payment_method": "pm_card_visa",
        "status": if failed { "failed" } else { "succeeded" }, "paid": !failed, "refunded": false,
        "failure_code": decline_code.map(|_| "card_declined"), "outcome": {"reason": decline_code},
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030}},
        "balance_transaction": if failed { Value::Null } else { balance },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::policy::stripe::{Reading, react};
    use domain::sealed::{BlindIndex, Sealed, Sealer};

    #[test]
    fn every_body_is_an_event_and_all_but_the_unknown_types_lead_to_facts() {
        let present: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        let sealer = Sealer {
            seal: &|text| Sealed::from_ciphertext(text.to_owned()),
            email_index: &|email| BlindIndex::from_hash(email.to_owned()),
        };
        let bodies = bodies(&mut Chance::new(&[1]), present);
        assert_eq!(bodies.len(), 30);
        let facts = bodies.iter().filter(|body| matches!(react(body.as_bytes(), present, &sealer), Reading::Facts(_)));
        assert_eq!(facts.count(), 28);
    }
}
