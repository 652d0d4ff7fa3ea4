//! An event that Stripe sent: received once, kept as it came, and what was made of it.

mod command;
mod decide;
mod event;

#[cfg(test)]
mod tests;

pub use command::StripeEventCommand;
pub use decide::StripeEvent;
pub use event::{Outcome, Received, StripeEventChange, StripeEventEvent};
