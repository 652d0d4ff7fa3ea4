//! How much of what was billed can still be given back for a span of time? Never more than was billed, and nothing
//! twice, however the spans of several credits overlap.

use serde::{Deserialize, Serialize};

use super::{Counting, Fraction, prorate};
use crate::absent::is_default;
use crate::refusal::Refusal;
use crate::time::{Period, Stretch};

/// A line that was really billed in advance, net of its share of the discounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billed {
    /// The line, for the link from its credit.
    pub line: String,
    /// What it was for, as [`super::Charge::item`].
    pub item: String,
    pub quantity: u64,
    pub amount_minor: i64,
    /// The tax that was added on top of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tax_minor: i64,
    pub stretch: Stretch,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjusted: Vec<Adjusted>,
}

/// What was given back of a line already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    pub amount_minor: i64,
    pub tax_minor: i64,
    /// The time it was for; `None` for an adjustment of the amount alone.
    pub period: Option<Period>,
}

/// What is given back of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    pub amount_minor: i64,
    pub tax_minor: i64,
    pub period: Period,
    /// The part of the line, not of a full period.
    pub part: Fraction,
}

impl Credit {
    /// How it is kept with the line.
    pub fn adjustment(&self) -> Adjusted {
        Adjusted { amount_minor: self.amount_minor, tax_minor: self.tax_minor, period: Some(self.period) }
    }
}

impl Billed {
    /// What could be given back of the amount at most, whatever the reason.
    pub fn creditable_minor(&self) -> i64 {
        left(self.amount_minor, self.adjusted.iter().map(|adjusted| adjusted.amount_minor))
    }

    /// The tax that could be given back at most.
    pub fn creditable_tax_minor(&self) -> i64 {
        left(self.tax_minor, self.adjusted.iter().map(|adjusted| adjusted.tax_minor))
    }

    /// What to give back for a span: the billed amount's part for the time in it that was not given back before. `None`
    /// where that is nothing.
    pub fn credit(&self, counting: &Counting, span: Period) -> Result<Option<Credit>, Refusal> {
        let Some(period) = self.stretch.period.overlap(span) else { return Ok(None) };
        let Some(part) = self.open_part(counting, period) else { return Ok(None) };
        let amount_minor = prorate(self.amount_minor.into(), part)?.min(self.creditable_minor());
        let tax_minor = prorate(self.tax_minor.into(), part)?.min(self.creditable_tax_minor());
        let credit = Credit { amount_minor: amount_minor.max(0), tax_minor: tax_minor.max(0), period, part };
        Ok(Some(credit).filter(|credit| credit.amount_minor > 0 || credit.tax_minor > 0))
    }

    /// The part of the billed time that lies in a period and was not adjusted before.
    fn open_part(&self, counting: &Counting, period: Period) -> Option<Fraction> {
        let place = |instant| counting.elapsed(self.stretch.reference, instant);
        let (from, to) = (place(period.start), place(period.end));
        let mut taken: Vec<(i64, i64)> = self
            .adjusted
            .iter()
            .filter_map(|adjusted| adjusted.period)
            .map(|adjusted| (place(adjusted.start).clamp(from, to), place(adjusted.end).clamp(from, to)))
            .collect();
        taken.sort_unstable();
        let (mut open, mut reached) = (0, from);
        for (start, end) in taken {
            open += (start - reached).max(0);
            reached = reached.max(end);
        }
        open += to - reached;
        let billed = place(self.stretch.period.end) - place(self.stretch.period.start);
        Fraction::of(open, billed)
    }
}

fn left(billed: i64, adjusted: impl Iterator<Item = i64>) -> i64 {
    adjusted.fold(billed, i64::saturating_sub).max(0)
}
