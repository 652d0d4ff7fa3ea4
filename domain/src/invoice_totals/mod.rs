//! What an invoice comes to: its lines less discounts plus tax, what the customer's balance pays of it, and what remains
//! (decision B5). Pure arithmetic: it never decides what is billed, or in which status an invoice may be changed.

mod balance;
mod line;
mod totals;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use balance::{Applied, CustomerBalance};
pub use line::{LineTax, LineTotals, NewLine};
pub use totals::{Billed, Figures, InvoiceTotals, Parts, Received};
