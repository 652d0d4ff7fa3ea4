//! How a request's fields are written as Stripe reads them: `items[0][price]=price_1&metadata[plan]=elite`. What is
//! absent is left out; an empty text says that a field is to be emptied.

use serde::Serialize;
use serde_json::Value;

/// Fields in the order of their names, so that the same request is always the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Form(Vec<(String, String)>);

/// A request without fields.
#[derive(Serialize)]
pub(super) struct Nothing {}

impl Form {
    /// Flattens what would be a JSON object.
    pub fn of(fields: &impl Serialize) -> Result<Self, serde_json::Error> {
        let Value::Object(fields) = serde_json::to_value(fields)? else {
            return Err(serde::ser::Error::custom("only an object has fields"));
        };
        let mut form = Self::default();
        for (name, value) in fields {
            form.put(name, value);
        }
        Ok(form)
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    fn put(&mut self, name: String, value: Value) {
        match value {
            Value::Null => {}
            Value::Bool(flag) => self.0.push((name, flag.to_string())),
            Value::Number(number) => self.0.push((name, number.to_string())),
            Value::String(text) => self.0.push((name, text)),
            // An empty list would vanish; Stripe empties a list by an empty text.
            Value::Array(values) if values.is_empty() => self.0.push((name, String::new())),
            Value::Array(values) => {
                for (index, value) in values.into_iter().enumerate() {
                    self.put(format!("{name}[{index}]"), value);
                }
            }
            Value::Object(fields) => {
                for (field, value) in fields {
                    self.put(format!("{name}[{field}]"), value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_named_by_the_path_to_them() {
        let cases = [
            (json!({}), vec![]),
            (json!({"email": "jo@example.com", "phone": null}), vec![("email", "jo@example.com")]),
            (
                json!({"amount": 5000, "confirm": true, "off_session": false}),
                vec![("amount", "5000"), ("confirm", "true"), ("off_session", "false")],
            ),
            (
                json!({"items": [{"price": "price_1", "quantity": 2}, {"price": "price_2"}]}),
                vec![("items[0][price]", "price_1"), ("items[0][quantity]", "2"), ("items[1][price]", "price_2")],
            ),
            (json!({"lookup_keys": ["a", "b"]}), vec![("lookup_keys[0]", "a"), ("lookup_keys[1]", "b")]),
            (json!({"created": {"gte": 100}, "limit": 3}), vec![("created[gte]", "100"), ("limit", "3")]),
            (json!({"a": {"b": {"c": [[1]]}}}), vec![("a[b][c][0][0]", "1")]),
            (
                json!({"metadata": {"plan name": "é & =", "gone": ""}}),
                vec![("metadata[gone]", ""), ("metadata[plan name]", "é & =")],
            ),
            (json!({"discounts": []}), vec![("discounts", "")]),
            (
                json!({"big": 9_007_199_254_740_993_i64, "decimal": "0.125"}),
                vec![("big", "9007199254740993"), ("decimal", "0.125")],
            ),
        ];
        for (fields, expected) in cases {
            let form = Form::of(&fields).unwrap();
            let pairs: Vec<(&str, &str)> = form.pairs().iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!(pairs, expected, "{fields}");
        }
    }

    #[test]
    fn only_an_object_is_a_form() {
        for value in [json!(null), json!([1]), json!("text"), json!(7)] {
            assert!(Form::of(&value).is_err(), "{value}");
        }
    }
}
