//! What a delivery, a retry or the reactor does to a Stripe event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::StripeEventCommand;
use super::event::{Outcome, Received, StripeEventChange, StripeEventEvent};
use crate::id::StripeEventId;
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;

/// Conflicting bodies that are kept for one id; a sender that repeats an id with ever new bodies must not fill the disk.
const MAX_CONFLICTS: usize = 100;

/// A Stripe event: the first body that came under its id, and the hashes of others that came under it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripeEvent {
    id: Option<StripeEventId>,
    body_hash: Option<String>,
    conflicts: Vec<String>,
    outcome: Option<Outcome>,
}

impl StripeEvent {
    pub fn is_received(&self) -> bool {
        self.body_hash.is_some()
    }

    /// What was made of it last; `None` while it waits.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }
}

impl EventForm for StripeEventEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for StripeEvent {
    const TYPE: &'static str = "stripe_event";
    type Command = StripeEventCommand;
    type Event = StripeEventEvent;

    fn decide(&self, issued: &Issued<StripeEventCommand>) -> Result<Vec<StripeEventEvent>, Refusal> {
        match &issued.command {
            StripeEventCommand::Receive { id, received } => Ok(self.receive(id, received)),
            StripeEventCommand::Retry => {
                let event = self.id.clone().ok_or_else(|| Refusal::not_found("webhook event"))?;
                Ok(vec![StripeEventEvent {
                    at: issued.now,
                    event,
                    change: StripeEventChange::StripeEventRetryRequested {},
                }])
            }
            StripeEventCommand::Finish { outcome } => {
                let event = self.id.clone().ok_or_else(|| Refusal::not_found("webhook event"))?;
                let change = StripeEventChange::StripeEventProcessed { outcome: outcome.clone() };
                Ok(vec![StripeEventEvent { at: issued.now, event, change }])
            }
        }
    }

    fn evolve(&mut self, event: &StripeEventEvent) {
        self.id = Some(event.event.clone());
        match &event.change {
            StripeEventChange::StripeEventReceived(received) => self.body_hash = Some(received.body_hash.clone()),
            StripeEventChange::StripeEventConflicted(received) => self.conflicts.push(received.body_hash.clone()),
            StripeEventChange::StripeEventRetryRequested {} => self.outcome = None,
            StripeEventChange::StripeEventProcessed { outcome } => self.outcome = Some(outcome.clone()),
        }
    }
}

impl StripeEvent {
    fn receive(&self, id: &StripeEventId, received: &Received) -> Vec<StripeEventEvent> {
        let change = match &self.body_hash {
            None => StripeEventChange::StripeEventReceived(Box::new(received.clone())),
            Some(known) if *known == received.body_hash || self.conflicts.contains(&received.body_hash) => {
                return Vec::new();
            }
            Some(_) if self.conflicts.len() >= MAX_CONFLICTS => return Vec::new(),
            Some(_) => StripeEventChange::StripeEventConflicted(Box::new(received.clone())),
        };
        vec![StripeEventEvent { at: received.created, event: id.clone(), change }]
    }
}
