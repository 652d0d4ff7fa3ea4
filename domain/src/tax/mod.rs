//! What tax an invoice bears, rate by rate and line by line (decision B6). It never chooses a rate: the catalogue does, by
//! the customer's address.

mod apportion;
mod lines;
mod rate;
#[cfg(test)]
mod tests;

pub use lines::{LineToTax, RateTax, Taxes, tax_lines, tax_on};
pub use rate::{Inclusion, MAX_PERCENT_PLACES, Rate};
