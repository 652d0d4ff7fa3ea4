//! Calls to an outside processor: what it is asked to do stands in the log before it is asked, and what it answered
//! afterwards. Nothing here asks it; whoever does reads the log.

mod asked;
mod command;
mod decide;
mod event;
mod state;

#[cfg(test)]
mod tests;

pub use asked::{Asked, AskedItem, AskedSubscription, ProfileField};
pub use command::ProcessorCallCommand;
pub use event::{Answer, ProcessorCallChange, ProcessorCallEvent};
pub use state::ProcessorCall;
