//! What something costs and how often: prices, their intervals, and discounts on them.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::id::PlanId;
use crate::money::Currency;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalUnit {
    Day,
    Week,
    Month,
    Year,
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

/// One step of a tiered price; `up_to` is inclusive and `None` for the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
    /// Per unit, in minor units; may have decimals below the minor unit.
    pub unit_minor: Decimal,
    #[serde(default, skip_serializing_if = "is_default")]
    pub flat_minor: Decimal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Quantity times this many minor units; may have decimals below the minor unit.
    PerUnit(Decimal),
    /// The tier that holds the whole quantity prices all of it.
    Volume(Vec<Tier>),
    /// Each tier prices the units that fall into it.
    Graduated(Vec<Tier>),
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
        let units = Decimal::from(quantity);
        match &self.scheme {
            Scheme::PerUnit(unit) => unit.checked_mul(units),
            Scheme::Volume(tiers) => {
                let tier = tiers.iter().find(|tier| tier.up_to.is_none_or(|top| quantity <= top)).or(tiers.last())?;
                tier.unit_minor.checked_mul(units)?.checked_add(tier.flat_minor)
            }
            Scheme::Graduated(tiers) => charge_graduated(tiers, quantity),
        }
    }
}

fn charge_graduated(tiers: &[Tier], quantity: u64) -> Option<Decimal> {
    let last = tiers.len().checked_sub(1)?;
    let mut below = 0_u64;
    let mut total = Decimal::ZERO;
    for (index, tier) in tiers.iter().enumerate() {
        if quantity <= below {
            break;
        }
        // The last tier has no top, even where it names one.
        let top = tier.up_to.filter(|_| index < last).map_or(quantity, |top| top.min(quantity));
        let units = Decimal::from(top.saturating_sub(below));
        total = total.checked_add(tier.unit_minor.checked_mul(units)?)?.checked_add(tier.flat_minor)?;
        below = top;
    }
    Some(total)
}

/// One priced line of a subscription.
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
}

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

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
