//! What accompanies a command, and the shape every aggregate has.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// A command with the tenant's time at which it was issued. The domain has no clock of its own (rule A1).
#[derive(Debug, Clone)]
pub struct Issued<C> {
    pub now: Timestamp,
    pub command: C,
}

/// An aggregate: it decides what happens and evolves by what happened, both pure. `cqrs_es::Aggregate` is
/// implemented for each by glue that calls these two (see `cqrs.rs`).
pub trait Decider:
    Default + Clone + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The aggregate's type as the log stores it.
    const TYPE: &'static str;
    type Command: Clone + Send + Sync + std::fmt::Debug;
    type Event: EventForm;

    /// The events that the command causes, none where it changes nothing, or the reason it is refused.
    /// Facts are never refused.
    fn decide(&self, issued: &Issued<Self::Command>) -> Result<Vec<Self::Event>, Refusal>;

    /// Applies what happened, including what today's rules would refuse.
    fn evolve(&mut self, event: &Self::Event);
}

/// What the log asks of an event.
pub trait EventForm: cqrs_es::DomainEvent + 'static {
    /// Business time of the event; it may lie before the moment it was recorded.
    fn effective_at(&self) -> Timestamp;
}
