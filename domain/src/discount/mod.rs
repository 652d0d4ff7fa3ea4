//! What discounts take off an invoice (decision B6), and which invoices they apply to. How they change MRR is another
//! question, answered in `mrr`.

mod allocation;
mod redemption;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use allocation::{DiscountPart, DiscountedLines, LineToDiscount, Reduction, allocate_discounts};
pub use redemption::{Redemption, redeem};

use crate::money::Currency;
use crate::price::{Discount, Duration};

/// What the discounts take off a subtotal together: percentages first, in order, then fixed amounts, never below zero.
/// A fixed amount of another currency takes nothing off: no exchange rate is implied.
pub fn discount_minor<'d>(
    subtotal_minor: i64,
    currency: Currency,
    discounts: impl Iterator<Item = &'d Discount> + Clone,
) -> i64 {
    let whole = LineToDiscount { amount_minor: subtotal_minor, plan: None, discountable: true };
    let reductions: Vec<Reduction> = discounts.map(Reduction::from).collect();
    allocate_discounts(currency, &[whole], &reductions).total_minor
}

/// Whether a discount applies to the invoice of an instant. One that applies `once` is spent by the first invoice after
/// it began; `earlier` is the latest invoice before this one.
pub fn applies(discount: &Discount, at: Timestamp, earlier: Option<Timestamp>) -> bool {
    let in_force = discount.start <= at && discount.end.is_none_or(|end| at < end);
    match discount.duration {
        Duration::Forever | Duration::Repeating { .. } => in_force,
        Duration::Once => in_force && earlier.is_none_or(|earlier| earlier < discount.start),
    }
}
