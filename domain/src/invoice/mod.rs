//! The invoice: what is owed, for what, and what became of it (billing.md §3.2).

mod command;
mod decide;
mod event;
mod state;

#[cfg(test)]
mod tests;

pub use command::{FailedAttempt, InvoiceCommand};
pub use decide::NUMBER_TO_FILL;
pub use event::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus, Line};
pub use state::Invoice;
