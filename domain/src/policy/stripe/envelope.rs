//! What routes, lists and seals an event: its id, type, times and the customer it is about. The object itself is not
//! understood here.

use jiff::Timestamp;
use serde_json::Value;

use super::json::{clear, get, instant, reference, text};
use super::{Envelope, NotAnEvent};
use crate::id::{CustomerId, MAX_ID_CHARS, StripeEventId};

/// Reads a body as a snapshot event, with its JSON for whoever needs the object.
pub(super) fn open(body: &[u8]) -> Result<(Envelope, Value), NotAnEvent> {
    let event: Value = serde_json::from_slice(body).map_err(|error| NotAnEvent::NotJson(error.to_string()))?;
    let envelope = envelope(&event)?;
    Ok((envelope, event))
}

fn envelope(event: &Value) -> Result<Envelope, NotAnEvent> {
    if !event.is_object() {
        return Err(not("it is not a JSON object"));
    }
    // Recordings of other libraries lack `object`; what has an id, a type and a data.object is an event all the same.
    match get(event, "object").map(Value::as_str) {
        None | Some(Some("event")) => {}
        Some(Some("v2.core.event")) => return Err(NotAnEvent::Thin),
        Some(_) => return Err(not("its `object` is not \"event\"")),
    }
    let id = text(event, "id").ok_or_else(|| not("it has no `id`"))?;
    let id = StripeEventId::parse(id).map_err(|invalid| not(&format!("its `id` is not usable: {invalid}")))?;
    let kind = clear(event, "type").ok_or_else(|| not("it has no `type`"))?;
    if kind.len() > MAX_ID_CHARS {
        return Err(not("its `type` is longer than 255 characters"));
    }
    let object = event.pointer("/data/object").filter(|object| object.is_object());
    let object = object.ok_or_else(|| not("it has no `data.object`"))?;
    Ok(Envelope {
        id,
        customer: customer(&kind, event, object).map(|id| id.as_str().to_owned()),
        kind,
        api_version: short(event, "api_version"),
        created: instant(event, "created"),
        livemode: get(event, "livemode").and_then(Value::as_bool),
        object: short(object, "object"),
        object_id: short(object, "id"),
    })
}

/// Text by which events are listed and found; what is too long to be an id or a version is none.
fn short(object: &Value, key: &str) -> Option<String> {
    clear(object, key).filter(|text| text.len() <= MAX_ID_CHARS)
}

/// The customer that the event is about: itself, the one it names, or the one it was just taken from.
fn customer(kind: &str, event: &Value, object: &Value) -> Option<CustomerId> {
    let id = if is_customer(kind, object) {
        text(object, "id")
    } else {
        let before = event.pointer("/data/previous_attributes").and_then(|previous| reference(previous, "customer"));
        reference(object, "customer").or(before)
    };
    CustomerId::parse(id?).ok()
}

fn is_customer(kind: &str, object: &Value) -> bool {
    text(object, "object") == Some("customer")
        || matches!(kind, "customer.created" | "customer.updated" | "customer.deleted")
}

/// When the event was created, to the second.
pub(super) fn created(envelope: &Envelope, received_at: Timestamp) -> Timestamp {
    let at = envelope.created.unwrap_or(received_at);
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn not(why: &str) -> NotAnEvent {
    NotAnEvent::NotAnEvent(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::stripe::read_envelope;

    #[test]
    fn what_is_not_a_snapshot_event_says_why() {
        let not = |why: &str| NotAnEvent::NotAnEvent(why.to_owned());
        let cases = [
            ("[]", not("it is not a JSON object")),
            (r#"{"object": "charge", "id": "ch_1"}"#, not("its `object` is not \"event\"")),
            (
                r#"{"object": 7, "id": "evt_1", "type": "x", "data": {"object": {}}}"#,
                not("its `object` is not \"event\""),
            ),
            (r#"{"object": "event", "type": "x", "data": {"object": {}}}"#, not("it has no `id`")),
            (r#"{"object": "event", "id": 7, "type": "x", "data": {"object": {}}}"#, not("it has no `id`")),
            (
                r#"{"object": "event", "id": "a/b", "type": "x", "data": {"object": {}}}"#,
                not("its `id` is not usable: an id has 1 to 255 visible ASCII characters and no slash"),
            ),
            (r#"{"object": "event", "id": "evt_1", "data": {"object": {}}}"#, not("it has no `type`")),
            (r#"{"object": "event", "id": "evt_1", "type": "x"}"#, not("it has no `data.object`")),
            (
                r#"{"object": "event", "id": "evt_1", "type": "x", "data": {"object": "ch_1"}}"#,
                not("it has no `data.object`"),
            ),
            (r#"{"object": "v2.core.event", "id": "evt_1", "type": "v1.x"}"#, NotAnEvent::Thin),
        ];
        for (body, expected) in cases {
            assert_eq!(read_envelope(body.as_bytes()), Err(expected), "{body}");
        }
        for body in ["", "{", "not json", "\u{feff}{}", r#"{"id": "evt_1"} trailing"#] {
            assert!(matches!(read_envelope(body.as_bytes()), Err(NotAnEvent::NotJson(_))), "{body:?}");
        }
        let long = format!(r#"{{"id": "evt_1", "type": "{}", "data": {{"object": {{}}}}}}"#, "x".repeat(256));
        assert_eq!(read_envelope(long.as_bytes()), Err(not("its `type` is longer than 255 characters")));
        let deep = "[".repeat(100_000);
        assert!(matches!(read_envelope(deep.as_bytes()), Err(NotAnEvent::NotJson(_))));
    }

    #[test]
    fn the_envelope_is_read_in_every_form_it_had() {
        let bare = |id: &str, kind: &str| Envelope {
            id: StripeEventId::parse(id).unwrap(),
            kind: kind.to_owned(),
            api_version: None,
            created: None,
            livemode: None,
            object: None,
            object_id: None,
            customer: None,
        };
        let cases = [
            (
                r#"{"id": "evt_123", "type": "account.updated", "data": {"object": {}}}"#,
                bare("evt_123", "account.updated"),
            ),
            (
                r#"{"object": "event", "id": "evt_1", "type": "charge.failed", "api_version": "2014-01-31", "created": 100,
                    "livemode": true, "request": "req_1", "data": {"object": {"object": "charge", "id": "ch_1", "customer": "cus_1"}}}"#,
                Envelope {
                    api_version: Some("2014-01-31".to_owned()),
                    created: Timestamp::from_second(100).ok(),
                    livemode: Some(true),
                    object: Some("charge".to_owned()),
                    object_id: Some("ch_1".to_owned()),
                    customer: Some("cus_1".to_owned()),
                    ..bare("evt_1", "charge.failed")
                },
            ),
            (
                r#"{"object": "event", "id": "evt_2", "type": "invoice.paid", "request": null,
                    "data": {"object": {"customer": {"id": "cus_2", "object": "customer"}}}}"#,
                Envelope { customer: Some("cus_2".to_owned()), ..bare("evt_2", "invoice.paid") },
            ),
            (
                r#"{"object": "event", "id": "evt_3", "type": "customer.deleted", "data": {"object": {"id": "cus_3"}}}"#,
                Envelope {
                    object_id: Some("cus_3".to_owned()),
                    customer: Some("cus_3".to_owned()),
                    ..bare("evt_3", "customer.deleted")
                },
            ),
            (
                r#"{"object": "event", "id": "evt_4", "type": "payment_method.detached",
                    "data": {"object": {"id": "pm_4", "customer": null}, "previous_attributes": {"customer": "cus_4"}}}"#,
                Envelope {
                    object_id: Some("pm_4".to_owned()),
                    customer: Some("cus_4".to_owned()),
                    ..bare("evt_4", "payment_method.detached")
                },
            ),
            (
                r#"{"object": "event", "id": "evt_5", "type": "charge.failed", "data": {"object": {"customer": "no/customer"}}}"#,
                bare("evt_5", "charge.failed"),
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(read_envelope(body.as_bytes()), Ok(expected), "{body}");
        }
    }
}
