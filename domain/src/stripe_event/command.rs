//! What can be done with a Stripe event.

use super::event::{Outcome, Received};
use crate::id::StripeEventId;

#[derive(Debug, Clone)]
pub enum StripeEventCommand {
    /// A fact: the same id and body again changes nothing, another body is kept as a conflict.
    Receive { id: StripeEventId, received: Box<Received> },
    /// An intent: asks the reactor to read the event once more.
    Retry,
    /// A fact: what the reactor made of it.
    Finish { outcome: Outcome },
}
