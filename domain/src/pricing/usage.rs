//! What does recorded usage come to where the price changed within the period (billing.md §3.4, case 4)? Usage is
//! billed in arrears and never prorated.

use jiff::Timestamp;

use super::error::{PriceError, PriceProblem};
use super::quote::quote;
use crate::price::Price;
use crate::time::Period;

/// So much was used, at that instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageRecord {
    pub at: Timestamp,
    pub quantity: u64,
}

/// A price from that instant on, until the next one in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedSince {
    pub since: Timestamp,
    pub price: Price,
}

/// Usage that was reported under one price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSlice {
    pub price: Price,
    pub quantity: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UsageMode {
    /// Each unit costs what was in force when it was reported.
    #[default]
    Flexible,
    /// Only what was reported since the price last changed is billed, in one line. It loses usage; here to follow
    /// ledgers that bill like that.
    Classic,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLine {
    pub price: Price,
    pub quantity: u64,
    pub amount_minor: i64,
}

/// The usage of a period by the price that was in force, in the order of the prices, which ascend by instant. What was
/// reported before the first price has none and is refused rather than given away.
pub fn slices(records: &[UsageRecord], prices: &[PricedSince], period: Period) -> Result<Vec<UsageSlice>, PriceError> {
    let mut used: Vec<(&Price, Option<u64>)> = prices.iter().map(|priced| (&priced.price, None)).collect();
    for record in records.iter().filter(|record| period.contains(record.at)) {
        let in_force = prices.iter().rposition(|priced| priced.since <= record.at);
        let slice = in_force.and_then(|index| used.get_mut(index));
        let (_, sum) = slice.ok_or_else(|| PriceError::new("at", PriceProblem::Unpriced))?;
        let more = sum.unwrap_or(0).checked_add(record.quantity);
        *sum = Some(more.ok_or_else(|| PriceError::new("quantity", PriceProblem::Overflow))?);
    }
    let slices = used.into_iter().filter_map(|(price, sum)| Some(UsageSlice { price: price.clone(), quantity: sum? }));
    Ok(slices.collect())
}

/// The lines of slices in the order of time. Neighbours of one price share its tiers and packages: the later line is
/// what the sum of both costs more than the earlier alone.
pub fn quote_usage(slices: &[UsageSlice], mode: UsageMode) -> Result<Vec<UsageLine>, PriceError> {
    let mut lines = Vec::new();
    for run in slices.chunk_by(|a, b| a.price == b.price) {
        let mut used = 0_u64;
        let mut billed_minor = 0_i64;
        for slice in run {
            let overflow = || PriceError::new("quantity", PriceProblem::Overflow);
            used = used.checked_add(slice.quantity).ok_or_else(overflow)?;
            let so_far = quote(&slice.price, used)?.total_minor;
            let amount_minor = so_far.checked_sub(billed_minor).ok_or_else(overflow)?;
            billed_minor = so_far;
            lines.push(UsageLine { price: slice.price.clone(), quantity: slice.quantity, amount_minor });
        }
        if mode == UsageMode::Classic {
            let last = run.first().map(|slice| UsageLine {
                price: slice.price.clone(),
                quantity: used,
                amount_minor: billed_minor,
            });
            lines = last.into_iter().collect();
        }
    }
    Ok(lines)
}
