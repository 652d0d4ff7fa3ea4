//! What of an invoice is left to be credited, after the credit notes that stand? Those that were voided are not told.

use super::note::{CreditNote, CreditedLine, Wanted, figures};
use super::settlement::{Settle, Settlement};
use crate::invoice_totals::{InvoiceTotals, LineTax, LineTotals};
use crate::refusal::Refusal;
use crate::tax::{Inclusion, Rate};

/// An invoice and what was credited of it.
#[derive(Debug, Clone)]
pub struct Creditable<'i> {
    pub(super) totals: &'i InvoiceTotals,
    pub(super) lines: Vec<LineLeft>,
    pub(super) groups: Vec<Group<'i>>,
    pub(super) credited_minor: i64,
    pub(super) refunded_minor: i64,
    pub(super) to_balance_minor: i64,
}

/// What of a line can still be credited; nothing of one that is a credit itself. Tax is shared by rate, not by line, so
/// that the last note over a rate takes what its roundings left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineLeft {
    /// Before discount.
    pub amount_minor: i64,
    pub discount_minor: i64,
}

impl LineLeft {
    /// After discount; an inclusive tax is in it.
    pub fn net_minor(self) -> i64 {
        self.amount_minor.saturating_sub(self.discount_minor)
    }

    fn is_within(self, left: Self) -> bool {
        (0..=left.discount_minor).contains(&self.discount_minor) && (0..=left.net_minor()).contains(&self.net_minor())
    }
}

/// The lines of one rate, or those without tax: what they were billed and what of it was credited.
#[derive(Debug, Clone)]
pub(super) struct Group<'i> {
    pub rate: Option<&'i Rate>,
    pub net_minor: i64,
    pub tax_minor: i64,
    pub credited_net_minor: i64,
    pub credited_tax_minor: i64,
}

impl Group<'_> {
    pub fn net_left(&self) -> i64 {
        (self.net_minor - self.credited_net_minor).max(0)
    }

    pub fn tax_left(&self) -> i64 {
        (self.tax_minor - self.credited_tax_minor).max(0)
    }

    /// Whether its tax comes on top of its net.
    pub fn is_on_top(&self) -> bool {
        self.rate.is_some_and(|rate| rate.inclusion() == Inclusion::Exclusive)
    }

    /// What a note that takes all of it comes to.
    pub fn total_left(&self) -> i64 {
        self.net_left() + if self.is_on_top() { self.tax_left() } else { 0 }
    }
}

impl<'i> Creditable<'i> {
    /// The invoice with the notes that stand on it.
    pub fn of(totals: &'i InvoiceTotals, notes: &[CreditNote]) -> Result<Self, Refusal> {
        let mut left = Self {
            totals,
            lines: totals.lines().iter().map(creditable_at_first).collect(),
            groups: groups(totals.lines()),
            credited_minor: 0,
            refunded_minor: 0,
            to_balance_minor: 0,
        };
        notes.iter().try_for_each(|note| left.take(note))?;
        Ok(left)
    }

    /// What is left of each line.
    pub fn lines(&self) -> &[LineLeft] {
        &self.lines
    }

    /// What is left of the whole, with tax.
    pub fn total_left_minor(&self) -> i64 {
        (self.totals.figures().total_minor - self.credited_minor).max(0)
    }

    /// What can be paid back at most: what was paid and has not been.
    pub fn refundable_minor(&self) -> i64 {
        (self.totals.figures().amount_paid_minor - self.refunded_minor).max(0)
    }

    /// A credit note over what is wanted.
    pub fn issue(&self, wanted: Wanted, settle: Settle) -> Result<CreditNote, Refusal> {
        let lines = match wanted {
            Wanted::Lines(lines) => self.by_lines(lines)?,
            Wanted::Amount(amount_minor) => self.by_amount(amount_minor)?,
            Wanted::Rest => self.by_amount(self.total_left_minor())?,
        };
        let total_minor = figures(&lines).total_minor;
        if total_minor <= 0 {
            return Err(Refusal::invalid("amount", "comes to nothing"));
        }
        if total_minor > self.total_left_minor() {
            return Err(too_much(self.total_left_minor()));
        }
        let settlement = self.settlement(total_minor, settle)?;
        Ok(CreditNote { lines, settlement })
    }

    /// A share of a line as it stands on a note.
    pub(super) fn credited(&self, line: usize, share: LineLeft, tax_minor: i64) -> CreditedLine {
        let rate = self.totals.lines().get(line).and_then(LineTotals::rate);
        let credit = LineTotals {
            amount_minor: share.amount_minor,
            discount_minor: share.discount_minor,
            tax: rate.cloned().map(|rate| LineTax { rate, tax_minor }),
        };
        CreditedLine { line, credit }
    }

    /// The lines of a group, by their places.
    pub(super) fn lines_of<'s>(&'s self, group: &'s Group) -> impl Iterator<Item = (usize, LineLeft)> + 's {
        let lines = self.totals.lines().iter().zip(&self.lines).enumerate();
        lines.filter(|(_, (line, _))| line.rate() == group.rate).map(|(index, (_, left))| (index, *left))
    }

    fn take(&mut self, note: &CreditNote) -> Result<(), Refusal> {
        for CreditedLine { line, credit } in &note.lines {
            let foreign = || Refusal::invalid("line", "is not a line of the invoice");
            let left = self.lines.get_mut(*line).ok_or_else(foreign)?;
            let group = self.groups.iter_mut().find(|group| group.rate == credit.rate()).ok_or_else(foreign)?;
            let tax_minor = credit.tax.as_ref().map_or(0, |tax| tax.tax_minor);
            let share = LineLeft { amount_minor: credit.amount_minor, discount_minor: credit.discount_minor };
            if !share.is_within(*left) || !(0..=group.tax_left()).contains(&tax_minor) {
                return Err(Refusal::invalid("line", "was credited beyond what was billed"));
            }
            left.amount_minor -= share.amount_minor;
            left.discount_minor -= share.discount_minor;
            group.credited_net_minor += share.net_minor();
            group.credited_tax_minor += tax_minor;
        }
        let Settlement { before_payment_minor: _, refund_minor, to_balance_minor } = note.settlement;
        self.credited_minor = self.credited_minor.saturating_add(note.figures().total_minor);
        self.refunded_minor = self.refunded_minor.saturating_add(refund_minor);
        self.to_balance_minor = self.to_balance_minor.saturating_add(to_balance_minor);
        Ok(())
    }
}

pub(super) fn too_much(left_minor: i64) -> Refusal {
    Refusal::invalid("amount", format!("is more than the {left_minor} minor units left to be credited"))
}

fn creditable_at_first(line: &LineTotals) -> LineLeft {
    LineLeft { amount_minor: line.amount_minor.max(0), discount_minor: line.discount_minor }
}

fn groups(lines: &[LineTotals]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for line in lines {
        let (net_minor, tax_minor) = (line.net_minor(), line.tax.as_ref().map_or(0, |tax| tax.tax_minor));
        match groups.iter_mut().find(|group| group.rate == line.rate()) {
            Some(group) => {
                group.net_minor += net_minor;
                group.tax_minor += tax_minor;
            }
            None => groups.push(Group {
                rate: line.rate(),
                net_minor,
                tax_minor,
                credited_net_minor: 0,
                credited_tax_minor: 0,
            }),
        }
    }
    groups
}
