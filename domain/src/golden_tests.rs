//! Does every event still read as it was first written (rule L9)? Each kind has a golden file in `tests/golden/` that
//! must decode for ever. A golden file is never changed; an event of a new form gets a new version and a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::samples;

/// The names under which events are stored, read from the one place that lists them.
fn names() -> BTreeSet<String> {
    include_str!("event_name.rs")
        .lines()
        .filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\","))
        .map(str::to_owned)
        .collect()
}

struct Sample {
    aggregate: &'static str,
    name: &'static str,
    event: LedgerEvent,
    payload: Value,
}

fn payload(event: &LedgerEvent) -> Value {
    serde_json::to_value(event).unwrap()
}

fn sample(event: LedgerEvent) -> Sample {
    let name = match &event {
        LedgerEvent::Customer(event) => event.change.name(),
        LedgerEvent::Subscription(event) => event.change.name(),
        LedgerEvent::Invoice(event) => event.change.name(),
        LedgerEvent::Payment(event) => event.change.name(),
        LedgerEvent::Dunning(event) => event.change.name(),
        LedgerEvent::StripeEvent(event) => event.change.name(),
        LedgerEvent::CatalogueEntry(event) => event.change.name(),
        LedgerEvent::TenantSettings(event) => event.change.name(),
        LedgerEvent::Account(event) => event.change.name(),
        LedgerEvent::Usage(event) => event.change.name(),
        LedgerEvent::Sandbox(event) => event.change.name(),
        LedgerEvent::Payout(event) => event.change.name(),
        LedgerEvent::ProcessorCall(event) => event.change.name(),
    };
    Sample { aggregate: event.aggregate_type(), name, payload: payload(&event), event }
}

fn all_samples() -> Vec<Sample> {
    let mut all = Vec::new();
    all.extend(samples::customer::events().into_iter().map(LedgerEvent::Customer));
    all.extend(samples::subscription::events().into_iter().map(LedgerEvent::Subscription));
    all.extend(samples::invoice::events().into_iter().map(LedgerEvent::Invoice));
    all.extend(samples::payment::events().into_iter().map(LedgerEvent::Payment));
    all.extend(samples::dunning::events().into_iter().map(LedgerEvent::Dunning));
    all.extend(samples::stripe_event::events().into_iter().map(LedgerEvent::StripeEvent));
    all.extend(samples::catalogue_entry::events().into_iter().map(LedgerEvent::CatalogueEntry));
    all.extend(samples::tenant_settings::events().into_iter().map(LedgerEvent::TenantSettings));
    all.extend(samples::account::events().into_iter().map(LedgerEvent::Account));
    all.extend(samples::usage::events().into_iter().map(LedgerEvent::Usage));
    all.extend(samples::sandbox::events().into_iter().map(LedgerEvent::Sandbox));
    all.extend(samples::payout::events().into_iter().map(LedgerEvent::Payout));
    all.extend(samples::processor_call::events().into_iter().map(LedgerEvent::ProcessorCall));
    all.into_iter().map(sample).collect()
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/golden/{name}.v1.json"))
}

#[test]
fn every_kind_of_event_has_a_sample() {
    let sampled: BTreeSet<String> = all_samples().iter().map(|sample| sample.name.to_owned()).collect();
    assert_eq!(sampled, names());
}

#[test]
fn every_event_survives_being_stored() {
    for sample in all_samples() {
        let stored = sample.payload.to_string();
        let decoded = LedgerEvent::decode(sample.aggregate, sample.name, EVENT_VERSION, &stored);
        assert_eq!(decoded, Ok(sample.event), "{}", sample.name);
    }
}

#[test]
fn every_golden_file_decodes_and_is_written_the_same_again() {
    let aggregates: BTreeMap<&str, &str> = all_samples().iter().map(|sample| (sample.name, sample.aggregate)).collect();
    for name in names() {
        let Ok(text) = std::fs::read_to_string(golden(&name)) else { continue };
        let event = LedgerEvent::decode(aggregates[name.as_str()], &name, "1", &text).unwrap();
        assert_eq!(payload(&event), serde_json::from_str::<Value>(&text).unwrap(), "{name}");
        assert_eq!(sample(event).name, name);
    }
}

#[test]
fn every_kind_of_event_has_a_golden_file() {
    let missing: Vec<String> = all_samples()
        .iter()
        .filter(|sample| !golden(sample.name).exists())
        .map(|sample| format!("--- {}\n{}", golden(sample.name).display(), pretty(&sample.payload)))
        .collect();
    assert!(missing.is_empty(), "add these golden files:\n{}", missing.join("\n"));
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn what_cannot_be_decoded_is_named() {
    let cases = [
        ("basket", "BasketFilled", "1", "{}", DecodeError::UnknownAggregate("basket".to_owned())),
        (
            Customer::TYPE,
            "CustomerCreated",
            "2",
            "{}",
            DecodeError::NewerVersion { event_type: "CustomerCreated".to_owned(), version: "2".to_owned() },
        ),
        (
            Customer::TYPE,
            "CustomerCreated",
            "1",
            "{}",
            DecodeError::Malformed {
                event_type: "CustomerCreated".to_owned(),
                reason: "missing field `at` at line 1 column 2".to_owned(),
            },
        ),
    ];
    for (aggregate, event_type, version, text, expected) in cases {
        assert_eq!(LedgerEvent::decode(aggregate, event_type, version, text), Err(expected));
    }
}
