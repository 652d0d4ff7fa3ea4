//! What do the tests of the catalogue share? A small catalogue that has one of everything.

mod changes;
mod forms;
mod mistakes;
mod seeds;

use serde_json::{Value, json};

/// A small catalogue in which one value is replaced, or removed by null.
fn with(pointer: &str, value: Value) -> String {
    let mut document = json!({
        "tenant": "bakery",
        "defaults": {"currency": "EUR", "timezone": "Europe/Vienna", "processor": "stripe", "high_value_mrr": "1000", "high_value_lifetime": "10000"},
        "plans": [{"id": "bread", "name": "Bread", "price": {"amount": "4.50", "currency": "EUR", "interval": "week", "interval_count": 2}, "trial_days": 7}],
        "coupons": [{"code": "HALF", "percent_off": "50", "duration": "repeating", "months": 3, "valid_from": "2024-01-01T00:00:00Z", "valid_until": "2025-01-01T00:00:00Z"}],
        "tax_rates": [{"id": "at", "name": "USt", "country": "AT", "percent": "10", "inclusive": true}],
    });
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(list) => list.push(value),
        Value::Object(map) if value.is_null() => drop(map.remove(field)),
        Value::Object(map) => drop(map.insert(field.to_owned(), value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => panic!("{pointer} leads nowhere"),
    }
    document.to_string()
}
