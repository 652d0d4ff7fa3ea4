//! The read model of payment methods and of each customer's default among them.

mod default_row;
mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use default_row::DefaultMethodRow;
pub use fold::{DefaultMethodFold, PaymentMethodFold};
pub use read::{CustomerMethod, STATEMENTS, payment_methods_of_customer};
pub use row::PaymentMethodRow;
