//! How items, quantities and intervals change, now or later, and what the change costs (decision B3).

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::arrears::{Arrears, note_used, settle_until};
use super::bill::{Draft, issue};
use super::desk::Desk;
use super::ids::invoice_of;
use super::lines::{Wanted, key_of, not_over};
use super::renew::{Collecting, collect_as, collecting};
use crate::account::{AccountCommand, PendingLine};
use crate::discount::{applies, discount_minor};
use crate::id::{InvoiceId, SubscriptionId};
use crate::invoice::Line;
use crate::money::round_half_away;
use crate::price::{Discount, Item, Off};
use crate::pricing::Billing;
use crate::proration::{
    Adjusted, Arrangement, Billed, Change, Charge, LineKind, ProrationBehavior, ProrationLine, Settlement,
    proration_instant,
};
use crate::refusal::Refusal;
use crate::subscription::{AsBilled, Standing, SubscriptionCommand, SubscriptionSnapshot, Terms};
use crate::tax::{Inclusion, tax_on};
use crate::time::{Anchor, Period, Stretch};

/// What a subscription is to become.
#[derive(Debug, Clone)]
pub struct Alteration {
    pub items: Vec<Item>,
    pub behavior: ProrationBehavior,
    /// From when on it is charged; `None` is now.
    pub proration_date: Option<Timestamp>,
}

/// Changes the items now. The invoice, where the change is invoiced at once.
pub fn alter(desk: &mut Desk, id: &SubscriptionId, wanted: &Alteration) -> Result<Option<InvoiceId>, Refusal> {
    let before = desk.subscription(id)?.clone();
    let charged = matches!(before.standing, Standing::Active {} | Standing::PastDue { .. });
    let (Some(period), true) = (before.terms.period, charged) else {
        let command = SubscriptionCommand::ChangeItems { items: wanted.items.clone(), as_billed: AsBilled::default() };
        desk.on_subscription(id, command)?;
        return Ok(None);
    };
    // What is scheduled for the end of the period needs no proration: the renewal bills it.
    if wanted.proration_date.is_none() && desk.now >= period.end {
        let arrears = settle_until(desk, id, &before.terms, &wanted.items, period.end)?;
        let mut billed = before.terms.billed.clone();
        billed.extend(arrears.marks);
        let as_billed = AsBilled { billed: Some(billed), ..AsBilled::default() };
        desk.on_subscription(id, SubscriptionCommand::ChangeItems { items: wanted.items.clone(), as_billed })?;
        if arrears.used {
            note_used(desk, id, period, period.end)?;
        }
        return add_lines(desk, arrears.pending).map(|()| None);
    }
    let at = proration_instant(wanted.proration_date, desk.now, period)?;
    let anchor = before.terms.anchor_of_periods();
    let sides = Sides {
        at,
        behavior: wanted.behavior,
        before: Side { anchor: &anchor, period, items: &before.terms.items },
        after: Side { anchor: &anchor, period: after(&before.terms, wanted, at, period)?, items: &wanted.items },
    };
    let WorkedOut { pending: prorated, mut billed, period: after_period, settlement } =
        work_out(desk, id, &before.terms, &sides)?;
    let Arrears { mut pending, marks, used } = settle_until(desk, id, &before.terms, &wanted.items, at)?;
    pending.extend(prorated);
    billed.extend(marks);
    let moved = (after_period != period).then_some(after_period);
    let as_billed = AsBilled { period: moved, billed: Some(billed), ..AsBilled::default() };
    let command = SubscriptionCommand::ChangeItems { items: wanted.items.clone(), as_billed };
    desk.on_subscription(id, command)?;
    if used {
        note_used(desk, id, period, at)?;
    }
    if pending.is_empty() {
        return Ok(None);
    }
    // A new interval begins now, and its next invoice may be a year away.
    if settlement == Settlement::NextInvoice && moved.is_none() {
        return add_lines(desk, pending).map(|()| None);
    }
    invoice_now(desk, id, &before, pending, Period { start: at, end: after_period.end }).map(Some)
}

/// Invoices what a change comes to with the change, and what else waits.
pub(super) fn invoice_now(
    desk: &mut Desk,
    id: &SubscriptionId,
    before: &SubscriptionSnapshot,
    pending: Vec<PendingLine>,
    period: Period,
) -> Result<InvoiceId, Refusal> {
    let collecting = collecting(before);
    let terms = desk.subscription(id)?.terms.clone();
    let reason = format!("u{}", desk.sequence_of(id));
    let mut draft = Draft::of(invoice_of(id, &reason, desk.now)?, id, &terms, "subscription_update");
    draft.period = Some(period);
    draft.lines = pending.into_iter().map(|pending| Wanted { line: pending.line, in_advance: None }).collect();
    draft.take_pending(desk);
    let made = issue(desk, draft, &terms.discounts, collecting != Collecting::Draft)?;
    let as_billed = AsBilled { invoice: Some(made.id.clone()), ..AsBilled::default() };
    desk.on_subscription(id, SubscriptionCommand::NoteBilled { as_billed })?;
    collect_as(desk, &made, collecting)?;
    Ok(made.id)
}

pub(super) fn add_lines(desk: &mut Desk, lines: Vec<PendingLine>) -> Result<(), Refusal> {
    if lines.is_empty() {
        return Ok(());
    }
    desk.on_account(AccountCommand::AddLines { id: desk.customer.clone(), lines })
}

/// What is agreed on one side of a change, and how its periods are counted.
pub(super) struct Side<'s> {
    pub anchor: &'s Anchor,
    pub period: Period,
    pub items: &'s [Item],
}

/// A change, and from when on it is charged.
pub(super) struct Sides<'s> {
    pub at: Timestamp,
    pub behavior: ProrationBehavior,
    pub before: Side<'s>,
    pub after: Side<'s>,
}

pub(super) struct WorkedOut {
    pub pending: Vec<PendingLine>,
    pub billed: Vec<Billed>,
    /// The running period after the change.
    pub period: Period,
    pub settlement: Settlement,
}

/// The period in which a change leaves the subscription: another where the interval is another.
fn after(terms: &Terms, wanted: &Alteration, at: Timestamp, period: Period) -> Result<Period, Refusal> {
    let after_interval = wanted.items.iter().find_map(|item| item.price.interval);
    match (terms.interval(), after_interval) {
        (Some(before), Some(after)) if before != after => {
            let outside = || Refusal::invalid("items", "have a period outside the calendar");
            terms.anchor_of_periods().period_containing(after, at).ok_or_else(outside)
        }
        (_, Some(_) | None) => Ok(period),
    }
}

pub(super) fn work_out(
    desk: &Desk,
    id: &SubscriptionId,
    terms: &Terms,
    sides: &Sides<'_>,
) -> Result<WorkedOut, Refusal> {
    let Sides { at, behavior, before, after } = sides;
    let old = charges(desk, terms, before.items)?;
    let new = charges(desk, terms, after.items)?;
    let billed = not_over(&terms.billed, before.period.start);
    let change = Change {
        at: *at,
        before: Arrangement { anchor: before.anchor, period: before.period, charges: &old },
        after: Arrangement { anchor: after.anchor, period: after.period, charges: &new },
        billed: &billed,
    };
    let proration = desk.rules.proration(*behavior).lines(&change)?;
    let mut after_billed = billed.clone();
    let mut pending = Vec::new();
    for (number, line) in (1_u32..).zip(&proration.lines) {
        let key = format!("pr_{}_{:x}_{}_{number}", id.as_str(), desk.now.as_microsecond(), desk.sequence_of(id));
        let items = if line.kind == LineKind::Credit { before.items } else { after.items };
        note_billed(desk, &mut after_billed, line, &key, after.anchor, items)?;
        let item = items.iter().find(|item| key_of(item) == line.item);
        pending.push(PendingLine {
            key: key.clone(),
            currency: terms.currency,
            subscription: Some(id.clone()),
            line: invoice_line(line, item, key),
        });
    }
    let period = if after.period == before.period { before.period } else { Period { start: *at, ..after.period } };
    Ok(WorkedOut { pending, billed: after_billed, period, settlement: proration.settlement })
}

/// What the agreed items cost for a full period, less the percentages in force: a prorated line is a part of that.
fn charges(desk: &Desk, terms: &Terms, items: &[Item]) -> Result<Vec<Charge>, Refusal> {
    let in_force: Vec<&Discount> = terms
        .discounts
        .iter()
        .filter(|discount| matches!(discount.off, Off::Percent(_)) && applies(discount, desk.now, None))
        .collect();
    let in_advance = items.iter().filter(|item| item.billing.of(&item.price) == Billing::InAdvance);
    in_advance
        .map(|item| {
            let charge = Charge::of(item, terms.currency)?;
            let full_minor = round_half_away(charge.full_minor)
                .ok_or_else(|| Refusal::invalid("quantity", "makes an amount larger than the ledger accepts"))?;
            let off = discount_minor(full_minor, terms.currency, in_force.iter().copied());
            Ok(charge.less(Decimal::from(off)))
        })
        .collect()
}

/// Keeps what was given back with the line that it is of, and what was billed instead.
fn note_billed(
    desk: &Desk,
    billed: &mut Vec<Billed>,
    line: &ProrationLine,
    key: &str,
    anchor: &Anchor,
    items: &[Item],
) -> Result<(), Refusal> {
    let exclusive = desk.rate.as_ref().filter(|rate| rate.inclusion() == Inclusion::Exclusive);
    let tax_minor = exclusive.map_or(Ok(0), |rate| tax_on(line.amount_minor, rate))?;
    if let Some(credited) = &line.credits {
        if let Some(billed) = billed.iter_mut().find(|billed| billed.line == *credited) {
            let (amount_minor, tax_minor) = (-line.amount_minor, -tax_minor);
            billed.adjusted.push(Adjusted { amount_minor, tax_minor, period: Some(line.period) });
        }
        return Ok(());
    }
    let item = items.iter().find(|item| key_of(item) == line.item);
    let interval = item.and_then(|item| item.price.interval);
    // What is charged once is never given back for time.
    if let Some(reference) = interval.and_then(|interval| anchor.period_containing(interval, line.period.start)) {
        billed.push(Billed {
            line: key.to_owned(),
            item: line.item.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
            tax_minor,
            stretch: Stretch { period: line.period, reference },
            adjusted: Vec::new(),
        });
    }
    Ok(())
}

fn invoice_line(line: &ProrationLine, item: Option<&Item>, key: String) -> Line {
    let name = item.and_then(|item| item.name.clone()).unwrap_or_else(|| line.item.clone());
    let description = match line.kind {
        LineKind::Credit => format!("Unused time on {name}"),
        LineKind::Debit => format!("Remaining time on {name}"),
    };
    Line {
        id: Some(key),
        description,
        quantity: line.quantity,
        period: Some(line.period),
        proration: true,
        plan: item.map(|item| item.plan.clone()),
        interval: item.and_then(|item| item.price.interval),
        item: Some(line.item.clone()),
        credits: line.credits.clone(),
        ..Line::of(line.amount_minor)
    }
}
