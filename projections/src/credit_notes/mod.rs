//! Credit notes of our own invoices: what each took off, and where its money went. Which lines it credits stays in the
//! invoice's stream.

mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use fold::CreditNoteFold;
pub use read::{STATEMENTS, list_credit_notes};
pub use row::CreditNoteRow;
