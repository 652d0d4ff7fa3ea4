//! The read model of customers: who they are, where they stand in their life as customers, what they have paid.

mod fold;
mod list;
mod read;
mod row;
#[cfg(test)]
mod tests;
mod touched;

pub use fold::CustomerFold;
pub use list::{CustomerFilter, CustomerSort};
pub use read::{STATEMENTS, find_customer, find_customer_by_email, list_customers};
pub use row::{CustomerRow, LifecycleStage};
