//! The customer: a person or firm that pays, and the payment methods attached to it.

mod command;
mod decide;
mod event;
mod patch;
mod state;

#[cfg(test)]
mod tests;

pub use command::CustomerCommand;
pub use event::{CustomerChange, CustomerEvent, CustomerSnapshot, PaymentMethod, PaymentMethodKind, Profile};
pub use patch::{Email, Patch, ProfilePatch, Seen};
pub use state::Customer;
