//! Small events written by hand, one of each object in an old and a new shape, and exactly what they come to.

mod credit_notes;
mod customers;
mod invoices;
mod own;
mod payments;
mod payouts;
mod subscriptions;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reading, react};
use crate::command::Command;
use crate::customer::CustomerCommand;
use crate::id::{CustomerId, PaymentId};
use crate::sealed::{BlindIndex, Sealed, Sealer};

/// When every event of these tests was created.
const CREATED: i64 = 1_700_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn seal(text: &str) -> Sealed {
    Sealed::from_ciphertext(format!("sealed({text})"))
}

fn reading(event: &Value) -> Reading {
    let sealer = Sealer { seal: &seal, email_index: &|email| BlindIndex::from_hash(format!("index({email})")) };
    react(&serde_json::to_vec(event).unwrap(), at(CREATED + 9), &sealer)
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"id": "evt_1", "object": "event", "type": kind, "created": CREATED, "data": {"object": object}})
}

fn updated(kind: &str, object: &Value, previous: &Value) -> Value {
    let data = json!({"object": object, "previous_attributes": previous});
    json!({"id": "evt_2", "object": "event", "type": kind, "created": CREATED, "data": data})
}

/// An object with the fields of another over its own.
fn with(object: &Value, extra: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    object
}

/// The facts of an event, in order.
fn facts(event: &Value) -> Vec<Command> {
    match reading(event) {
        Reading::Facts(commands) => commands,
        Reading::Ignored { reason } => panic!("ignored: {reason}: {event}"),
    }
}

/// The last fact of an event, which is the report itself.
fn fact(event: &Value) -> Command {
    facts(event).pop().unwrap()
}

fn reason(event: &Value) -> String {
    match reading(event) {
        Reading::Facts(commands) => panic!("facts: {commands:?}"),
        Reading::Ignored { reason } => reason,
    }
}

fn payment(id: &str) -> PaymentId {
    PaymentId::parse(id).unwrap()
}

fn customer(id: &str) -> CustomerId {
    CustomerId::parse(id).unwrap()
}

/// The ids of the streams that an event's facts are for, with what kind of fact.
fn streams(event: &Value) -> Vec<String> {
    let name = |command: Command| match command {
        Command::Customer(id, CustomerCommand::Mention { id: named, at: when }) => {
            assert_eq!((&id, when), (&named, at(CREATED)));
            format!("mention {id}")
        }
        Command::Customer(id, CustomerCommand::Report { .. }) => format!("customer {id}"),
        Command::Customer(id, CustomerCommand::ReportPaymentMethod { method, .. }) => {
            format!("method {id} {}", method.id)
        }
        Command::Customer(id, CustomerCommand::AnnounceCardExpiry { method, .. }) => format!("expiring {id} {method}"),
        Command::Subscription(id, _) => format!("subscription {id}"),
        Command::Invoice(id, _) => format!("invoice {id}"),
        Command::Payment(id, _) => format!("payment {id}"),
        Command::Payout(id, _) => format!("payout {id}"),
        other @ (Command::Customer(..)
        | Command::Dunning(..)
        | Command::StripeEvent(..)
        | Command::CatalogueEntry(..)
        | Command::TenantSettings(..)
        | Command::Account(..)
        | Command::Usage(..)
        | Command::Sandbox(..)
        | Command::ProcessorCall(..)) => panic!("{other:?}"),
    };
    facts(event).into_iter().map(name).collect()
}

#[test]
fn facts_go_to_these_streams_after_the_customer_they_name() {
    let invoice = json!({"id": "in_1", "customer": "cus_1", "currency": "usd", "total": 100, "status": "open"});
    let charge = json!({"id": "ch_1", "payment_intent": "pi_1", "customer": "cus_1", "currency": "usd", "amount": 1});
    let alone = json!({"id": "ch_1", "currency": "usd", "amount": 1, "paid": true});
    let card = json!({"id": "card_1", "object": "card", "customer": "cus_1"});
    let refund = json!({"id": "re_1", "charge": "ch_1", "payment_intent": "pi_1", "currency": "usd", "amount": 1});
    let old_refund = json!({"id": "re_1", "charge": "ch_1", "currency": "usd", "amount": 1});
    let expanded =
        json!({"id": "re_1", "charge": {"id": "ch_1", "payment_intent": "pi_1"}, "currency": "usd", "amount": 1});
    let dispute = json!({"id": "dp_1", "charge": "ch_1", "currency": "usd", "amount": 1, "status": "lost"});
    let cases: Vec<(&str, Value, &[&str])> = vec![
        ("customer.updated", json!({"id": "cus_1", "object": "customer"}), &["customer cus_1"]),
        ("invoice.paid", invoice, &["mention cus_1", "invoice in_1"]),
        ("charge.succeeded", charge, &["mention cus_1", "payment pi_1"]),
        ("charge.succeeded", alone, &["payment ch_1"]),
        ("customer.source.created", card.clone(), &["mention cus_1", "method cus_1 card_1"]),
        ("customer.source.expiring", card, &["mention cus_1", "method cus_1 card_1", "expiring cus_1 card_1"]),
        ("refund.created", refund, &["payment pi_1"]),
        ("charge.refund.updated", old_refund, &["payment ch_1"]),
        ("refund.updated", expanded, &["payment pi_1"]),
        ("charge.dispute.closed", dispute, &["payment ch_1"]),
        ("checkout.session.completed", json!({"id": "cs_1", "customer": "cus_1"}), &["mention cus_1"]),
    ];
    for (kind, object, expected) in cases {
        assert_eq!(streams(&event(kind, &object)), expected, "{kind} {object}");
    }
}

#[test]
fn what_has_no_consequence_says_why() {
    let cases = [
        ("product.created", json!({"id": "prod_1"}), "no aggregate owns product.created yet"),
        (
            "invoiceitem.created",
            json!({"id": "ii_1", "customer": "cus_1"}),
            "no aggregate owns invoiceitem.created yet",
        ),
        ("invoice.upcoming", json!({}), "an upcoming invoice is a forecast of one that does not exist"),
        ("invoice.created", json!({"currency": "usd"}), "the object has no id"),
        ("invoice.created", json!({"id": "in_1", "total": 1}), "the invoice has no usable `currency`"),
        ("invoice.created", json!({"id": "in_1", "currency": "usd"}), "the invoice has no usable `total`"),
        ("invoice.created", json!({"id": "in_1", "status": "lent"}), "the invoice has the unknown status \"lent\""),
        ("invoice.created", json!({"id": "in/1"}), "the invoice has no usable `id`"),
        ("customer.subscription.created", json!({"id": "sub_1"}), "the subscription has no usable `currency`"),
        (
            "customer.subscription.created",
            json!({"id": "sub_1", "currency": "usd"}),
            "the subscription has no usable `customer`",
        ),
        (
            "customer.discount.created",
            json!({"id": "di_1"}),
            "a discount alone does not say the terms of its subscription, whose own event does",
        ),
        ("charge.succeeded", json!({"id": "ch_1", "currency": "usd"}), "the charge has no usable `amount`"),
        (
            "charge.succeeded",
            json!({"id": "ch_1", "currency": "usd", "amount": i64::MAX}),
            "the charge has no usable `amount`",
        ),
        ("refund.created", json!({"id": "re_1"}), "the refund has no usable `payment_intent` or `charge`"),
        ("payment_method.attached", json!({"id": "pm_1"}), "the payment method names no customer"),
        ("checkout.session.completed", json!({"id": "cs_1"}), "the checkout session names no customer"),
        (
            "invoice_payment.paid",
            json!({"invoice": "in_1"}),
            "the invoice payment has no usable `payment.payment_intent`",
        ),
    ];
    for (kind, object, expected) in cases {
        assert_eq!(reason(&event(kind, &object)), expected, "{kind} {object}");
    }
    let thin = json!({"id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found"});
    assert_eq!(reason(&thin), "thin events (v2.core.event) are not accepted here; send snapshot events");
}

#[test]
fn an_event_without_a_time_has_the_second_it_was_received_in() {
    let bare = json!({"id": "evt_1", "type": "charge.succeeded",
        "data": {"object": {"id": "ch_1", "customer": "cus_1", "currency": "usd", "amount": 1}}});
    let Some(Command::Customer(_, CustomerCommand::Mention { at: when, .. })) = facts(&bare).into_iter().next() else {
        panic!("no mention");
    };
    assert_eq!(when, at(CREATED + 9));
}
