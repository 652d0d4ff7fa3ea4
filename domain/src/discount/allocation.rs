//! How much does each discount take off each line of an invoice (decision B6)? Every discount is one rounded amount,
//! split over its lines by largest remainder, so that lines and discounts sum to the same whole. It never decides
//! whether a discount is in force.

use rust_decimal::Decimal;

use crate::id::PlanId;
use crate::money::{Currency, allocate, round_half_away};
use crate::price::{Discount, Off};

/// A line as discounts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineToDiscount<'l> {
    pub amount_minor: i64,
    pub plan: Option<&'l PlanId>,
    /// False for prorations: the discount is in their amounts already (billing.md §3.4).
    pub discountable: bool,
}

/// A discount that applies to the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduction<'d> {
    pub coupon: &'d str,
    pub off: &'d Off,
    /// The plans whose lines it is limited to; none for every line.
    pub plans: &'d [PlanId],
}

impl<'d> From<&'d Discount> for Reduction<'d> {
    fn from(discount: &'d Discount) -> Self {
        Self { coupon: &discount.coupon, off: &discount.off, plans: &[] }
    }
}

/// What one discount takes off, as a whole and line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountPart {
    pub coupon: String,
    pub amount_minor: i64,
    pub by_line_minor: Vec<i64>,
}

/// What all discounts take off. The parts stand in the order in which they were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountedLines {
    pub parts: Vec<DiscountPart>,
    pub by_line_minor: Vec<i64>,
    pub total_minor: i64,
}

/// Percentages first, in order, each of what the ones before left over; then fixed amounts, those limited to plans before
/// those that can come off any line, so that none is wasted on lines where another has to go. No line goes below zero,
/// lines below zero are left alone, and a fixed amount of another currency takes nothing off.
pub fn allocate_discounts(currency: Currency, lines: &[LineToDiscount], reductions: &[Reduction]) -> DiscountedLines {
    let mut left: Vec<i64> =
        lines.iter().map(|line| if line.discountable { line.amount_minor.max(0) } else { 0 }).collect();
    let mut parts = Vec::new();
    for reduction in in_order(reductions) {
        let scope: Vec<u64> = lines
            .iter()
            .zip(&left)
            .map(|(line, left)| if covers(reduction, line) { left.unsigned_abs() } else { 0 })
            .collect();
        let base = scope.iter().map(|left| i128::from(*left)).sum::<i128>();
        let amount_minor = taken(reduction.off, i64::try_from(base).unwrap_or(i64::MAX), currency);
        if amount_minor == 0 {
            continue;
        }
        let by_line_minor = allocate(amount_minor, &scope);
        for (left, part) in left.iter_mut().zip(&by_line_minor) {
            *left -= part;
        }
        parts.push(DiscountPart { coupon: reduction.coupon.to_owned(), amount_minor, by_line_minor });
    }
    let by_line_minor: Vec<i64> =
        (0..lines.len()).map(|line| parts.iter().filter_map(|part| part.by_line_minor.get(line)).sum()).collect();
    DiscountedLines { total_minor: by_line_minor.iter().sum(), by_line_minor, parts }
}

fn in_order<'r, 'd>(reductions: &'r [Reduction<'d>]) -> Vec<&'r Reduction<'d>> {
    let mut ordered: Vec<_> = reductions.iter().collect();
    // The sort is stable: within a group the given order stands.
    ordered.sort_by_key(|reduction| match reduction.off {
        Off::Percent(_) => 0,
        Off::Amount { .. } if !reduction.plans.is_empty() => 1,
        Off::Amount { .. } => 2,
    });
    ordered
}

fn covers(reduction: &Reduction, line: &LineToDiscount) -> bool {
    reduction.plans.is_empty() || line.plan.is_some_and(|plan| reduction.plans.contains(plan))
}

/// What a discount takes off an amount, from nothing to all of it.
fn taken(off: &Off, base_minor: i64, currency: Currency) -> i64 {
    let wanted = match off {
        Off::Percent(percent) => {
            let exact = Decimal::from(base_minor).checked_mul(*percent);
            let exact = exact.and_then(|exact| exact.checked_div(Decimal::ONE_HUNDRED));
            exact.and_then(round_half_away).unwrap_or(0)
        }
        Off::Amount { minor, currency: of } if *of == currency => *minor,
        Off::Amount { .. } => 0,
    };
    wanted.clamp(0, base_minor)
}
