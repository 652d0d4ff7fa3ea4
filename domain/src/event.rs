//! Every event of the ledger as one type, and how it is stored and read back.

use jiff::Timestamp;

use crate::customer::{Customer, CustomerEvent};
use crate::dunning::{Dunning, DunningEvent};
use crate::invoice::{Invoice, InvoiceEvent};
use crate::issued::{Decider, EventForm};
use crate::payment::{Payment, PaymentEvent};
use crate::stripe_event::{StripeEvent, StripeEventEvent};
use crate::subscription::{Subscription, SubscriptionEvent};

/// An event of any aggregate. `_ =>` over it is a lint error, so a new kind of event lists every place to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "few are held at once, and boxing would cost every decoded event")]
pub enum LedgerEvent {
    Customer(CustomerEvent),
    Subscription(SubscriptionEvent),
    Invoice(InvoiceEvent),
    Payment(PaymentEvent),
    Dunning(DunningEvent),
    StripeEvent(StripeEventEvent),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("no aggregate type {0:?} is known")]
    UnknownAggregate(String),
    #[error("event {event_type} has version {version}, which is newer than this build reads")]
    NewerVersion { event_type: String, version: String },
    #[error("event {event_type} does not decode: {reason}")]
    Malformed { event_type: String, reason: String },
}

impl LedgerEvent {
    /// Reads a stored event. Older versions are upcast first; `event_type` is the stored column, for messages.
    pub fn decode(
        aggregate_type: &str,
        event_type: &str,
        event_version: &str,
        payload: &str,
    ) -> Result<Self, DecodeError> {
        if event_version != EVENT_VERSION {
            return Err(DecodeError::NewerVersion {
                event_type: event_type.to_owned(),
                version: event_version.to_owned(),
            });
        }
        let malformed = |error: serde_json::Error| DecodeError::Malformed {
            event_type: event_type.to_owned(),
            reason: error.to_string(),
        };
        match aggregate_type {
            Customer::TYPE => serde_json::from_str(payload).map(Self::Customer).map_err(malformed),
            Subscription::TYPE => serde_json::from_str(payload).map(Self::Subscription).map_err(malformed),
            Invoice::TYPE => serde_json::from_str(payload).map(Self::Invoice).map_err(malformed),
            Payment::TYPE => serde_json::from_str(payload).map(Self::Payment).map_err(malformed),
            Dunning::TYPE => serde_json::from_str(payload).map(Self::Dunning).map_err(malformed),
            StripeEvent::TYPE => serde_json::from_str(payload).map(Self::StripeEvent).map_err(malformed),
            unknown => Err(DecodeError::UnknownAggregate(unknown.to_owned())),
        }
    }

    pub fn effective_at(&self) -> Timestamp {
        match self {
            Self::Customer(event) => event.effective_at(),
            Self::Subscription(event) => event.effective_at(),
            Self::Invoice(event) => event.effective_at(),
            Self::Payment(event) => event.effective_at(),
            Self::Dunning(event) => event.effective_at(),
            Self::StripeEvent(event) => event.effective_at(),
        }
    }
}

/// The version that every event is written with today. An event whose form changes gets a version of its own and an
/// upcaster (docs/how-to/add-an-event.md).
pub const EVENT_VERSION: &str = "1";

#[cfg(test)]
#[path = "golden_tests.rs"]
mod golden_tests;
