//! What a finalized invoice can still be credited, and what a credit note over some of it comes to with its shares of
//! discount and tax (decision B5, billing.md §3.7). Pure arithmetic: it never decides who may issue one, or when.

mod by_amount;
mod by_lines;
mod creditable;
mod note;
mod settlement;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;

pub use by_lines::MAX_TAX_DRIFT_MINOR;
pub use creditable::{Creditable, LineLeft};
pub use note::{CreditNote, CreditedLine, LineCredit, NoteFigures, Wanted};
pub use settlement::{Settle, Settlement};
