//! What is a credit note? Shares of an invoice's lines, and where the money goes.

use serde::{Deserialize, Serialize};

use super::settlement::Settlement;
use crate::invoice_totals::LineTotals;

/// What somebody wants credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'w> {
    /// These parts of these lines.
    Lines(&'w [LineCredit]),
    /// A sum with its tax, spread over everything that is left.
    Amount(i64),
    /// Everything that is left.
    Rest,
}

/// A part of a line to be credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineCredit {
    /// Counted from zero.
    pub line: usize,
    /// Before discount and exclusive tax, as the line's own amount is.
    pub amount_minor: i64,
}

/// The share of a line that was credited; its figures lower what was billed, so they are above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditedLine {
    pub line: usize,
    pub credit: LineTotals,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNote {
    pub lines: Vec<CreditedLine>,
    pub settlement: Settlement,
}

/// The sums of a credit note: `total = subtotal − discount + exclusive tax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteFigures {
    pub subtotal_minor: i64,
    pub discount_minor: i64,
    pub exclusive_tax_minor: i64,
    pub inclusive_tax_minor: i64,
    pub total_minor: i64,
}

impl CreditNote {
    pub fn figures(&self) -> NoteFigures {
        figures(&self.lines)
    }
}

/// The sums over some credited lines; they are parts of an invoice whose own sums fit.
pub(super) fn figures(lines: &[CreditedLine]) -> NoteFigures {
    let sum = |of: fn(&LineTotals) -> i64| lines.iter().map(|line| of(&line.credit)).fold(0, i64::saturating_add);
    NoteFigures {
        subtotal_minor: sum(|credit| credit.amount_minor),
        discount_minor: sum(|credit| credit.discount_minor),
        exclusive_tax_minor: sum(LineTotals::exclusive_tax_minor),
        inclusive_tax_minor: sum(LineTotals::inclusive_tax_minor),
        total_minor: sum(LineTotals::total_minor),
    }
}
