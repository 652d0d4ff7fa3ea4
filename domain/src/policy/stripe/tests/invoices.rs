//! Invoices: the flags and three lists of 2012, and the same facts in the last four major versions.

use serde_json::{Value, json};

use super::{CREATED, at, customer, event, fact, payment, seal, updated, with};
use crate::command::Command;
use crate::id::{InvoiceId, PlanId, SubscriptionId};
use crate::invoice::{FailedAttempt, InvoiceCommand, InvoiceSnapshot, InvoiceStatus, Line};
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::Interval;
use crate::stamp::Stamp;
use crate::time::Period;

/// 2025-04-01 and 2025-05-01, midnight UTC.
const APRIL: i64 = 1_743_465_600;
const MAY: i64 = 1_746_057_600;

fn reported(event: &Value) -> (Stamp, InvoiceSnapshot, Option<FailedAttempt>) {
    let Command::Invoice(_, InvoiceCommand::Report { stamp, snapshot, attempt, .. }) = fact(event) else {
        panic!("no report: {event}");
    };
    (stamp, *snapshot, attempt)
}

fn snapshot(kind: &str, object: &Value) -> InvoiceSnapshot {
    reported(&event(kind, object)).1
}

fn line(description: &str, amount_minor: i64, proration: bool, plan: Option<&str>) -> Line {
    Line {
        description: description.to_owned(),
        period: Some(Period { start: at(APRIL), end: at(MAY) }),
        proration,
        plan: plan.map(|plan| PlanId::parse(plan).unwrap()),
        interval: plan.map(|_| Interval::MONTHLY),
        ..Line::of(amount_minor)
    }
}

fn invoice(status: InvoiceStatus, total_minor: i64) -> InvoiceSnapshot {
    let paid = if status == InvoiceStatus::Paid { total_minor } else { 0 };
    InvoiceSnapshot {
        origin: Origin::Stripe,
        customer: Some(customer("cus_1")),
        status,
        subtotal_minor: total_minor,
        total_minor,
        amount_due_minor: total_minor,
        amount_paid_minor: paid,
        amount_remaining_minor: total_minor - paid,
        ..InvoiceSnapshot::draft(Currency::USD, at(1000))
    }
}

#[test]
fn an_invoice_of_2012_has_flags_and_three_lists() {
    let plan =
        json!({"id": "gold", "object": "plan", "name": "Gold", "amount": 1000, "currency": "usd", "interval": "month"});
    let period = json!({"start": APRIL, "end": MAY});
    let object = json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "currency": "usd", "date": 1000, "paid": true, "closed": true,
        "attempted": true, "attempt_count": 1, "subtotal": 1300, "total": 1200, "amount_due": 1200, "charge": "ch_1",
        "next_payment_attempt": null, "period_start": 900, "period_end": 1000, "discount": {"coupon": {"id": "c", "amount_off": 100}},
        "lines": {
            "invoiceitems": [{"id": "ii_1", "object": "line_item", "amount": 200, "description": "Setup", "period": period}],
            "prorations": [{"id": "ii_2", "object": "line_item", "amount": 100, "description": null, "plan": plan, "period": period}],
            "subscriptions": [{"plan": plan, "amount": 1000, "quantity": 1, "period": period}],
        },
    });
    let expected = InvoiceSnapshot {
        lines: vec![
            line("Gold", 1000, false, Some("gold")),
            Line { id: Some("ii_1".to_owned()), note: Some(seal("Setup")), ..line("", 200, false, None) },
            Line { id: Some("ii_2".to_owned()), ..line("Gold", 100, true, Some("gold")) },
        ],
        subtotal_minor: 1300,
        discount_minor: 100,
        attempt_count: 1,
        paid_at: Some(at(CREATED)),
        period: Some(Period { start: at(900), end: at(1000) }),
        payment: Some(payment("ch_1")),
        ..invoice(InvoiceStatus::Paid, 1200)
    };
    assert_eq!(snapshot("invoice.payment_succeeded", &object), expected);
}

/// A line of one full month, as it was until 2025 and as it is since.
fn old_and_new_line() -> (Value, Value) {
    let base = json!({"id": "il_1", "object": "line_item", "amount": 1000, "currency": "usd", "description": "Gold",
        "quantity": 1, "period": {"start": APRIL, "end": MAY}});
    let old = json!({"type": "subscription", "subscription": "sub_1", "subscription_item": "si_1", "proration": false,
        "price": {"id": "price_1", "object": "price", "recurring": {"interval": "month", "interval_count": 1}},
        "plan": {"id": "price_1", "interval": "month", "interval_count": 1}});
    let details = json!({"proration": false, "subscription": "sub_1", "subscription_item": "si_1"});
    let parent = json!({"type": "subscription_item_details", "subscription_item_details": details, "invoice_item_details": null});
    let priced = json!({"price": "price_1", "product": "prod_1"});
    let pricing = json!({"type": "price_details", "price_details": priced, "unit_amount_decimal": "1000"});
    (with(&base, &old), with(&base, &json!({"parent": parent, "taxes": [], "pricing": pricing})))
}

/// What each version adds to the fields that all have in common.
fn versions() -> [(&'static str, Value); 5] {
    let (old_line, new_line) = old_and_new_line();
    let clover_line = with(&new_line, &json!({"subtotal": 1000}));
    let dahlia_line = with(&clover_line, &json!({"quantity": null, "quantity_decimal": "1"}));
    let list = |line: &Value| json!({"object": "list", "data": [line]});
    let parent = |subscription: Value| json!({"type": "subscription_details", "subscription_details": {"subscription": subscription}});
    let paid_by = |intent: Value| {
        let by = |intent: &Value| json!({"type": "payment_intent", "payment_intent": intent});
        json!({"object": "list", "data": [
            {"id": "inpay_0", "status": "canceled", "is_default": false, "payment": by(&json!("pi_0"))},
            {"id": "inpay_1", "status": "paid", "is_default": true, "payment": by(&intent)},
        ]})
    };
    let old_taxes = json!([{"amount": 180, "inclusive": false}]);
    let taxes = json!([{"amount": 100, "tax_behavior": "exclusive"}, {"amount": 80, "tax_behavior": "exclusive"}]);
    let of_2019 = json!({"subscription": "sub_1", "lines": list(&old_line), "tax": 180, "payment_intent": "pi_1", "charge": "ch_1"});
    let acacia = json!({"subscription": {"id": "sub_1"}, "lines": list(&old_line), "tax": 180, "charge": "ch_1",
        "total_tax_amounts": old_taxes, "payment_intent": {"id": "pi_1"}});
    let since_2025 = |line: &Value, subscription: Value, intent: Value| json!({"parent": parent(subscription), "lines": list(line), "total_taxes": taxes, "payments": paid_by(intent)});
    [
        ("2019", of_2019),
        ("acacia", acacia),
        ("basil", since_2025(&new_line, json!("sub_1"), json!("pi_1"))),
        ("clover", since_2025(&clover_line, json!("sub_1"), json!({"id": "pi_1"}))),
        ("dahlia", since_2025(&dahlia_line, json!({"id": "sub_1"}), json!("pi_1"))),
    ]
}

#[test]
fn the_same_invoice_reads_the_same_in_every_version() {
    let common = json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "currency": "usd", "created": 1000, "status": "paid",
        "number": "INV-1", "attempt_count": 1, "attempted": true, "subtotal": 1000, "total": 1080, "amount_due": 1080,
        "amount_paid": 1080, "amount_remaining": 0, "due_date": 5000, "period_start": 900, "period_end": 1000,
        "billing_reason": "subscription_cycle", "hosted_invoice_url": "https://example.com/i", "invoice_pdf": "https://example.com/p",
        "status_transitions": {"finalized_at": 1100, "paid_at": 1200, "voided_at": null, "marked_uncollectible_at": null},
        "total_discount_amounts": [{"amount": 100, "discount": "di_1"}],
    });
    let expected = InvoiceSnapshot {
        subscription: SubscriptionId::parse("sub_1").ok(),
        number: Some("INV-1".to_owned()),
        lines: vec![Line { id: Some("il_1".to_owned()), ..line("Gold", 1000, false, Some("price_1")) }],
        subtotal_minor: 1000,
        discount_minor: 100,
        tax_minor: 180,
        attempt_count: 1,
        due_at: Some(at(5000)),
        finalized_at: Some(at(1100)),
        paid_at: Some(at(1200)),
        period: Some(Period { start: at(900), end: at(1000) }),
        billing_reason: Some("subscription_cycle".to_owned()),
        payment: Some(payment("pi_1")),
        hosted_url: Some(seal("https://example.com/i")),
        pdf_url: Some(seal("https://example.com/p")),
        ..invoice(InvoiceStatus::Paid, 1080)
    };
    for (version, extra) in versions() {
        assert_eq!(snapshot("invoice.paid", &with(&common, &extra)), expected, "{version}");
    }
}

#[test]
fn the_flags_before_2018_come_to_a_status_and_a_phase() {
    use InvoiceStatus::{Draft, Open, Paid, Uncollectible, Void};
    let cases = [
        ("created", json!({"paid": false, "closed": false, "attempted": false}), Draft, 0),
        ("updated", json!({"paid": false, "closed": false, "attempted": true}), Open, 0),
        ("sent", json!({"paid": false, "closed": false, "attempted": false}), Open, 0),
        ("updated", json!({"attempt_count": 2}), Open, 0),
        ("updated", json!({"finalized_at": 1100}), Open, 0),
        ("updated", json!({"closed": true, "forgiven": true, "attempted": true}), Uncollectible, 1),
        ("updated", json!({"closed": true, "attempted": true}), Void, 2),
        ("updated", json!({"paid": true, "closed": true}), Paid, 2),
        ("deleted", json!({"status": "draft"}), InvoiceStatus::Deleted, 2),
        ("updated", json!({"status": "open", "closed": true}), Open, 0),
        ("marked_uncollectible", json!({"status": "uncollectible"}), Uncollectible, 1),
        ("voided", json!({"status": "void"}), Void, 2),
    ];
    for (step, flags, status, phase) in cases {
        let object = with(&json!({"id": "in_1", "currency": "usd", "total": 100}), &flags);
        let (stamp, read, _) = reported(&event(&format!("invoice.{step}"), &object));
        assert_eq!((read.status, stamp.phase), (status, phase), "{step} {flags}");
    }
}

#[test]
fn a_failed_payment_carries_its_attempt() {
    let attempt = |key: &str, decline_code: Option<&str>| FailedAttempt {
        key: key.to_owned(),
        count: 2,
        at: at(CREATED),
        next_attempt_at: Some(at(CREATED + 100)),
        decline_code: decline_code.map(str::to_owned),
    };
    let cases = [
        (json!({"charge": "ch_1"}), attempt("ch_1", None)),
        (json!({"charge": {"id": "ch_1", "failure_code": "card_declined"}}), attempt("ch_1", Some("card_declined"))),
        (
            json!({"charge": {"id": "ch_1", "failure_code": "card_declined", "outcome": {"reason": "insufficient_funds"}}}),
            attempt("ch_1", Some("insufficient_funds")),
        ),
        (
            json!({"payment_intent": {"id": "pi_1", "last_payment_error": {"code": "card_declined", "decline_code": "lost_card"}}}),
            attempt("attempt-2", Some("lost_card")),
        ),
        (
            json!({"charge": null, "last_finalization_error": {"code": "tax_failed"}}),
            attempt("attempt-2", Some("tax_failed")),
        ),
        (json!({}), attempt("attempt-2", None)),
    ];
    for (extra, expected) in cases {
        let object = json!({"id": "in_1", "currency": "usd", "total": 100, "status": "open", "attempt_count": 2,
            "next_payment_attempt": CREATED + 100});
        let object = with(&object, &extra);
        assert_eq!(reported(&event("invoice.payment_failed", &object)).2, Some(expected), "{extra}");
        assert_eq!(reported(&event("invoice.updated", &object)).2, None, "{extra}");
    }
}

#[test]
fn an_invoice_payment_joins_invoice_and_payment() {
    let cases = [
        (
            json!({"amount_paid": 500, "amount_requested": 900, "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}),
            "pi_1",
            500,
        ),
        (
            json!({"amount_paid": null, "amount_requested": 900, "payment": {"type": "charge", "charge": "ch_1"}}),
            "ch_1",
            900,
        ),
    ];
    for (extra, expected, minor) in cases {
        let object = with(&json!({"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1"}), &extra);
        let Command::Invoice(stream, InvoiceCommand::LinkPayment { id, at: when, payment: joined, amount_minor }) =
            fact(&event("invoice_payment.paid", &object))
        else {
            panic!("no link: {object}");
        };
        let invoice = InvoiceId::parse("in_1").unwrap();
        assert_eq!(
            (stream, id, when, joined, amount_minor),
            (invoice.clone(), invoice, at(CREATED), payment(expected), minor)
        );
    }
}

#[test]
fn paying_a_draft_names_the_draft_as_the_report_before() {
    let draft = json!({"id": "in_1", "currency": "usd", "total": 0, "status": "draft", "created": 1000, "attempted": false, "lines": [],
        "number": null, "status_transitions": {"finalized_at": null, "paid_at": null}});
    let paid = with(
        &draft,
        &json!({"status": "paid", "attempted": true, "number": "A-1", "lines": {"data": [{"id": "il_1", "amount": 0}]},
        "status_transitions": {"finalized_at": 1000, "paid_at": 1000}}),
    );
    let previous = json!({"status": "draft", "attempted": false, "number": null, "lines": [],
        "status_transitions": {"finalized_at": null, "paid_at": null}});
    let created = reported(&event("invoice.created", &draft)).0;
    let changed = reported(&updated("invoice.updated", &paid, &previous)).0;
    assert_eq!(changed.before, Some(created.digest));
}

#[test]
fn only_so_many_lines_are_kept_and_the_rest_is_said_to_be_there() {
    let lines = |count: usize| -> Vec<Value> { (0..count).map(|number| json!({"amount": number})).collect() };
    let today = |count, has_more: bool| json!({"object": "list", "data": lines(count), "has_more": has_more});
    let cases = [
        (json!(null), 0, false),
        (today(0, false), 0, false),
        (today(10, false), 10, false),
        (today(10, true), 10, true),
        (today(500, false), 500, false),
        (today(501, false), 500, true),
        (today(40_000, false), 500, true),
        (json!({"subscriptions": lines(300), "invoiceitems": lines(100), "prorations": lines(100)}), 500, false),
        (json!({"subscriptions": lines(300), "invoiceitems": lines(100), "prorations": lines(101)}), 500, true),
    ];
    for (lines, kept, more_lines) in cases {
        let brought = lines.to_string().len();
        let object = json!({"id": "in_1", "currency": "usd", "total": 100, "status": "open", "lines": lines});
        let said = snapshot("invoice.created", &object);
        assert_eq!((said.lines.len(), said.more_lines), (kept, more_lines), "{brought} bytes of lines");
    }
}
