//! Charges, intents, refunds and disputes, with and without a payment intent.

use serde_json::{Value, json};

use super::{CREATED, at, customer, event, fact, payment, seal};
use crate::command::Command;
use crate::id::{InvoiceId, PaymentMethodId};
use crate::money::Currency;
use crate::payment::{
    ChargeReport, DisputeReport, DisputeStatus, IntentReport, PaymentCommand, PaymentStatus, RefundReport, RefundStatus,
};
use crate::stamp::Stamp;

fn charge(kind: &str, object: &Value) -> (String, Stamp, ChargeReport) {
    let Command::Payment(stream, PaymentCommand::ReportCharge { id, stamp, charge }) = fact(&event(kind, object))
    else {
        panic!("no report: {object}");
    };
    assert_eq!(stream, id);
    (id.to_string(), stamp, *charge)
}

fn intent(kind: &str, object: &Value) -> (Stamp, IntentReport) {
    let Command::Payment(_, PaymentCommand::ReportIntent { stamp, intent, .. }) = fact(&event(kind, object)) else {
        panic!("no report: {object}");
    };
    (stamp, *intent)
}

fn bare_charge(status: PaymentStatus) -> ChargeReport {
    ChargeReport {
        id: "ch_1".to_owned(),
        status,
        amount_minor: 3279,
        amount_refunded_minor: 0,
        currency: Currency::USD,
        created_at: at(1000),
        customer: None,
        invoice: None,
        method: None,
        method_type: None,
        last4: None,
        exp_month: None,
        exp_year: None,
        decline_code: None,
        fee_minor: None,
        net_minor: None,
        description: None,
        receipt_url: None,
    }
}

#[test]
fn a_charge_of_2012_has_a_card_and_no_status() {
    let object = json!({
        "id": "ch_1", "object": "charge", "amount": 3279, "amount_refunded": 0, "created": 1000, "currency": "usd", "customer": null,
        "description": "order_id=21", "fee": 125, "failure_message": null, "invoice": "in_1", "paid": true, "refunded": false,
        "card": {"id": "cc_1", "object": "card", "type": "Visa", "last4": "4242", "exp_month": 1, "exp_year": 2013},
    });
    let expected = ChargeReport {
        invoice: InvoiceId::parse("in_1").ok(),
        method: PaymentMethodId::parse("cc_1").ok(),
        method_type: Some("card".to_owned()),
        last4: Some(seal("4242")),
        exp_month: Some(1),
        exp_year: Some(2013),
        description: Some(seal("order_id=21")),
        ..bare_charge(PaymentStatus::Succeeded)
    };
    let (id, stamp, report) = charge("charge.succeeded", &object);
    assert_eq!((id.as_str(), stamp.phase, stamp.rank, stamp.before), ("ch_1", 1, 20, None));
    assert_eq!(report, expected);
}

#[test]
fn a_charge_of_today_belongs_to_its_intent() {
    let object = json!({
        "id": "ch_1", "object": "charge", "amount": 3279, "amount_captured": 3279, "amount_refunded": 79, "captured": true,
        "created": 1000, "currency": "usd", "customer": "cus_1", "payment_intent": {"id": "pi_1", "object": "payment_intent"},
        "payment_method": "pm_1", "status": "succeeded", "paid": true, "refunded": false, "receipt_url": "https://example.com/r",
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030}},
        "balance_transaction": {"id": "txn_1", "currency": "usd", "fee": 125, "net": 3154},
    });
    let expected = ChargeReport {
        amount_refunded_minor: 79,
        customer: Some(customer("cus_1")),
        method: PaymentMethodId::parse("pm_1").ok(),
        method_type: Some("card".to_owned()),
        last4: Some(seal("4242")),
        exp_month: Some(8),
        exp_year: Some(2030),
        fee_minor: Some(125),
        net_minor: Some(3154),
        receipt_url: Some(seal("https://example.com/r")),
        ..bare_charge(PaymentStatus::Succeeded)
    };
    let (id, stamp, report) = charge("charge.refunded", &object);
    assert_eq!((id.as_str(), stamp.phase, stamp.rank), ("pi_1", 1, 50));
    assert_eq!(report, expected);
}

#[test]
fn a_charge_has_the_status_that_its_version_tells() {
    use PaymentStatus::{Canceled, Failed, Pending, RequiresCapture, Succeeded};
    let cases = [
        (json!({"status": "succeeded"}), Succeeded, 1),
        (json!({"status": "paid", "paid": true}), Succeeded, 1),
        (json!({"status": "pending", "paid": false}), Pending, 0),
        (json!({"status": "failed"}), Failed, 0),
        (json!({"paid": true}), Succeeded, 1),
        (json!({"paid": false}), Failed, 0),
        (json!({"paid": true, "captured": false}), RequiresCapture, 0),
        (json!({"status": "succeeded", "captured": false, "refunded": true}), Canceled, 0),
        (json!({"status": "succeeded", "captured": true, "refunded": true}), Succeeded, 1),
    ];
    for (extra, status, phase) in cases {
        let mut object = json!({"id": "ch_1", "amount": 1, "currency": "usd"});
        object.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let (_, stamp, report) = charge("charge.updated", &object);
        assert_eq!((report.status, stamp.phase), (status, phase), "{extra}");
    }
}

#[test]
fn fee_and_decline_are_only_what_was_reported() {
    let failed = |extra: Value| {
        let mut object =
            json!({"id": "ch_1", "amount": 1, "currency": "usd", "status": "failed", "failure_code": "card_declined"});
        object.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        charge("charge.failed", &object).2
    };
    assert_eq!(failed(json!({})).decline_code.as_deref(), Some("card_declined"));
    assert_eq!(failed(json!({"outcome": {"reason": "lost_card"}})).decline_code.as_deref(), Some("lost_card"));
    let cases = [
        (json!({"balance_transaction": "txn_1"}), None),
        (json!({"fee": 125}), None),
        (json!({"balance_transaction": {"fee": 5, "net": -4, "currency": "eur"}}), None),
        (json!({"balance_transaction": {"fee": 5, "net": -4, "currency": "usd"}}), Some(5)),
    ];
    for (extra, fee) in cases {
        assert_eq!(failed(extra.clone()).fee_minor, fee, "{extra}");
    }
}

#[test]
fn an_intent_is_read_whole() {
    let object = json!({
        "id": "pi_1", "object": "payment_intent", "amount": 7200, "amount_received": 7000, "created": 1000, "currency": "usd",
        "customer": "cus_1", "description": "Upgrade", "invoice": "in_1", "payment_method": "pm_1", "status": "succeeded",
        "last_payment_error": null,
    });
    let expected = IntentReport {
        id: "pi_1".to_owned(),
        status: PaymentStatus::Succeeded,
        amount_minor: 7000,
        currency: Currency::USD,
        created_at: at(1000),
        customer: Some(customer("cus_1")),
        invoice: InvoiceId::parse("in_1").ok(),
        method: PaymentMethodId::parse("pm_1").ok(),
        decline_code: None,
        description: Some(seal("Upgrade")),
    };
    let (stamp, report) = intent("payment_intent.succeeded", &object);
    assert_eq!((stamp.phase, stamp.rank, report), (2, 90, expected));
}

#[test]
fn an_intent_has_the_status_that_its_version_tells() {
    use PaymentStatus::{Canceled, Failed, Pending, Processing, RequiresAction, RequiresCapture};
    let error = json!({"code": "card_declined", "decline_code": "insufficient_funds"});
    let cases = [
        ("created", "requires_payment_method", json!(null), Pending, 0, None),
        ("created", "requires_source", json!(null), Pending, 0, None),
        ("created", "requires_confirmation", json!(null), Pending, 0, None),
        ("payment_failed", "requires_payment_method", error.clone(), Failed, 0, Some("insufficient_funds")),
        ("payment_failed", "requires_source", json!({"code": "expired_card"}), Failed, 0, Some("expired_card")),
        ("payment_failed", "requires_payment_method", json!(null), Failed, 0, None),
        ("requires_action", "requires_source_action", json!(null), RequiresAction, 0, None),
        ("processing", "processing", error, Processing, 0, None),
        ("amount_capturable_updated", "requires_capture", json!(null), RequiresCapture, 0, None),
        ("canceled", "canceled", json!(null), Canceled, 1, None),
    ];
    for (step, status, error, expected, phase, decline) in cases {
        let object =
            json!({"id": "pi_1", "amount": 1, "currency": "usd", "status": status, "last_payment_error": error});
        let (stamp, report) = intent(&format!("payment_intent.{step}"), &object);
        let read = (report.status, stamp.phase, report.decline_code.as_deref(), report.created_at);
        assert_eq!(read, (expected, phase, decline, at(CREATED)), "{step} {status}");
    }
}

#[test]
fn refunds_and_disputes_are_read_whole() {
    let refunds = [
        (None, RefundStatus::Succeeded, 1),
        (Some("pending"), RefundStatus::Pending, 0),
        (Some("requires_action"), RefundStatus::Pending, 0),
        (Some("succeeded"), RefundStatus::Succeeded, 1),
        (Some("failed"), RefundStatus::Failed, 2),
        (Some("canceled"), RefundStatus::Canceled, 2),
    ];
    for (word, status, phase) in refunds {
        let object = json!({"id": "re_1", "charge": "ch_1", "payment_intent": "pi_1", "amount": 100, "currency": "usd",
            "created": 1000, "reason": "requested_by_customer", "status": word});
        let Command::Payment(_, PaymentCommand::ReportRefund { id, stamp, refund }) =
            fact(&event("refund.updated", &object))
        else {
            panic!("no refund: {object}");
        };
        let reason = Some("requested_by_customer".to_owned());
        let expected = RefundReport {
            id: "re_1".to_owned(),
            status,
            amount_minor: 100,
            currency: Currency::USD,
            created_at: at(1000),
            reason,
        };
        assert_eq!((id, stamp.phase, refund), (payment("pi_1"), phase, expected), "{word:?}");
    }
    let disputes = [
        ("warning_needs_response", DisputeStatus::Inquiry, 0),
        ("warning_under_review", DisputeStatus::Inquiry, 0),
        ("warning_closed", DisputeStatus::InquiryClosed, 1),
        ("needs_response", DisputeStatus::Open, 0),
        ("under_review", DisputeStatus::Open, 0),
        ("charge_refunded", DisputeStatus::InquiryClosed, 1),
        ("won", DisputeStatus::Won, 1),
        ("lost", DisputeStatus::Lost, 1),
    ];
    for (word, status, phase) in disputes {
        let object = json!({"id": "dp_1", "charge": "ch_1", "amount": 100, "currency": "usd", "created": 1000,
            "reason": "fraudulent", "status": word});
        let Command::Payment(_, PaymentCommand::ReportDispute { id, stamp, dispute }) =
            fact(&event("charge.dispute.updated", &object))
        else {
            panic!("no dispute: {object}");
        };
        let reason = Some("fraudulent".to_owned());
        let expected = DisputeReport {
            id: "dp_1".to_owned(),
            status,
            amount_minor: 100,
            currency: Currency::USD,
            created_at: at(1000),
            reason,
            withdrawn_minor: None,
            reinstated_minor: 0,
            fee_minor: None,
        };
        assert_eq!((id, stamp.phase, dispute), (payment("ch_1"), phase, expected), "{word}");
    }
}
