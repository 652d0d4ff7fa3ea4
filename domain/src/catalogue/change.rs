//! What a request changes of an entry: only the fields it names, and null clears one. The fields are laid over the
//! entry as a file would say it, and the result is read as strictly as a file, so a request can make nothing that a
//! file could not.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{CatalogueError, Coupon, Plan, TaxRate, coupon, plan, tax};
use crate::id::PlanId;
use crate::refusal::Refusal;

/// Fields of a request by their names; names that an entry does not know are ignored.
pub type Changes = Map<String, Value>;

const PLAN_FIELDS: [&str; 8] = ["name", "description", "billing", "usage", "trial_days", "features", "limits", "words"];
/// These are within `price` in a file and beside the others in a request.
const PRICE_FIELDS: [&str; 8] =
    ["currency", "amount", "unit_amount", "model", "tiers", "package_size", "interval", "interval_count"];
const COUPON_FIELDS: [&str; 9] = [
    "name",
    "percent_off",
    "amount_off",
    "currency",
    "duration",
    "months",
    "max_redemptions",
    "valid_from",
    "valid_until",
];
const TAX_RATE_FIELDS: [&str; 5] = ["name", "country", "state", "percent", "inclusive"];
/// Where a number is as good as a text.
const DECIMALS: [&str; 8] = [
    "amount",
    "unit_amount",
    "flat_amount",
    "percent_off",
    "amount_off",
    "percent",
    "high_value_mrr",
    "high_value_lifetime",
];
const PRICED_LISTS: [&str; 2] = ["tiers", "usage"];

impl Plan {
    /// The plan with these fields, made from nothing where there is none yet.
    pub fn with(id: &PlanId, current: Option<&Self>, changes: &Changes) -> Result<Self, Refusal> {
        let mut form = current.map(Self::form).unwrap_or_default();
        let mut price = match form.remove("price") {
            Some(Value::Object(price)) => price,
            None | Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Map::new()
            }
        };
        make_room(&mut price, changes);
        lay_over(&mut price, changes, &PRICE_FIELDS);
        lay_over(&mut form, changes, &PLAN_FIELDS);
        form.insert("id".to_owned(), Value::String(id.as_str().to_owned()));
        form.insert("price".to_owned(), Value::Object(price));
        plan::read(Value::Object(form)).map_err(refusal)
    }

    /// The plan as a request would write it; `with` all of it makes the same plan.
    pub fn fields(&self) -> Changes {
        let mut fields = self.form();
        if let Some(Value::Object(price)) = fields.remove("price") {
            fields.extend(price);
        }
        fields
    }
}

impl Coupon {
    pub fn with(code: &str, current: Option<&Self>, changes: &Changes) -> Result<Self, Refusal> {
        let mut form = current.map(Self::form).unwrap_or_default();
        if is_given(changes, "percent_off") {
            remove(&mut form, &["amount_off", "currency"]);
        }
        if is_given(changes, "amount_off") {
            remove(&mut form, &["percent_off"]);
        }
        if is_given(changes, "duration") {
            remove(&mut form, &["months"]);
        }
        lay_over(&mut form, changes, &COUPON_FIELDS);
        form.insert("code".to_owned(), Value::String(code.to_owned()));
        coupon::read(Value::Object(form)).map_err(refusal)
    }

    /// The coupon as a request would write it.
    pub fn fields(&self) -> Changes {
        self.form()
    }
}

impl TaxRate {
    pub fn with(id: &str, current: Option<&Self>, changes: &Changes) -> Result<Self, Refusal> {
        let mut form = current.map(Self::form).unwrap_or_default();
        lay_over(&mut form, changes, &TAX_RATE_FIELDS);
        form.insert("id".to_owned(), Value::String(id.to_owned()));
        tax::read(Value::Object(form)).map_err(refusal)
    }

    /// The rate as a request would write it.
    pub fn fields(&self) -> Changes {
        self.form()
    }
}

/// A field's value as a request writes it, with every digit of an amount or a percentage: a number there becomes the
/// text it was written as, since a float would keep no more than 17 digits.
pub fn as_written(field: &str, json: &RawValue) -> serde_json::Result<Value> {
    // Refuses what is nested too deep, which the raw text was not looked at for.
    let _: Value = serde_json::from_str(json.get())?;
    exact(field, json)
}

fn exact(field: &str, json: &RawValue) -> serde_json::Result<Value> {
    let text = json.get();
    match text.bytes().next() {
        Some(b'-' | b'0'..=b'9') if DECIMALS.contains(&field) => Ok(Value::String(text.to_owned())),
        Some(b'[') if PRICED_LISTS.contains(&field) => {
            let list: Vec<Box<RawValue>> = serde_json::from_str(text)?;
            list.iter().map(|entry| exact_entry(entry)).collect()
        }
        Some(_) | None => serde_json::from_str(text),
    }
}

/// A tier, or the price of a metric, which has tiers of its own.
fn exact_entry(json: &RawValue) -> serde_json::Result<Value> {
    if !json.get().starts_with('{') {
        return serde_json::from_str(json.get());
    }
    // A map keeps the last of two fields of one name, as everywhere else.
    let entry: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json.get())?;
    entry.iter().map(|(field, value)| Ok((field.clone(), exact(field, value)?))).collect()
}

/// The mistake as a refusal, with the field as a request calls it.
pub(crate) fn refusal(error: CatalogueError) -> Refusal {
    match error {
        CatalogueError::Field { field, problem, .. } => {
            Refusal::invalid(field.strip_prefix("price.").unwrap_or(&field), problem)
        }
        CatalogueError::NotJson { reason } => Refusal::invalid("body", reason),
        CatalogueError::Repeated { what } => Refusal::AlreadyExists { what },
    }
}

/// Puts the named fields into a form; null takes one out.
pub(crate) fn lay_over(form: &mut Changes, changes: &Changes, known: &[&str]) {
    for (field, value) in changes.iter().filter(|(field, _)| known.contains(&field.as_str())) {
        if value.is_null() {
            form.remove(field);
        } else {
            form.insert(field.clone(), as_texts(field, value));
        }
    }
}

/// Drops what the named fields replace: tiers give way to an amount, an amount to tiers, and the count of intervals
/// to a one-time price.
fn make_room(price: &mut Changes, changes: &Changes) {
    let tiers = changes.get("tiers").and_then(Value::as_array);
    let is_tiered = price.contains_key("tiers");
    if tiers.is_some_and(|tiers| !tiers.is_empty()) {
        remove(price, &["amount", "unit_amount", "package_size"]);
        // Volume tiers stay volume tiers; any other model is not one of tiers.
        if !is_tiered {
            remove(price, &["model"]);
        }
    } else if is_given(changes, "amount") || is_given(changes, "unit_amount") || tiers.is_some() {
        remove(price, &["tiers"]);
        if is_tiered {
            remove(price, &["model"]);
        }
    }
    if is_given(changes, "amount") {
        remove(price, &["unit_amount"]);
    }
    if is_given(changes, "unit_amount") {
        remove(price, &["amount"]);
    }
    if is_given(changes, "package_size") {
        remove(price, &["model"]);
    }
    if is_given(changes, "model") {
        remove(price, &["package_size"]);
    }
    if changes.get("interval").and_then(Value::as_str) == Some("one_time") {
        remove(price, &["interval_count"]);
    }
}

fn is_given(changes: &Changes, field: &str) -> bool {
    changes.get(field).is_some_and(|value| !value.is_null())
}

fn remove(form: &mut Changes, fields: &[&str]) {
    for field in fields {
        form.remove(*field);
    }
}

/// Decimals as texts, in lists of tiers and metrics too. What is not a price is left as it is.
fn as_texts(field: &str, value: &Value) -> Value {
    match value {
        Value::Number(number) if DECIMALS.contains(&field) => Value::String(number.to_string()),
        Value::Array(list) if PRICED_LISTS.contains(&field) => {
            list.iter().map(|entry| as_texts(field, entry)).collect()
        }
        Value::Object(map) if PRICED_LISTS.contains(&field) => {
            Value::Object(map.iter().map(|(field, value)| (field.clone(), as_texts(field, value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            value.clone()
        }
    }
}
