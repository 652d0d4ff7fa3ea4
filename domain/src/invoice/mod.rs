//! The invoice: what is owed, for what, and what became of it (billing.md §3.2).

mod blank;
mod command;
mod credited;
mod decide;
mod event;
mod figures;
mod received;
mod state;

#[cfg(test)]
mod tests;

pub use command::{FailedAttempt, InvoiceCommand};
pub use decide::NUMBER_TO_FILL;
pub use event::{
    CouponShare, InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus, IssuedNote, Line, ReportedNote,
};
pub use state::Invoice;
