//! What goes on an invoice: the agreed prices of a stretch of time, and what was used. Discounts and tax come later.

use jiff::Timestamp;

use super::arrears::owed_since;
use super::desk::Desk;
use crate::id::SubscriptionId;
use crate::invoice::Line;
use crate::price::{Item, Usage};
use crate::pricing::{Billing, PricedSince, UsageMode, quote_usage, slices};
use crate::proration::{Billed, Charge, Credit, prorate};
use crate::refusal::Refusal;
use crate::subscription::Terms;
use crate::time::{Period, Stretch};

/// A line that is not on an invoice yet, with the stretch of time it was billed in advance for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub line: Line,
    pub in_advance: Option<Stretch>,
}

/// What an item is known by, the same before and after a change of its price or quantity.
pub(super) fn key_of(item: &Item) -> String {
    item.id.clone().unwrap_or_else(|| item.plan.as_str().to_owned())
}

/// The lines of the agreed items for stretches of time. What is billed in arrears is left out.
pub(super) fn in_advance(desk: &Desk, terms: &Terms, stretches: &[Stretch]) -> Result<Vec<Wanted>, Refusal> {
    let mut wanted = Vec::new();
    for stretch in stretches {
        for item in terms.items.iter().filter(|item| item.billing.of(&item.price) == Billing::InAdvance) {
            let line = agreed(desk, terms, item, *stretch)?;
            wanted.push(Wanted { line, in_advance: Some(*stretch) });
        }
    }
    Ok(wanted)
}

/// The lines for a period that has ended: agreed items that are billed in arrears, and what was used.
pub(super) fn in_arrears(
    desk: &Desk,
    id: &SubscriptionId,
    terms: &Terms,
    ended: Stretch,
) -> Result<Vec<Wanted>, Refusal> {
    let mut wanted = Vec::new();
    for item in terms.items.iter().filter(|item| is_in_arrears(item)) {
        match item.price.usage {
            Usage::Licensed => {
                let since = owed_since(terms, item, ended.period.start);
                let period = Period { start: since, ..ended.period };
                if period.start < period.end {
                    let line = agreed(desk, terms, item, Stretch { period, ..ended })?;
                    wanted.push(Wanted { line, in_advance: None });
                }
            }
            Usage::Metered => wanted.extend(used(desk, id, item, ended.period)?),
        }
    }
    Ok(wanted)
}

pub(super) fn is_in_arrears(item: &Item) -> bool {
    item.billing.of(&item.price) == Billing::InArrears
}

pub(super) fn agreed(desk: &Desk, terms: &Terms, item: &Item, stretch: Stretch) -> Result<Line, Refusal> {
    let charge = Charge::of(item, terms.currency)?;
    let amount_minor = prorate(charge.full_minor, desk.rules.counting.fraction(stretch)?)?;
    Ok(Line { amount_minor, period: Some(stretch.period), ..line_of(item, item.quantity) })
}

/// The lines of what was used. What came in late has a line of its own, since it is no part of this period's tiers (S-07).
pub(super) fn used(desk: &Desk, id: &SubscriptionId, item: &Item, period: Period) -> Result<Vec<Wanted>, Refusal> {
    let (Some(metric), Some(log)) = (&item.metric, desk.usage.get(id)) else { return Ok(Vec::new()) };
    let records = log.state.used(metric, Period { start: Timestamp::MIN, ..period });
    let first = records.first().map_or(period.start, |record| record.at);
    let late = Period { start: first, end: period.start };
    let priced = [PricedSince { since: Timestamp::MIN, price: item.price.clone() }];
    let invalid = |error: crate::pricing::PriceError| Refusal::invalid("usage", error.to_string());
    let leads = leads(desk.subscription(id)?.terms.items.as_slice(), item);
    let mut wanted = Vec::new();
    for period in [late, period] {
        let accrued_minor = if leads { log.state.accrued_minor(metric, period) } else { 0 };
        let lines = quote_usage(&slices(&records, &priced, period).map_err(invalid)?, UsageMode::Flexible);
        wanted.extend(lines.map_err(invalid)?.into_iter().map(|used| {
            let amount_minor = used.amount_minor;
            let line = line_of(item, used.quantity);
            let line = Line { amount_minor, period: Some(period), usage: true, accrued_minor, ..line };
            Wanted { line, in_advance: None }
        }));
    }
    Ok(wanted)
}

/// Whether it is the first of the items that are charged by its metric: what was earned of their usage is on its line.
fn leads(items: &[Item], item: &Item) -> bool {
    items.iter().find(|known| known.metric == item.metric).is_some_and(|first| key_of(first) == key_of(item))
}

pub(super) fn line_of(item: &Item, quantity: u64) -> Line {
    Line {
        description: item.name.clone().unwrap_or_else(|| item.plan.as_str().to_owned()),
        quantity,
        plan: Some(item.plan.clone()),
        interval: item.price.interval,
        item: Some(key_of(item)),
        ..Line::of(0)
    }
}

/// What is given back of a line for time that will not be used, as a line of its own.
pub(super) fn unused_line(terms: &Terms, billed: &Billed, credit: &Credit, key: String) -> Line {
    let item = terms.items.iter().find(|item| key_of(item) == billed.item);
    let name = item.and_then(|item| item.name.clone()).unwrap_or_else(|| billed.item.clone());
    Line {
        id: Some(key),
        description: format!("Unused time on {name}"),
        quantity: billed.quantity,
        period: Some(credit.period),
        proration: true,
        plan: item.map(|item| item.plan.clone()),
        interval: item.and_then(|item| item.price.interval),
        item: Some(billed.item.clone()),
        credits: Some(billed.line.clone()),
        ..Line::of(-credit.amount_minor)
    }
}

/// A line of an invoice as what can be given back later of what was billed in advance.
pub(super) fn billed(line: &Line, stretch: Stretch) -> Billed {
    let totals = line.totals();
    Billed {
        line: line.id.clone().unwrap_or_default(),
        item: line.item.clone().unwrap_or_default(),
        quantity: line.quantity,
        amount_minor: totals.net_minor(),
        tax_minor: totals.exclusive_tax_minor(),
        stretch,
        adjusted: Vec::new(),
    }
}

/// What of it is for time that is not over at an instant.
pub(super) fn not_over(billed: &[Billed], at: Timestamp) -> Vec<Billed> {
    billed.iter().filter(|billed| at < billed.stretch.period.end).cloned().collect()
}
