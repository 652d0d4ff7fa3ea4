//! Payouts, and the money of disputes, as recorded balance transactions tell it.

use serde_json::{Value, json};

use super::{CREATED, at, event, fact, reason, with};
use crate::command::Command;
use crate::money::Currency;
use crate::payment::PaymentCommand;
use crate::payout::{PayoutCommand, PayoutReport, PayoutStatus};

fn payout(status: &str) -> Value {
    json!({
        "id": "po_1", "object": "payout", "amount": 96_779, "currency": "usd", "created": CREATED - 86_400,
        "arrival_date": CREATED + 86_400, "status": status, "type": "bank_account", "method": "standard"
    })
}

#[test]
fn payouts_are_read_whole() {
    use PayoutStatus::{Canceled, Failed, InTransit, Paid, Pending};
    let cases = [
        ("payout.created", "pending", Pending, 0),
        ("payout.created", "in_transit", InTransit, 0),
        ("payout.updated", "paid", Paid, 1),
        // Stripe shows the object of its recordings as it was at first, whatever the step.
        ("payout.paid", "in_transit", Paid, 1),
        ("payout.failed", "in_transit", Failed, 2),
        ("payout.canceled", "in_transit", Canceled, 2),
        ("payout.reconciliation_completed", "paid", Paid, 1),
    ];
    for (kind, word, status, phase) in cases {
        let Command::Payout(id, PayoutCommand::Report { stamp, payout }) = fact(&event(kind, &payout(word))) else {
            panic!("no payout: {kind}");
        };
        let expected = PayoutReport {
            id: "po_1".to_owned(),
            status,
            amount_minor: 96_779,
            currency: Currency::USD,
            created_at: at(CREATED - 86_400),
            arrives_at: Some(at(CREATED + 86_400)),
        };
        assert_eq!((id.as_str(), stamp.phase, payout), ("po_1", phase, expected), "{kind} {word}");
    }
}

#[test]
fn a_payout_of_2013_was_a_transfer_with_a_date() {
    let object = json!({"id": "tr_1", "date": CREATED, "amount": 67, "currency": "usd", "status": "pending"});
    let Command::Payout(_, PayoutCommand::Report { payout, .. }) = fact(&event("payout.created", &object)) else {
        panic!("no payout");
    };
    assert_eq!((payout.created_at, payout.arrives_at), (at(CREATED), Some(at(CREATED))));
}

#[test]
fn a_payout_that_cannot_be_read_says_why() {
    let cases = [
        (json!({"id": "po_1", "status": "lent"}), "the payout has the unknown status \"lent\""),
        (json!({"id": "po_1", "status": "paid"}), "the payout has no usable `amount`"),
        (json!({"id": "po_1", "status": "paid", "amount": 1}), "the payout has no usable `currency`"),
        (json!({"status": "paid"}), "the object has no id"),
    ];
    for (object, expected) in cases {
        assert_eq!(reason(&event("payout.created", &object)), expected, "{object}");
    }
}

/// The recorded withdrawal of 250.00 with its fee of 15.00, and what may follow it.
#[test]
fn the_money_of_a_dispute_is_that_of_its_balance_transactions() {
    let taken = json!({"amount": -25_000, "fee": 1_500, "net": -26_500, "currency": "usd", "type": "adjustment"});
    let back = json!({"amount": 25_000, "fee": -1_500, "net": 26_500, "currency": "usd", "type": "adjustment"});
    let some_back = json!({"amount": 10_000, "fee": 0, "net": 10_000, "currency": "usd", "type": "adjustment"});
    let abroad = json!({"amount": -23_000, "fee": 1_500, "net": -24_500, "currency": "eur", "type": "adjustment"});
    let cases = [
        (json!([]), (None, 0, None)),
        (json!([taken]), (Some(25_000), 0, Some(1_500))),
        (json!([taken, back]), (Some(25_000), 25_000, Some(0))),
        (json!([taken, some_back]), (Some(25_000), 10_000, Some(1_500))),
        (json!([abroad]), (None, 0, None)),
        (json!([taken, abroad]), (None, 0, None)),
        (json!([{"fee": 1_500}]), (None, 0, None)),
        (json!(["txn_1"]), (None, 0, None)),
    ];
    let open = json!({"id": "dp_1", "charge": "ch_1", "currency": "usd", "amount": 25_000, "status": "needs_response"});
    for (transactions, expected) in cases {
        let object = with(&open, &json!({ "balance_transactions": transactions }));
        let Command::Payment(_, PaymentCommand::ReportDispute { dispute, .. }) =
            fact(&event("charge.dispute.funds_withdrawn", &object))
        else {
            panic!("no dispute: {object}");
        };
        let money = (dispute.withdrawn_minor, dispute.reinstated_minor, dispute.fee_minor);
        assert_eq!(money, expected, "{object}");
    }
}
