//! What a sale comes to: which prices can be sold at all, what a quantity or recorded usage of one costs line by
//! line, and when it is billed. Proration, discounts and tax are applied to these figures elsewhere.

mod billing;
mod check;
mod error;
mod metric;
mod quote;
mod usage;

#[cfg(test)]
mod tests;

pub use billing::Billing;
pub use check::{
    MAX_AMOUNT_MAJOR, MAX_FRACTION_DIGITS, MAX_INTERVAL_COUNT, MAX_QUANTITY, MAX_TIERS, MAX_USAGE, check_price,
};
pub use error::{PriceError, PriceProblem};
pub use metric::{InvalidMetric, Metric};
pub use quote::{Basis, Quote, QuoteLine, quote, total};
pub use usage::{PricedSince, UsageLine, UsageMode, UsageRecord, UsageSlice, quote_usage, slices};
