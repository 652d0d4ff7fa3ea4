//! What a coupon takes off and for how long, as a subscription carries it. What discounts come to on an invoice is
//! answered in the crate's `discount` module.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Currency;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// Percent, 0 to 100, possibly with decimals.
    Percent(Decimal),
    /// A fixed amount an invoice, in minor units.
    Amount { minor: i64, currency: Currency },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    Once,
    Repeating { months: u32 },
    Forever,
}

/// A coupon applied to a subscription, in force during `[start, end)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    pub coupon: String,
    pub off: Off,
    pub duration: Duration,
    pub start: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}
