//! A request's fields, read back from `items[0][price]=price_1`.

use reqwest::Url;
use serde_json::{Map, Value};

/// Reads a form or a query. Objects whose names are all numbers are lists.
pub fn read(text: &str) -> Value {
    // A URL's query has the form of a form.
    let url = Url::parse(&format!("http://form/?{text}")).expect("a query");
    let mut fields = Value::Object(Map::new());
    for (name, value) in url.query_pairs() {
        let path: Vec<&str> = name.split(['[', ']']).filter(|part| !part.is_empty()).collect();
        put(&mut fields, &path, &value);
    }
    lists(fields)
}

fn put(at: &mut Value, path: &[&str], value: &str) {
    let Some((first, rest)) = path.split_first() else {
        *at = Value::from(value);
        return;
    };
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    put(&mut at[*first], rest, value);
}

fn lists(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let is_list = !fields.is_empty() && fields.keys().all(|name| name.parse::<usize>().is_ok());
    if is_list {
        let mut items: Vec<(usize, Value)> =
            fields.into_iter().map(|(name, item)| (name.parse().expect("a number"), lists(item))).collect();
        items.sort_by_key(|(index, _)| *index);
        items.into_iter().map(|(_, item)| item).collect()
    } else {
        Value::Object(fields.into_iter().map(|(name, item)| (name, lists(item))).collect())
    }
}

/// A whole number among the fields.
pub fn whole(fields: &Value, name: &str) -> Option<i64> {
    fields[name].as_str()?.parse().ok()
}

pub fn text<'a>(fields: &'a Value, name: &str) -> Option<&'a str> {
    fields[name].as_str()
}

pub fn is_true(fields: &Value, name: &str) -> bool {
    text(fields, name) == Some("true")
}

#[test]
fn forms_are_read_as_they_were_meant() {
    let read = read("items[0][price]=a&items[1][price]=b+c&metadata[x%20y]=%C3%A9&amount=5&created[gte]=7");
    let expected = serde_json::json!({
        "items": [{"price": "a"}, {"price": "b c"}], "metadata": {"x y": "é"}, "amount": "5", "created": {"gte": "7"}
    });
    assert_eq!(read, expected);
}
