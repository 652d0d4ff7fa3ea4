//! Every recorded event, and one of each of today's types, read without failing; and what became of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::Value;

use super::{Reading, react, read_envelope};
use crate::sealed::{BlindIndex, Sealed, Sealer};

fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/stripe").join(path)
}

fn read(event: &Value) -> (String, Reading) {
    let sealer = Sealer {
        seal: &|text| Sealed::from_ciphertext(format!("sealed:{text}")),
        email_index: &|email| BlindIndex::from_hash(format!("index:{email}")),
    };
    let body = serde_json::to_vec(event).unwrap();
    let envelope = read_envelope(&body).unwrap_or_else(|error| panic!("{error}: {event}"));
    (envelope.kind, react(&body, Timestamp::from_second(1_700_000_000).unwrap(), &sealer))
}

fn recorded() -> Vec<Value> {
    let text = std::fs::read_to_string(data("events.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].take()).collect()
}

fn of_today() -> Vec<Value> {
    let mut paths: Vec<_> =
        std::fs::read_dir(data("current-types")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap() != "event-types.json");
    paths.sort();
    paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
}

/// Facts by family of types, and reasons with their counts; types that nobody owns are counted under one reason.
fn tally(events: &[Value]) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut facts, mut ignored) = (BTreeMap::new(), BTreeMap::new());
    for event in events {
        let (kind, reading) = read(event);
        let family = kind.rsplit_once('.').map_or(kind.as_str(), |(family, _)| family).to_owned();
        match reading {
            Reading::Facts(commands) => {
                assert!(!commands.is_empty(), "{kind} has facts");
                *facts.entry(family).or_insert(0) += 1;
            }
            Reading::Ignored { reason } if reason == format!("no aggregate owns {kind} yet") => {
                *ignored.entry("no aggregate owns it yet".to_owned()).or_insert(0) += 1;
            }
            Reading::Ignored { reason } => *ignored.entry(format!("{family}: {reason}")).or_insert(0) += 1,
        }
    }
    (facts, ignored)
}

fn table(rows: &[(&str, usize)]) -> BTreeMap<String, usize> {
    rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn the_recorded_events_become_facts_or_say_why_not() {
    let events = recorded();
    assert_eq!(events.len(), 1387);
    let (facts, ignored) = tally(&events);
    assert_eq!(
        facts,
        table(&[
            ("charge", 92),
            ("charge.dispute", 21),
            ("charge.refund", 6),
            ("checkout.session", 2),
            ("customer", 151),
            ("customer.card", 15),
            ("customer.source", 10),
            ("customer.subscription", 57),
            ("invoice", 337),
            ("payment_intent", 134),
            ("payment_method", 33),
            ("payout", 27),
            ("refund", 1),
        ])
    );
    assert_eq!(
        ignored,
        table(&[
            ("charge.dispute: the object has no id", 6),
            ("checkout.session: the checkout session names no customer", 2),
            ("customer.bank_account: the payment method names no customer", 3),
            (
                "customer.discount: a discount alone does not say the terms of its subscription, whose own event does",
                22
            ),
            ("customer.source: the payment method names no customer", 12),
            ("customer.subscription: the object has no id", 4),
            ("invoice: an upcoming invoice is a forecast of one that does not exist", 10),
            ("invoice: the object has no id", 3),
            ("no aggregate owns it yet", 438),
            ("payment_method: the payment method names no customer", 1),
        ])
    );
}

#[test]
fn the_types_of_today_become_facts_or_say_why_not() {
    let events = of_today();
    assert_eq!(events.len(), 264);
    let (facts, ignored) = tally(&events);
    assert_eq!(
        facts,
        table(&[
            ("charge", 7),
            ("charge.dispute", 5),
            ("charge.refund", 1),
            ("credit_note", 3),
            ("customer", 3),
            ("customer.subscription", 8),
            ("invoice", 16),
            ("payment_intent", 8),
            ("payout", 6),
            ("refund", 3),
        ])
    );
    assert_eq!(
        ignored,
        table(&[
            ("checkout.session: the checkout session names no customer", 4),
            ("customer.discount: a discount alone does not say the terms of its subscription, whose own event does", 3),
            ("customer.source: the payment method names no customer", 4),
            ("invoice: an upcoming invoice is a forecast of one that does not exist", 1),
            ("invoice_payment: the invoice payment has no usable `payment.payment_intent`", 1),
            ("no aggregate owns it yet", 187),
            ("payment_method: the payment method names no customer", 4),
        ])
    );
}

/// Whatever an object lacks or has of the wrong type, it is read or ignored, never a failure.
#[test]
fn events_with_any_one_value_missing_or_wrong_are_still_read() {
    let wrong = [Value::Null, Value::from(i64::MAX), Value::from("x"), serde_json::json!([{"id": 7}])];
    let mut seen = std::collections::BTreeSet::new();
    for event in of_today().iter().chain(&recorded()) {
        let owned = matches!(read(event).1, Reading::Facts(_));
        if !owned || !seen.insert(event["type"].to_string()) {
            continue;
        }
        let Some(object) = event["data"]["object"].as_object() else { continue };
        for key in object.keys() {
            for value in &wrong {
                let mut changed = event.clone();
                let right = std::mem::replace(&mut changed["data"]["object"][key], value.clone());
                changed["data"]["previous_attributes"] = serde_json::json!({ key: right });
                read(&changed);
            }
        }
    }
}
