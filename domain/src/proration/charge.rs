//! What does an item cost for a full period? The plain figure that changes are prorated from.

use rust_decimal::Decimal;

use crate::money::Currency;
use crate::price::{Interval, Item, Usage};
use crate::refusal::Refusal;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What it is for; the same before and after a change of its price or quantity.
    pub item: String,
    pub quantity: u64,
    /// For the whole quantity and a full period, in minor units, possibly with decimals below them.
    pub full_minor: Decimal,
    /// `None` for what is charged once and never prorated.
    pub interval: Option<Interval>,
    /// What was used is billed afterwards and never prorated.
    pub usage: Usage,
}

impl Charge {
    /// The charge of an item: known by its id, or else by its plan.
    pub fn of(item: &Item, currency: Currency) -> Result<Self, Refusal> {
        if item.quantity == 0 {
            return Err(Refusal::invalid("quantity", "must be at least 1"));
        }
        if item.price.currency != currency {
            let reason = format!("{} differs from the subscription's {currency}", item.price.currency);
            return Err(Refusal::invalid("currency", reason));
        }
        let full_minor = item.price.charge(item.quantity);
        Ok(Self {
            item: item.id.clone().unwrap_or_else(|| item.plan.as_str().to_owned()),
            quantity: item.quantity,
            full_minor: full_minor
                .ok_or_else(|| Refusal::invalid("quantity", "makes an amount larger than the ledger accepts"))?,
            interval: item.price.interval,
            usage: item.price.usage,
        })
    }

    /// The charge less its share of the discounts: a prorated line is discounted by what it is a part of, never again.
    #[must_use]
    pub fn less(self, discount_minor: Decimal) -> Self {
        Self { full_minor: self.full_minor.saturating_sub(discount_minor).max(Decimal::ZERO), ..self }
    }

    /// The interval by which it is prorated, where it is.
    pub(super) fn prorated_by(&self) -> Option<Interval> {
        match self.usage {
            Usage::Licensed => self.interval,
            Usage::Metered => None,
        }
    }
}
