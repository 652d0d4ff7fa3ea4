//! How single values are read out of Stripe's JSON. Every reader answers `None` for what is missing, null, empty or of
//! another type; none of them fails, because a body that was accepted is never refused later.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::money::{Currency, MAX_MINOR};
use crate::sealed::{Sealed, Sealer};
use crate::time::Period;

/// Longer than any code of Stripe's.
const MAX_CODE_BYTES: usize = 64;

/// What an object lacks to become a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lack(pub(super) String);

impl Lack {
    pub(super) fn of(object: &str, what: &str) -> Self {
        Self(format!("the {object} has no usable {what}"))
    }
}

/// The value under a key, null counting as absent.
pub(super) fn get<'v>(object: &'v Value, key: &str) -> Option<&'v Value> {
    object.get(key).filter(|value| !value.is_null())
}

/// The value under a path of keys.
pub(super) fn at<'v>(object: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(object, |value, key| get(value, key))
}

pub(super) fn text<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    get(object, key)?.as_str().filter(|text| !text.is_empty())
}

/// Text that is stored in the clear. NUL is dropped, since PostgreSQL's text cannot hold it.
pub(super) fn clear(object: &Value, key: &str) -> Option<String> {
    Some(text(object, key)?.replace('\0', "")).filter(|text| !text.is_empty())
}

/// A word of one of Stripe's closed sets, stored in the clear. What does not look like one is left to the sealed body,
/// lest a field that should hold a code should hold a person's words.
pub(super) fn code(object: &Value, key: &str) -> Option<String> {
    let is_code = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    text(object, key).filter(|text| text.len() <= MAX_CODE_BYTES && is_code(text)).map(str::to_owned)
}

pub(super) fn flag(object: &Value, key: &str) -> bool {
    get(object, key).and_then(Value::as_bool).unwrap_or(false)
}

/// A whole number, also where an old version wrote it as text.
pub(super) fn whole(object: &Value, key: &str) -> Option<i64> {
    let value = get(object, key)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// An amount in minor units, within what the ledger accepts.
pub(super) fn minor(object: &Value, key: &str) -> Option<i64> {
    whole(object, key).filter(|amount| amount.unsigned_abs() <= MAX_MINOR.unsigned_abs())
}

/// An exact decimal from text or from a number's own digits, never through a float's arithmetic.
pub(super) fn decimal(object: &Value, key: &str) -> Option<Decimal> {
    let value = get(object, key)?;
    let digits = match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.as_number()?.to_string(),
    };
    Decimal::from_str(&digits).ok().filter(|decimal| decimal.abs() <= Decimal::from(MAX_MINOR)).map(|d| d.normalize())
}

pub(super) fn instant(object: &Value, key: &str) -> Option<Timestamp> {
    Timestamp::from_second(whole(object, key)?).ok()
}

/// The first of several keys that holds an instant: names changed over the years.
pub(super) fn first_instant(object: &Value, keys: &[&str]) -> Option<Timestamp> {
    keys.iter().find_map(|key| instant(object, key))
}

/// The stretch between two keys; none where one is missing or they are the wrong way round.
pub(super) fn period(object: &Value, start: &str, end: &str) -> Option<Period> {
    ordered(instant(object, start)?, instant(object, end)?)
}

pub(super) fn ordered(start: Timestamp, end: Timestamp) -> Option<Period> {
    (start <= end).then_some(Period { start, end })
}

pub(super) fn currency(object: &Value, key: &str) -> Option<Currency> {
    Currency::parse(text(object, key)?).ok()
}

/// The id that a key names: a string, or an expanded object's own id.
pub(super) fn reference<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    let value = get(object, key)?;
    value.as_str().or_else(|| text(value, "id")).filter(|id| !id.is_empty())
}

/// The elements under a key: Stripe's list object, or a bare array as some versions had it.
pub(super) fn list<'v>(object: &'v Value, key: &str) -> &'v [Value] {
    let elements = get(object, key).and_then(|value| value.as_array().or_else(|| get(value, "data")?.as_array()));
    elements.map_or(&[], Vec::as_slice)
}

pub(super) fn sealed(object: &Value, key: &str, sealer: &Sealer<'_>) -> Option<Sealed> {
    text(object, key).map(|text| (sealer.seal)(text))
}

/// A flat object such as metadata or an address, sealed as JSON text with its keys in order, so that equal objects seal
/// equally. Null entries say that a key is absent (`previous_attributes` writes added keys so).
pub(super) fn sealed_object(object: &Value, key: &str, sealer: &Sealer<'_>) -> Option<Sealed> {
    let entries: BTreeMap<&str, &Value> =
        get(object, key)?.as_object()?.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.as_str(), v)).collect();
    if entries.is_empty() {
        return None;
    }
    serde_json::to_string(&entries).ok().map(|json| (sealer.seal)(&json))
}

/// An object as it was: `previous_attributes` over it, objects merged key by key, all else replaced. The depth is
/// bounded by the parser's.
pub(super) fn merged(now: &Value, previous: &Value) -> Value {
    let (Some(now_keys), Some(previous_keys)) = (now.as_object(), previous.as_object()) else {
        return previous.clone();
    };
    let mut result: Map<String, Value> = now_keys.clone();
    for (key, before) in previous_keys {
        let value = now_keys.get(key).map_or_else(|| before.clone(), |after| merged(after, before));
        result.insert(key.clone(), value);
    }
    Value::Object(result)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn previous_attributes_rebuild_the_object_as_it_was() {
        let cases = [
            (json!({"a": 1, "b": 2}), json!({"a": 0}), json!({"a": 0, "b": 2})),
            (json!({"m": {"x": "1", "y": "2"}}), json!({"m": {"y": null}}), json!({"m": {"x": "1", "y": null}})),
            (json!({"l": [1, 2]}), json!({"l": []}), json!({"l": []})),
            (json!({"d": null}), json!({"d": {"id": "x"}}), json!({"d": {"id": "x"}})),
            (json!({"d": {"id": "x"}}), json!({"d": null}), json!({"d": null})),
            (json!({}), json!({"gone": true}), json!({"gone": true})),
        ];
        for (now, previous, expected) in cases {
            assert_eq!(merged(&now, &previous), expected, "{now} with {previous}");
        }
    }

    #[test]
    fn decimals_keep_their_digits() {
        let cases = [
            (json!("2000"), Some("2000")),
            (json!("0.05"), Some("0.05")),
            (json!(25.5), Some("25.5")),
            (json!(25.0), Some("25")),
            (json!("12.50"), Some("12.5")),
            (json!(26), Some("26")),
            (json!("ten"), None),
            (json!(1e30), None),
            (json!(null), None),
        ];
        for (value, expected) in cases {
            let object = json!({"x": value});
            assert_eq!(decimal(&object, "x").map(|d| d.to_string()).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn amounts_beyond_the_ledger_are_not_read() {
        for (value, expected) in [
            (json!(100), Some(100)),
            (json!(-5), Some(-5)),
            (json!(i64::MAX), None),
            (json!(i64::MIN), None),
            (json!(1.5), None),
            (json!("100"), Some(100)),
        ] {
            assert_eq!(minor(&json!({"x": value}), "x"), expected, "{value}");
        }
    }
}
