//! The read model of payments, and of the money collected, part by dated part.

mod collection;
mod fold;
mod read;
mod row;
mod standing;
#[cfg(test)]
pub(crate) mod tests;

pub use collection::CollectionRow;
pub use fold::PaymentFold;
pub use read::{Attempts, Collected, STATEMENTS, attempt_counts, collected_between, find_payment, payments_of_invoice};
pub use row::PaymentRow;
pub use standing::{Standing, Sum};
