//! What does an invoice come to and what remains to be paid, so that the identities of decision B5 hold whatever happens
//! to it? Sums are calculated from independent parts and never stored beside them; parts that contradict each other are
//! refused.

use serde::{Deserialize, Serialize};

use super::balance::{Applied, CustomerBalance};
use super::line::{LineTax, LineTotals, NewLine};
use crate::discount::{DiscountPart, Reduction, allocate_discounts};
use crate::money::{Currency, MAX_MINOR};
use crate::refusal::Refusal;
use crate::tax::tax_lines;

/// An invoice's money. Every value of this type satisfies the identities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct InvoiceTotals {
    parts: Parts,
    figures: Figures,
}

/// What an invoice's figures follow from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    pub currency: Currency,
    pub lines: Vec<LineTotals>,
    pub applied: Applied,
    /// Taken off what is due by credit notes before it was paid.
    pub credited_before_payment_minor: i64,
    pub amount_paid_minor: i64,
}

/// The sums of an invoice: `total = subtotal − discount + exclusive tax`, `amount due = total − applied balance − credited
/// before payment`, `amount remaining = amount due − amount paid`; the last two are never below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub subtotal_minor: i64,
    pub discount_minor: i64,
    pub exclusive_tax_minor: i64,
    /// In the lines' amounts, and so in the total, already.
    pub inclusive_tax_minor: i64,
    pub total_minor: i64,
    pub applied_balance_minor: i64,
    pub credited_before_payment_minor: i64,
    pub amount_due_minor: i64,
    pub amount_paid_minor: i64,
    pub amount_remaining_minor: i64,
}

/// A new invoice's money, with the discounts one by one and what is left of the customer's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    pub totals: InvoiceTotals,
    pub discounts: Vec<DiscountPart>,
    pub balance: CustomerBalance,
}

/// An invoice after a payment, and what of the payment it did not need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub totals: InvoiceTotals,
    pub excess_minor: i64,
}

impl InvoiceTotals {
    /// Discounts, then tax on what they leave, then the customer's balance. A total below zero becomes credit.
    pub fn bill(
        currency: Currency,
        lines: &[NewLine],
        reductions: &[Reduction],
        balance: CustomerBalance,
    ) -> Result<Billed, Refusal> {
        let whole: u128 = lines.iter().map(|line| u128::from(line.amount_minor.unsigned_abs())).sum();
        if whole > u128::from(MAX_MINOR.unsigned_abs()) {
            return Err(Refusal::invalid("amount", "is larger than the ledger accepts"));
        }
        let to_discount: Vec<_> = lines.iter().map(NewLine::to_discount).collect();
        let discounted = allocate_discounts(currency, &to_discount, reductions);
        let lines = taxed(lines, &discounted.by_line_minor)?;
        let total = exact_total(&lines);
        let (applied, balance) = balance.use_for(minor(total)?)?;
        let parts = Parts { currency, lines, applied, credited_before_payment_minor: 0, amount_paid_minor: 0 };
        Ok(Billed { totals: Self::of_parts(parts)?, discounts: discounted.parts, balance })
    }

    /// The totals that follow from these parts, if they do not contradict each other.
    pub fn of_parts(parts: Parts) -> Result<Self, Refusal> {
        parts.lines.iter().try_for_each(LineTotals::check)?;
        let figures = figures(&parts)?;
        let Applied { credit_minor, prepaid_minor } = parts.applied;
        if prepaid_minor < 0 || credit_minor < figures.total_minor.min(0) {
            return Err(Refusal::invalid("applied_balance", "is below zero"));
        }
        let negative = [
            ("credited_before_payment", figures.credited_before_payment_minor),
            ("amount_due", figures.amount_due_minor),
            ("amount_paid", figures.amount_paid_minor),
            ("amount_remaining", figures.amount_remaining_minor),
        ];
        match negative.iter().find(|(_, minor)| *minor < 0) {
            Some((field, _)) => Err(Refusal::invalid(field, "is below zero")),
            None => Ok(Self { parts, figures }),
        }
    }

    pub fn currency(&self) -> Currency {
        self.parts.currency
    }

    pub fn lines(&self) -> &[LineTotals] {
        &self.parts.lines
    }

    pub fn applied(&self) -> Applied {
        self.parts.applied
    }

    pub fn figures(&self) -> Figures {
        self.figures
    }

    /// With more of the customer's balance applied to what remains; also what is left of the balance.
    pub fn apply_balance(&self, balance: CustomerBalance) -> Result<(Self, CustomerBalance), Refusal> {
        let (applied, balance) = balance.use_for(self.figures.amount_remaining_minor)?;
        Ok((self.with(|parts| parts.applied = parts.applied.plus(applied))?, balance))
    }

    /// The balance after the invoice is voided: what it used is returned, what it gave is taken back.
    pub fn returned_to(&self, balance: CustomerBalance) -> Result<CustomerBalance, Refusal> {
        balance.with_returned(self.parts.applied)
    }

    /// With a payment received, in part, in full or over.
    pub fn receive(&self, amount_minor: i64) -> Result<Received, Refusal> {
        let excess_minor = positive(amount_minor)?.saturating_sub(self.figures.amount_remaining_minor).max(0);
        let totals = self.with(|parts| parts.amount_paid_minor += amount_minor - excess_minor)?;
        Ok(Received { totals, excess_minor })
    }

    /// With a payment gone again: refunded without a credit note, or charged back. It is owed anew.
    pub fn give_back(&self, amount_minor: i64) -> Result<Self, Refusal> {
        if positive(amount_minor)? > self.figures.amount_paid_minor {
            return Err(Refusal::invalid("amount", "is more than was paid"));
        }
        self.with(|parts| parts.amount_paid_minor -= amount_minor)
    }

    /// With less due, by a credit note before payment.
    pub fn credit_before_payment(&self, amount_minor: i64) -> Result<Self, Refusal> {
        if positive(amount_minor)? > self.figures.amount_remaining_minor {
            return Err(Refusal::invalid("amount", "is more than remains to be paid"));
        }
        self.with(|parts| parts.credited_before_payment_minor += amount_minor)
    }

    fn with(&self, change: impl FnOnce(&mut Parts)) -> Result<Self, Refusal> {
        let mut parts = self.parts.clone();
        change(&mut parts);
        Self::of_parts(parts)
    }
}

impl TryFrom<Parts> for InvoiceTotals {
    type Error = Refusal;

    fn try_from(parts: Parts) -> Result<Self, Refusal> {
        Self::of_parts(parts)
    }
}

impl From<InvoiceTotals> for Parts {
    fn from(totals: InvoiceTotals) -> Self {
        totals.parts
    }
}

/// The lines with their discounts and the tax on what is left.
fn taxed(lines: &[NewLine], discounts_minor: &[i64]) -> Result<Vec<LineTotals>, Refusal> {
    let untaxed = |(line, discount_minor): (&NewLine, &i64)| LineTotals {
        amount_minor: line.amount_minor,
        discount_minor: *discount_minor,
        tax: line.rate.clone().map(|rate| LineTax { rate, tax_minor: 0 }),
    };
    let mut lines: Vec<LineTotals> = lines.iter().zip(discounts_minor).map(untaxed).collect();
    let taxes = tax_lines(&lines.iter().map(LineTotals::to_tax).collect::<Vec<_>>())?;
    for (line, tax_minor) in lines.iter_mut().zip(taxes.by_line_minor) {
        if let Some(tax) = &mut line.tax {
            tax.tax_minor = tax_minor;
        }
    }
    Ok(lines)
}

fn figures(parts: &Parts) -> Result<Figures, Refusal> {
    let sum = |of: fn(&LineTotals) -> i64| sum(&parts.lines, of);
    let total = exact_total(&parts.lines);
    let due = total - parts.applied.total() - i128::from(parts.credited_before_payment_minor);
    Ok(Figures {
        subtotal_minor: minor(sum(|line| line.amount_minor))?,
        discount_minor: minor(sum(|line| line.discount_minor))?,
        exclusive_tax_minor: minor(sum(LineTotals::exclusive_tax_minor))?,
        inclusive_tax_minor: minor(sum(LineTotals::inclusive_tax_minor))?,
        total_minor: minor(total)?,
        applied_balance_minor: minor(parts.applied.total())?,
        credited_before_payment_minor: parts.credited_before_payment_minor,
        amount_due_minor: minor(due)?,
        amount_paid_minor: parts.amount_paid_minor,
        amount_remaining_minor: minor(due - i128::from(parts.amount_paid_minor))?,
    })
}

fn exact_total(lines: &[LineTotals]) -> i128 {
    sum(lines, |line| line.amount_minor) - sum(lines, |line| line.discount_minor)
        + sum(lines, LineTotals::exclusive_tax_minor)
}

fn sum(lines: &[LineTotals], of: fn(&LineTotals) -> i64) -> i128 {
    lines.iter().map(|line| i128::from(of(line))).sum()
}

fn minor(amount: i128) -> Result<i64, Refusal> {
    i64::try_from(amount).map_err(|_| Refusal::invalid("amount", "is larger than the ledger accepts"))
}

fn positive(amount_minor: i64) -> Result<i64, Refusal> {
    if amount_minor > 0 { Ok(amount_minor) } else { Err(Refusal::invalid("amount", "must be above zero")) }
}
