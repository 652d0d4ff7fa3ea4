//! The embedded processor's settings that are facts of the ledger: a tenant's clock, and what charges of a customer come
//! to. How test methods behave is in `outcome`.

mod command;
mod decide;
mod event;
pub mod outcome;
mod state;

#[cfg(test)]
mod tests;

pub use command::SandboxCommand;
pub use event::{SandboxChange, SandboxEvent};
pub use outcome::Outcome;
pub use state::{CLOCK_ID, Sandbox};
