//! What do the tests of proration share? Dates, plain charges and lines as they were billed; each file beside this one
//! holds the cases of one source.

mod changes;
mod kill_bill;
mod lago;
mod meteroid;
mod properties;
mod refusals;
mod stripe;
mod vectors;
mod words;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::*;
use crate::price::{Interval, IntervalUnit, Usage};
use crate::time::{Anchor, AnchorRule, Period, Stretch};

const QUARTERLY: Interval = Interval { unit: IntervalUnit::Month, count: 3 };
const WEEKLY: Interval = Interval { unit: IntervalUnit::Week, count: 1 };

/// An instant; of a bare date, its midnight.
fn on(text: &str) -> Timestamp {
    if text.contains('T') { text.parse().unwrap() } else { format!("{text}T00:00:00Z").parse().unwrap() }
}

fn span(start: &str, end: &str) -> Period {
    Period { start: on(start), end: on(end) }
}

fn fixed(days: u8) -> ProrationMode {
    format!("fixed_days({days})").parse().unwrap()
}

fn calendar(start: &str) -> Anchor {
    Anchor { rule: AnchorRule::Calendar, ..Anchor::utc(on(start)) }
}

fn charge(item: &str, full_minor: i64, interval: Interval) -> Charge {
    let full_minor = Decimal::from(full_minor);
    Charge { item: item.to_owned(), quantity: 1, full_minor, interval: Some(interval), usage: Usage::Licensed }
}

fn monthly(item: &str, full_minor: i64) -> Charge {
    charge(item, full_minor, Interval::MONTHLY)
}

/// A line for what was billed without tax.
fn billed(item: &str, amount_minor: i64, stretch: Stretch) -> Billed {
    let (line, item) = (format!("il_{item}"), item.to_owned());
    Billed { line, item, quantity: 1, amount_minor, tax_minor: 0, stretch, adjusted: Vec::new() }
}

/// The stretch that starts then, up to the end of its period.
fn from(anchor: &Anchor, interval: Interval, start: &str) -> Stretch {
    anchor.stretches(interval, on(start)).next().unwrap()
}

/// The amount of a stretch at a price, and the part it is of a full period.
fn priced(mode: ProrationMode, full_minor: i64, stretch: Stretch) -> (i64, (i64, i64)) {
    let part = Counting::utc(mode).fraction(stretch).unwrap();
    (prorate(full_minor.into(), part).unwrap(), (part.numerator(), part.denominator()))
}

/// Credit what was billed, and wait for the next invoice.
fn rules(mode: ProrationMode) -> Rules {
    Rules {
        counting: Counting::utc(mode),
        basis: CreditBasis::default(),
        behavior: ProrationBehavior::CreateProrations,
    }
}

/// A change that keeps the period.
fn changed(
    rules: &Rules,
    anchor: &Anchor,
    at: &str,
    before: &[Charge],
    after: &[Charge],
    billed: &[Billed],
) -> Proration {
    let period = anchor.period_containing(Interval::MONTHLY, on(at)).unwrap();
    let before = Arrangement { anchor, period, charges: before };
    let after = Arrangement { anchor, period, charges: after };
    rules.lines(&Change { at: on(at), before, after, billed }).unwrap()
}

fn amounts(proration: &Proration) -> Vec<i64> {
    proration.lines.iter().map(|line| line.amount_minor).collect()
}
