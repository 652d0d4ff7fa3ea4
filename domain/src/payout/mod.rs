//! Payouts: money that the processor sent to the bank, or wanted to.

mod command;
mod decide;
mod event;
mod state;

#[cfg(test)]
mod tests;

pub use command::PayoutCommand;
pub use event::{PayoutChange, PayoutEvent, PayoutReport, PayoutStatus};
pub use state::Payout;
