//! What something costs and how often: prices, their intervals, and discounts on them. What a sale of them comes to,
//! line by line, is answered in `pricing`.

mod discount;
mod scheme;

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use discount::{Discount, Duration, Off};
pub use scheme::{Scheme, Tier};
pub(crate) use scheme::{graduated_parts, packages, volume_tier};

use crate::absent::is_default;
use crate::id::PlanId;
use crate::money::Currency;
use crate::pricing::{Billing, Metric};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalUnit {
    Day,
    Week,
    Month,
    Year,
}

impl IntervalUnit {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Day, Self::Week, Self::Month, Self::Year].into_iter().find(|unit| unit.as_str() == word)
    }
}

/// How often a recurring price is charged: every `count` units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    pub unit: IntervalUnit,
    pub count: u32,
}

impl Interval {
    pub const MONTHLY: Self = Self { unit: IntervalUnit::Month, count: 1 };
    pub const YEARLY: Self = Self { unit: IntervalUnit::Year, count: 1 };
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// The quantity is agreed in advance.
    #[default]
    Licensed,
    /// The quantity is what was used; not part of MRR.
    Metered,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub currency: Currency,
    pub scheme: Scheme,
    /// `None` for a one-time price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub usage: Usage,
}

impl Price {
    /// A plain recurring or one-time price per unit.
    pub fn per_unit(minor: i64, currency: Currency, interval: Option<Interval>) -> Self {
        Self { currency, scheme: Scheme::PerUnit(Decimal::from(minor)), interval, usage: Usage::Licensed }
    }

    /// The exact charge for a quantity in minor units, before rounding. `None` when the figures overflow.
    pub fn charge(&self, quantity: u64) -> Option<Decimal> {
        self.scheme.charge(quantity)
    }

    /// Whether a part of a period costs a part of the price. One-time prices and usage are never prorated (billing.md
    /// §3.4).
    pub fn is_prorated(&self) -> bool {
        self.interval.is_some() && self.usage == Usage::Licensed
    }
}

/// One priced line of a subscription. It holds the price itself and not a reference to the plan, so a subscription
/// keeps the version it was sold until it is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The processor's subscription item id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub plan: PlanId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub price: Price,
    pub quantity: u64,
    /// The version of the plan that was sold; `None` where the catalogue is not ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// When it is billed; usage is billed in arrears whatever this says.
    #[serde(default, skip_serializing_if = "is_default")]
    pub billing: Billing,
    /// What recorded usage it charges for; `None` for an agreed quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
}
