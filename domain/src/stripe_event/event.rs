//! What can have happened to a Stripe event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::StripeEventId;
use crate::refusal::Refusal;
use crate::sealed::Sealed;

/// A Stripe event as it came in. The body is sealed whole; beside it stands only what routes and lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Stripe's type, `invoice.paid`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Stripe's `created`, to the second; the time of receipt where the event has none.
    pub created: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub livemode: Option<bool>,
    /// `data.object.object` and `data.object.id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// The customer it concerns, whose key seals the body; without one the event has a key of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// A keyed hash of the body, by which a second delivery is compared without unsealing the first.
    pub body_hash: String,
    pub body: Sealed,
}

/// What the reactor made of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Facts were recorded on this many streams (0 when they were all known already).
    Applied {
        streams: u32,
    },
    /// The type, or this instance of it, has no consequence here; it is kept and counted.
    Ignored {
        reason: String,
    },
    Refused {
        refusal: Refusal,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripeEventEvent {
    /// Business time: Stripe's `created` for the receipt, the tenant's time otherwise.
    pub at: Timestamp,
    pub event: StripeEventId,
    pub change: StripeEventChange,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StripeEventChange {
    StripeEventReceived(Box<Received>),
    /// Another body came under the same id. It is kept for people to see and never merged.
    StripeEventConflicted(Box<Received>),
    StripeEventRetryRequested {},
    StripeEventProcessed {
        outcome: Outcome,
    },
}
