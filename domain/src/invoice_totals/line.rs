//! What does one line of an invoice come to, after its share of discounts and with its tax?

use serde::{Deserialize, Serialize};

use crate::discount::LineToDiscount;
use crate::id::PlanId;
use crate::money::MAX_MINOR;
use crate::refusal::Refusal;
use crate::tax::{Inclusion, LineToTax, Rate};

/// A line to be billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// Before discounts and exclusive tax; below zero for a credit.
    pub amount_minor: i64,
    pub plan: Option<PlanId>,
    /// False for prorations, which have the discount in their amounts already.
    pub discountable: bool,
    pub rate: Option<Rate>,
}

impl NewLine {
    pub(super) fn to_discount(&self) -> LineToDiscount<'_> {
        LineToDiscount { amount_minor: self.amount_minor, plan: self.plan.as_ref(), discountable: self.discountable }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTax {
    pub rate: Rate,
    pub tax_minor: i64,
}

/// A line of an invoice with its share of the invoice's discounts and tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTotals {
    pub amount_minor: i64,
    pub discount_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<LineTax>,
}

impl LineTotals {
    /// After discounts; an inclusive tax is still in it.
    pub fn net_minor(&self) -> i64 {
        self.amount_minor.saturating_sub(self.discount_minor)
    }

    pub fn rate(&self) -> Option<&Rate> {
        self.tax.as_ref().map(|tax| &tax.rate)
    }

    /// The tax that comes on top of the line.
    pub fn exclusive_tax_minor(&self) -> i64 {
        self.tax_where(Inclusion::Exclusive)
    }

    /// The tax that is in the line's amount.
    pub fn inclusive_tax_minor(&self) -> i64 {
        self.tax_where(Inclusion::Inclusive)
    }

    pub fn total_minor(&self) -> i64 {
        self.net_minor().saturating_add(self.exclusive_tax_minor())
    }

    pub(super) fn to_tax(&self) -> LineToTax<'_> {
        LineToTax { amount_minor: self.net_minor(), rate: self.rate() }
    }

    /// No discount takes a line below zero, and no tax exceeds what it is on, to which side of zero that is.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.amount_minor.unsigned_abs() > MAX_MINOR.unsigned_abs() {
            return Err(Refusal::invalid("amount", "is larger than the ledger accepts"));
        }
        if !(0..=self.amount_minor.max(0)).contains(&self.discount_minor) {
            return Err(Refusal::invalid("discount", "is not between zero and its line's amount"));
        }
        let (net, tax) = (self.net_minor(), self.tax.as_ref().map_or(0, |tax| tax.tax_minor));
        if !(net.min(0)..=net.max(0)).contains(&tax) {
            return Err(Refusal::invalid("tax", "is not between zero and its line's amount"));
        }
        Ok(())
    }

    fn tax_where(&self, inclusion: Inclusion) -> i64 {
        self.tax.as_ref().filter(|tax| tax.rate.inclusion() == inclusion).map_or(0, |tax| tax.tax_minor)
    }
}
