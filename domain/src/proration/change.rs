//! Which lines does a change within a period make? A credit for what was billed and will not be used, and a debit for
//! what comes instead, each rounded on its own: together they can differ by a minor unit from the rounded difference.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Billed, Charge, Counting, CreditBasis, Fraction, ProrationBehavior, prorate};
use crate::price::Usage;
use crate::refusal::Refusal;
use crate::time::{Anchor, Period, Stretch};

/// How a tenant prorates changes.
#[derive(Debug, Clone)]
pub struct Rules {
    pub counting: Counting,
    pub basis: CreditBasis,
    pub behavior: ProrationBehavior,
}

/// What is charged, and when.
#[derive(Debug, Clone, Copy)]
pub struct Arrangement<'a> {
    pub anchor: &'a Anchor,
    /// The billing period that the change lies in.
    pub period: Period,
    pub charges: &'a [Charge],
}

/// A change of plan, quantity or interval.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// From when on it is charged; see [`proration_instant`].
    pub at: Timestamp,
    pub before: Arrangement<'a>,
    pub after: Arrangement<'a>,
    /// All lines billed in advance for time that is not over.
    pub billed: &'a [Billed],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    Credit,
    Debit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProrationLine {
    pub item: String,
    pub kind: LineKind,
    /// Negative for a credit.
    pub amount_minor: i64,
    pub quantity: u64,
    pub period: Period,
    /// Of the billed line for a credit, of a full period for a debit.
    pub part: Fraction,
    /// The billed line that this gives a part back of.
    pub credits: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    NextInvoice,
    InvoiceNow,
}

/// The lines of one change and when they are invoiced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proration {
    pub lines: Vec<ProrationLine>,
    pub settlement: Settlement,
}

impl Proration {
    pub fn total_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.amount_minor).fold(0, i64::saturating_add)
    }

    /// What goes to the customer's balance when the credits are larger. A change never refunds.
    pub fn to_balance_minor(&self) -> i64 {
        self.total_minor().saturating_neg().max(0)
    }

    /// One amount an item, for invoices that do not show credit and debit apart. Items that come to nothing are left out.
    pub fn by_item(&self) -> BTreeMap<&str, i64> {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for line in &self.lines {
            let sum = sums.entry(&line.item).or_default();
            *sum = sum.saturating_add(line.amount_minor);
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }
}

/// From when on a change is charged: the date asked for, which must lie in the running period, or now.
pub fn proration_instant(asked: Option<Timestamp>, now: Timestamp, period: Period) -> Result<Timestamp, Refusal> {
    let at = asked.unwrap_or(now);
    if period.contains(at) {
        return Ok(at);
    }
    let field = if asked.is_some() { "proration_date" } else { "period" };
    Err(Refusal::invalid(field, format!("{at} is not in the period from {} to {}", period.start, period.end)))
}

impl Rules {
    /// The lines of a change; credits first, each in the order of the items. What stays as it was makes none.
    pub fn lines(&self, change: &Change) -> Result<Proration, Refusal> {
        proration_instant(Some(change.at), change.at, change.before.period)?;
        let (before, after) = (change.before, change.after);
        let same_period = before.period == after.period;
        // What is not prorated has no period that could have changed.
        let stays = |charge: &Charge, other: Arrangement| {
            (same_period || charge.prorated_by().is_none()) && other.charges.contains(charge)
        };
        let gone = before.charges.iter().filter(|charge| !stays(charge, after));
        let come = after.charges.iter().filter(|charge| !stays(charge, before));
        // A period that begins with the change is billed like any other; that is no proration.
        let begins = !same_period && after.period.start == change.at;
        let (credits, debits) = match self.behavior {
            ProrationBehavior::None => (false, begins),
            ProrationBehavior::CreateProrations | ProrationBehavior::AlwaysInvoice => (true, true),
        };
        let mut lines = Vec::new();
        for charge in gone.filter(|_| credits) {
            match self.basis {
                CreditBasis::Billed => lines.extend(self.billed_credits(change, charge)?),
                CreditBasis::Price => lines.extend(self.price_credit(change, charge)?),
            }
        }
        for charge in come {
            // What is charged once is bought, not prorated, whatever the behavior.
            if debits || charge.interval.is_none() {
                lines.extend(self.debit(change.at, after, charge)?);
            }
        }
        lines.retain(|line| line.amount_minor != 0);
        let settlement = match self.behavior {
            ProrationBehavior::CreateProrations | ProrationBehavior::None => Settlement::NextInvoice,
            ProrationBehavior::AlwaysInvoice => Settlement::InvoiceNow,
        };
        Ok(Proration { lines, settlement })
    }

    fn billed_credits(&self, change: &Change, gone: &Charge) -> Result<Vec<ProrationLine>, Refusal> {
        let mut lines = Vec::new();
        if gone.prorated_by().is_none() {
            return Ok(lines);
        }
        let rest = Period { start: change.at, end: Timestamp::MAX };
        for billed in change.billed.iter().filter(|billed| billed.item == gone.item) {
            lines.extend(billed.credit(&self.counting, rest)?.map(|credit| ProrationLine {
                item: gone.item.clone(),
                kind: LineKind::Credit,
                amount_minor: -credit.amount_minor,
                quantity: billed.quantity,
                period: credit.period,
                part: credit.part,
                credits: Some(billed.line.clone()),
            }));
        }
        Ok(lines)
    }

    fn price_credit(&self, change: &Change, gone: &Charge) -> Result<Option<ProrationLine>, Refusal> {
        let Some(stretch) = rest_of(change.before, gone, change.at)? else { return Ok(None) };
        let line = self.line(gone, stretch)?;
        Ok(Some(ProrationLine { kind: LineKind::Credit, amount_minor: -line.amount_minor, ..line }))
    }

    fn debit(&self, at: Timestamp, after: Arrangement, charge: &Charge) -> Result<Option<ProrationLine>, Refusal> {
        if charge.interval.is_none() && charge.usage == Usage::Licensed {
            let period = Period { start: at, end: after.period.end };
            let amount_minor = prorate(charge.full_minor, Fraction::WHOLE)?;
            return Ok(Some(ProrationLine { amount_minor, ..line_of(charge, period, Fraction::WHOLE) }));
        }
        rest_of(after, charge, at)?.map(|stretch| self.line(charge, stretch)).transpose()
    }

    fn line(&self, charge: &Charge, stretch: Stretch) -> Result<ProrationLine, Refusal> {
        let part = self.counting.fraction(stretch)?;
        let amount_minor = prorate(charge.full_minor, part)?;
        Ok(ProrationLine { amount_minor, ..line_of(charge, stretch.period, part) })
    }
}

fn line_of(charge: &Charge, period: Period, part: Fraction) -> ProrationLine {
    let (item, quantity) = (charge.item.clone(), charge.quantity);
    ProrationLine { item, kind: LineKind::Debit, amount_minor: 0, quantity, period, part, credits: None }
}

/// What is left of the billing period, priced by the charge's own interval: a yearly item of a monthly subscription is
/// charged a month of its year. `None` where it is not prorated.
fn rest_of(arrangement: Arrangement, charge: &Charge, at: Timestamp) -> Result<Option<Stretch>, Refusal> {
    let Some(interval) = charge.prorated_by() else { return Ok(None) };
    let reference = arrangement.anchor.period_containing(interval, at);
    let reference = reference.ok_or_else(|| Refusal::invalid("interval", "has no period at that date"))?;
    Ok(Stretch { period: Period { start: at, ..reference }, reference }.until(arrangement.period.end))
}
