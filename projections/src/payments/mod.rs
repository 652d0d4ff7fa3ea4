//! The read model of payments, and of the money collected event by event.

mod collection;
mod fold;
mod read;
mod row;
#[cfg(test)]
pub(crate) mod tests;

pub use collection::CollectionRow;
pub use fold::PaymentFold;
pub use read::{Attempts, Collected, STATEMENTS, attempt_counts, collected_between, find_payment, payments_of_invoice};
pub use row::PaymentRow;
