//! What do received Stripe events look like in tests?

use super::{at, sealed};
use crate::id::StripeEventId;
use crate::refusal::Refusal;
use crate::stripe_event::{Outcome, Received, StripeEventChange, StripeEventEvent};

pub const CREATED: &str = "2024-02-01T01:00:05Z";
pub const NOW: &str = "2024-02-01T01:00:07Z";

pub fn event_id() -> StripeEventId {
    StripeEventId::parse("evt_1").unwrap()
}

pub fn received(body_hash: &str) -> Received {
    Received {
        kind: "invoice.paid".to_owned(),
        api_version: Some("2024-06-20".to_owned()),
        created: at(CREATED),
        livemode: Some(false),
        object: Some("invoice".to_owned()),
        object_id: Some("in_1".to_owned()),
        customer: Some("cus_1".to_owned()),
        body_hash: body_hash.to_owned(),
        body: sealed("{\"id\":\"evt_1\"}"),
    }
}

pub fn event(time: &str, change: StripeEventChange) -> StripeEventEvent {
    StripeEventEvent { at: at(time), event: event_id(), change }
}

pub fn refused() -> Outcome {
    Outcome::Refused { refusal: Refusal::illegal("an invoice", "paid", "void") }
}

/// One event of every kind.
pub fn events() -> Vec<StripeEventEvent> {
    use StripeEventChange as C;
    vec![
        event(CREATED, C::StripeEventReceived(Box::new(received("h1")))),
        event(CREATED, C::StripeEventConflicted(Box::new(received("h2")))),
        event(NOW, C::StripeEventRetryRequested {}),
        event(NOW, C::StripeEventProcessed { outcome: refused() }),
    ]
}
