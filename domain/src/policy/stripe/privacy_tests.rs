//! Does anything that people wrote, or that names them, come out of a recorded event in the clear (rule L10)?

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::Value;

use super::{Reading, react};
use crate::sealed::{BlindIndex, Sealed, Sealer};
use crate::stamp::digest;

/// Keys whose text is personal wherever it stands.
const PERSONAL: [&str; 15] = [
    "comment",
    "customer_email",
    "customer_name",
    "customer_phone",
    "email",
    "failure_message",
    "hosted_invoice_url",
    "invoice_pdf",
    "line1",
    "line2",
    "network_decline_message",
    "phone",
    "receipt_email",
    "receipt_url",
    "seller_message",
];
/// Objects that say who somebody is.
const PEOPLE: [&str; 4] = ["billing_details", "metadata", "owner", "shipping"];
/// Shorter texts also occur by chance.
const SHORTEST: usize = 8;

fn recorded() -> Vec<Value> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/stripe");
    let lines = std::fs::read_to_string(data.join("events.jsonl")).unwrap();
    let recorded = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].take());
    let today = std::fs::read_dir(data.join("current-types")).unwrap().map(|entry| entry.unwrap().path());
    let today = today.filter(|path| path.file_name().unwrap() != "event-types.json");
    recorded.chain(today.map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())).collect()
}

/// Every personal text of an object: all of what describes people, and what stands under a personal key.
fn personal(value: &Value, all: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if all && text.len() >= SHORTEST => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| personal(value, all, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.as_str();
                // The acquisition source stays clear, since figures are broken down by it.
                if key != "acquisition_source" {
                    personal(value, all || PEOPLE.contains(&key) || PERSONAL.contains(&key), found);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn nothing_personal_of_a_recorded_event_stands_in_its_facts() {
    let sealer = Sealer {
        seal: &|text| Sealed::from_ciphertext(format!("sealed:{:x}", digest(&text))),
        email_index: &|email| BlindIndex::from_hash(format!("index:{:x}", digest(&email))),
    };
    let mut texts = 0;
    for event in recorded() {
        let object = &event["data"]["object"];
        let mut words = BTreeSet::new();
        personal(object, false, &mut words);
        // Descriptions of charges and intents are typed; those of invoice lines are where no subscription words them.
        words.extend(object["description"].as_str().filter(|text| text.len() >= SHORTEST).map(str::to_owned));
        let body = serde_json::to_vec(&event).unwrap();
        let Reading::Facts(commands) = react(&body, Timestamp::UNIX_EPOCH, &sealer) else { continue };
        let told = format!("{commands:?}");
        for text in words {
            texts += 1;
            assert!(!told.contains(text.as_str()), "{text:?} of {} in {told}", event["type"]);
        }
    }
    assert!(texts > 500, "{texts}");
}
