//! What the fake keeps, and which file does what is asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::params::{is_true, text, whole};
use super::wire::Call;

/// The moment at which everything is made, in seconds.
pub const NOW_S: i64 = 1_705_314_600;

/// What can be looked at by its id.
const SHOWN: [&str; 8] =
    ["customers", "subscriptions", "invoices", "payment_intents", "payment_methods", "refunds", "products", "coupons"];

#[derive(Debug, Default)]
pub struct Objects {
    /// By id.
    all: BTreeMap<String, Value>,
    made: u64,
    pub charges: Vec<Charge>,
    pub charge_attempts: u32,
    pub refunds: Vec<Refunded>,
    /// The oldest first.
    pub events: Vec<Value>,
}

/// Money that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub id: String,
    pub amount_minor: i64,
    /// The payment intent.
    pub payment: String,
}

/// Money that was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    pub id: String,
    pub amount_minor: i64,
    pub payment: String,
}

impl Objects {
    pub fn act(&mut self, call: &Call) -> Answer {
        let (method, path) = call.request.split_once(' ').unwrap_or_default();
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        let outcome = match method {
            "GET" => self.show(&parts, &call.fields),
            "POST" => self.change(&parts, &call.fields),
            "DELETE" => self.delete(&parts),
            _ => unknown(path),
        };
        match outcome {
            Ok(object) => Answer::ok(object),
            Err(answer) => *answer,
        }
    }

    fn show(&self, parts: &[&str], query: &Value) -> Outcome {
        match parts {
            ["events"] => self.list_events(query),
            ["prices"] => Ok(self.prices_by_lookup_key(query)),
            ["customers"] => Ok(self.customers_since(query)),
            ["subscriptions"] => Ok(page(self.with("subscription", "customer", text(query, "customer")), query)),
            ["customers", customer, "payment_methods"] => Ok(self.payment_methods_of(customer, query)),
            ["payment_intents"] => Ok(page(self.with("payment_intent", "customer", text(query, "customer")), query)),
            ["refunds"] => Ok(page(self.with("refund", "payment_intent", text(query, "payment_intent")), query)),
            [kind, id] if SHOWN.contains(kind) => self.find(id).cloned().ok_or_else(|| Box::new(Answer::missing(id))),
            _ => unknown(&parts.join("/")),
        }
    }

    fn change(&mut self, parts: &[&str], fields: &Value) -> Outcome {
        match parts {
            ["customers"] => self.create_customer(fields),
            ["customers", id] => self.update_customer(id, fields),
            ["payment_methods", id, "attach"] => self.attach(id, fields),
            ["payment_methods", id, "detach"] => self.detach(id),
            ["subscriptions"] => self.create_subscription(fields),
            ["subscriptions", id] => self.update_subscription(id, fields),
            ["subscriptions", id, "resume"] => self.resume_subscription(id),
            ["invoices", id, "finalize"] => self.finalize_invoice(id),
            ["invoices", id, "pay"] => self.pay_invoice(id, fields),
            ["invoices", id, "void"] => self.void_invoice(id),
            ["payment_intents"] => self.create_intent(fields),
            ["payment_intents", id, "confirm"] => self.confirm_intent(id, fields),
            ["refunds"] => self.create_refund(fields),
            ["products"] => self.create_product(fields),
            ["prices"] => self.create_price(fields),
            ["coupons"] => self.create_coupon(fields),
            ["checkout", "sessions"] => self.create_session(fields),
            ["billing_portal", "sessions"] => self.create_portal_session(fields),
            _ => unknown(&parts.join("/")),
        }
    }

    fn delete(&mut self, parts: &[&str]) -> Outcome {
        match parts {
            ["subscriptions", id] => self.cancel_subscription(id),
            _ => unknown(&parts.join("/")),
        }
    }

    pub fn next_id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}_{}", self.made)
    }

    /// Keeps an object under its id, and gives it.
    pub fn keep(&mut self, object: Value) -> Value {
        let id = object["id"].as_str().expect("an id").to_owned();
        self.all.insert(id, object.clone());
        object
    }

    pub fn find(&self, id: &str) -> Option<&Value> {
        self.all.get(id)
    }

    pub fn get(&self, id: &str) -> Outcome {
        self.find(id).cloned().ok_or_else(|| Box::new(Answer::missing(id)))
    }

    /// The newest first, as lists are.
    pub fn of_kind(&self, kind: &str) -> Vec<Value> {
        let mut found: Vec<Value> = self.all.values().filter(|object| object["object"] == kind).cloned().collect();
        found.sort_by_key(|object| std::cmp::Reverse(object["made"].as_u64()));
        found
    }

    /// Those with this value in a field, or all where none is named.
    pub fn with(&self, kind: &str, field: &str, value: Option<&str>) -> Vec<Value> {
        let mut found = self.of_kind(kind);
        found.retain(|object| value.is_none_or(|value| object[field] == value));
        found
    }

    pub fn new_object(&mut self, kind: &str, prefix: &str, fields: Value) -> Value {
        let id = self.next_id(prefix);
        let mut object = json!({"id": id, "object": kind, "created": NOW_S, "made": self.made, "livemode": false});
        merge(&mut object, fields);
        self.keep(object)
    }

    pub fn add_invoice(&mut self, amount_minor: i64, status: &str) -> String {
        let number = if status == "draft" { Value::Null } else { Value::from(format!("FAKE-{}", self.made)) };
        let invoice = self.new_object("invoice", "in", json!({
            "status": status, "number": number, "currency": "usd", "total": amount_minor, "amount_due": amount_minor,
            "amount_paid": 0, "amount_remaining": amount_minor, "attempt_count": 0, "next_payment_attempt": null,
            "customer": null, "metadata": {}
        }));
        invoice["id"].as_str().expect("an id").to_owned()
    }

    fn create_session(&mut self, fields: &Value) -> Outcome {
        if fields["line_items"].as_array().is_none_or(Vec::is_empty) {
            return refuse(Answer::invalid("parameter_missing", "line_items", "Missing required param: line_items."));
        }
        let id = self.next_id("cs_test");
        let url = format!("https://checkout.example/{id}");
        Ok(self.keep(json!({
            "id": id, "object": "checkout.session", "url": url, "status": "open", "payment_status": "unpaid",
            "mode": fields["mode"], "customer": fields["customer"], "line_items": fields["line_items"]
        })))
    }

    fn create_portal_session(&mut self, fields: &Value) -> Outcome {
        self.get(text(fields, "customer").unwrap_or_default())?;
        let id = self.next_id("bps");
        let url = format!("https://portal.example/{id}");
        Ok(self.keep(json!({"id": id, "object": "billing_portal.session", "url": url})))
    }
}

/// Lays fields over an object.
pub fn merge(object: &mut Value, fields: Value) {
    let (Some(object), Value::Object(fields)) = (object.as_object_mut(), fields) else { return };
    object.extend(fields);
}

/// Metadata as it becomes: names are added, and those with an empty text removed.
pub fn named(object: &Value, fields: &Value) -> Value {
    let mut metadata = object["metadata"].as_object().cloned().unwrap_or_default();
    metadata.extend(fields["metadata"].as_object().cloned().unwrap_or_default());
    metadata.retain(|_, value| value != "");
    Value::Object(metadata)
}

/// One page of a list, from a place on.
pub fn page(mut found: Vec<Value>, query: &Value) -> Value {
    let limit = whole(query, "limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10);
    if let Some(after) = text(query, "starting_after") {
        let place = found.iter().position(|object| object["id"] == after).map_or(found.len(), |place| place + 1);
        found.drain(..place);
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    json!({"object": "list", "data": found, "has_more": has_more})
}

/// A flag of a form as JSON.
pub fn flag(fields: &Value, name: &str) -> Value {
    Value::from(is_true(fields, name))
}

fn unknown(path: &str) -> Outcome {
    refuse(Answer::error(404, "invalid_request_error", "", &format!("Unrecognized request URL ({path})")))
}
