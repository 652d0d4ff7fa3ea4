//! A call that somebody asked for, as the log tells it.

use domain::event::LedgerEvent;
use domain::id::{CustomerId, ProcessorCallId, TenantId};
use domain::policy::stripe::own;
use domain::processor_call::{Answer, Asked, ProcessorCallChange};
use jiff::Timestamp;
use serde_json::Value;
use store::{Entry, Failure, StoreError};
use uuid::Uuid;

use crate::stripe::client::IdempotencyKey;

/// The aggregate type whose requests are carried out.
pub(super) const READS: &str = "processor_call";

/// Calls of one lane are made one after the other: a customer's, or one alone where no customer is known.
pub(super) type Lane = (TenantId, String);

#[derive(Debug)]
pub(super) struct Due {
    pub tenant: TenantId,
    pub position: i64,
    pub event_id: Uuid,
    /// Microseconds of real time.
    pub recorded_at: i64,
    pub call: ProcessorCallId,
    pub customer: Option<CustomerId>,
    pub asked: Asked,
    pub asked_at: Timestamp,
}

impl Due {
    /// `None` for an answer, and for events of other aggregates.
    pub(super) fn of(entry: Entry) -> Result<Option<Self>, Failure> {
        let event = match entry.decode() {
            Ok(LedgerEvent::ProcessorCall(event)) => event,
            Ok(_) => return Ok(None),
            Err(error) => {
                let (position, event_type) = (entry.position, entry.event_type);
                return Err(Failure { position, event_type, reason: error.to_string() });
            }
        };
        Ok(match event.change {
            ProcessorCallChange::ProcessorCallRequested { customer, asked } => Some(Self {
                tenant: entry.tenant,
                position: entry.position,
                event_id: entry.event_id,
                recorded_at: entry.recorded_at,
                call: event.call,
                customer,
                asked: *asked,
                asked_at: event.at,
            }),
            ProcessorCallChange::ProcessorCallAnswered { .. } => None,
        })
    }

    pub(super) fn lane(&self) -> Lane {
        let own = || format!("{READS}/{}", self.call);
        (self.tenant.clone(), self.customer.as_ref().map_or_else(own, ToString::to_string))
    }

    /// The key of the request; the same call always has the same.
    pub(super) fn key(&self) -> IdempotencyKey {
        IdempotencyKey::of(&[self.tenant.as_str(), self.call.as_str()])
    }

    /// The key of a further request of the same call.
    pub(super) fn key_of(&self, step: &str) -> IdempotencyKey {
        IdempotencyKey::of(&[self.tenant.as_str(), self.call.as_str(), step])
    }

    /// Whether an object at Stripe says that this call made it, or was the last to change it.
    pub(super) fn has_marked(&self, object: &Value) -> bool {
        object.get("metadata").and_then(|names| names.get(own::CALL)).is_some_and(|call| call == self.call.as_str())
    }

    /// The second in which it was recorded, in real time as Stripe's is.
    pub(super) fn asked_for_s(&self) -> i64 {
        self.recorded_at.div_euclid(1_000_000)
    }

    /// Whose key seals what the answer says of a person.
    pub(super) fn subject(&self, answer: &Answer) -> String {
        match (&self.customer, &self.asked, answer) {
            (Some(customer), _, _) => format!("customer/{customer}"),
            (None, Asked::CreateCustomer { .. }, Answer::Succeeded { object }) => format!("customer/{object}"),
            (None, _, _) => format!("{READS}/{}", self.call),
        }
    }

    /// Why the dispatcher cannot go on past this call.
    pub(super) fn poison(&self, error: &StoreError) -> Failure {
        let event_type = "ProcessorCallRequested".to_owned();
        Failure { position: self.position, event_type, reason: error.to_string() }
    }
}
