//! How do our own objects look in Stripe's words? In the shapes of the API version that the client is pinned to. What is
//! sealed here stays here: no body names a person.

mod invoice;
mod payment;
mod subscription;

pub(super) use invoice::{credit_note, draft_of, invoice};
pub(super) use payment::{charge, dispute, intent, refund};
pub(super) use subscription::subscription;

use domain::money::Currency;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::stripe::client::API_VERSION;

/// An event about an object.
pub(super) fn event(id: &str, kind: &str, created: Timestamp, object: &Value) -> Value {
    json!({
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": created.as_second(),
        "data": { "object": object },
        "livemode": false,
        "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null },
        "type": kind,
    })
}

fn seconds(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_second)
}

fn code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

/// A list as Stripe prints one that is complete.
fn list(data: &[Value]) -> Value {
    json!({ "object": "list", "data": data, "has_more": false, "total_count": data.len() })
}
