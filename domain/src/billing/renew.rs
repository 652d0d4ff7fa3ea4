//! How one period goes over into the next, and a trial into its first: one invoice for what ended and what begins.

use jiff::Timestamp;

use super::bill::{Draft, Made, issue};
use super::create::settle;
use super::desk::Desk;
use super::ids::invoice_of;
use super::lines::{Wanted, in_advance, in_arrears, not_over};
use super::rest::unused;
use crate::id::SubscriptionId;
use crate::invoice::{InvoiceCommand, Line};
use crate::policy::dunning::TRIAL_END;
use crate::refusal::Refusal;
use crate::subscription::{
    AsBilled, PauseBehavior, PauseCollection, Standing, SubscriptionCommand, SubscriptionSnapshot, Terms,
};
use crate::time::{Period, Stretch};
use crate::usage::UsageCommand;

/// What an invoice of a renewal is: left a draft while nothing is collected, or finalized and then this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collecting {
    Now,
    Draft,
    WriteOff,
    Void,
}

pub(super) fn renew(desk: &mut Desk, id: &SubscriptionId) -> Result<(), Refusal> {
    let before = desk.subscription(id)?.clone();
    let terms = &before.terms;
    let Some(period) = terms.period else { return Ok(()) };
    let stretch = next_stretch(terms, period.end)?;
    let next = stretch.period;
    let moved = terms.cycle_move;
    if matches!(before.standing, Standing::Trialing { .. }) {
        let command = SubscriptionCommand::Renew { period: next, as_billed: AsBilled::default() };
        return desk.on_subscription(id, command);
    }
    let mut draft = Draft::of(invoice_of(id, "r", next.start)?, id, terms, "subscription_cycle");
    draft.lines = lines(desk, id, terms, period, stretch)?;
    draft.period = Some(next);
    draft.take_pending(desk);
    // What was billed beyond the end of a period that was cut short is given back with this.
    let billed = if moved.gives_back { Vec::new() } else { not_over(&terms.billed, next.start) };
    let mut as_billed = AsBilled { billed: Some(billed), anchor: moved.anchor, ..AsBilled::default() };
    let collecting = collecting(&before);
    let made = if draft.lines.is_empty() {
        None
    } else {
        let invoice = draft.id.clone();
        let made = issue(desk, draft, &terms.discounts, collecting != Collecting::Draft)?;
        if !terms.items.iter().all(|item| item.metric.is_none()) {
            desk.on_usage(id, UsageCommand::Bill { invoice, until: period.end })?;
        }
        as_billed.invoice = Some(made.id.clone());
        as_billed.billed.get_or_insert_default().extend(made.billed.iter().cloned());
        Some(made)
    };
    desk.on_subscription(id, SubscriptionCommand::Renew { period: next, as_billed })?;
    made.map_or(Ok(()), |made| collect_as(desk, &made, collecting))
}

/// The trial is over: what is left of its period is billed, and from then on whole periods (billing.md §3.3).
pub(super) fn end_trial(desk: &mut Desk, id: &SubscriptionId) -> Result<(), Refusal> {
    let before = desk.subscription(id)?.clone();
    let terms = &before.terms;
    let Standing::Trialing { trial } = before.standing else { return Ok(()) };
    // A timer that comes late gives no days away.
    let now = desk.now.min(trial.end);
    let Some(interval) = terms.interval() else { return Ok(()) };
    // Periods that counted from the trial's end count from its real one.
    let moves = now < trial.end && terms.anchor == trial.end;
    let anchor =
        if moves { Terms { anchor: now, ..terms.clone() }.anchor_of_periods() } else { terms.anchor_of_periods() };
    let reference = anchor.period_containing(interval, now).ok_or_else(outside)?;
    let stretch = Stretch { period: Period { start: now, ..reference }, reference };
    let mut draft = Draft::of(invoice_of(id, "t", now)?, id, terms, TRIAL_END);
    draft.lines = in_advance(desk, terms, &[stretch])?;
    draft.period = Some(stretch.period);
    draft.take_pending(desk);
    let anchor = moves.then_some(now);
    let as_billed = AsBilled { period: Some(stretch.period), anchor, ..AsBilled::default() };
    if draft.lines.is_empty() {
        return desk.on_subscription(id, SubscriptionCommand::EndTrial { as_billed });
    }
    let made = issue(desk, draft, &terms.discounts, true)?;
    let as_billed = AsBilled { billed: Some(made.billed.clone()), invoice: Some(made.id.clone()), ..as_billed };
    desk.on_subscription(id, SubscriptionCommand::EndTrial { as_billed })?;
    collect_as(desk, &made, collecting(&before))
}

/// The lines of the next renewal as they stand now, before discounts and tax; nothing is changed.
pub fn draft_lines(desk: &Desk, id: &SubscriptionId) -> Result<Vec<Line>, Refusal> {
    let terms = &desk.subscription(id)?.terms;
    let Some(period) = terms.period else { return Ok(Vec::new()) };
    let next = next_stretch(terms, period.end)?;
    Ok(lines(desk, id, terms, period, next)?.into_iter().map(|wanted| wanted.line).collect())
}

fn lines(
    desk: &Desk,
    id: &SubscriptionId,
    terms: &Terms,
    ended: Period,
    next: Stretch,
) -> Result<Vec<Wanted>, Refusal> {
    let mut lines = in_arrears(desk, id, terms, part_of_full(terms, ended)?)?;
    lines.extend(in_advance(desk, terms, &[next])?);
    if terms.cycle_move.gives_back {
        let (back, _) = unused(desk, id, terms, ended.end)?;
        lines.extend(back.into_iter().map(|pending| Wanted { line: pending.line, in_advance: None }));
    }
    Ok(lines)
}

/// What follows a period: the whole next one, or what is left of it where the interval or the cycle changed with the
/// period before (L-04 of billing.md §5.2, K-28 of §5.1).
fn next_stretch(terms: &Terms, at: Timestamp) -> Result<Stretch, Refusal> {
    let reference = match terms.cycle_move.anchor {
        Some(anchor) => next_period(&Terms { anchor, ..terms.clone() }, at)?,
        None => next_period(terms, at)?,
    };
    Ok(Stretch { period: Period { start: at, ..reference }, reference })
}

fn next_period(terms: &Terms, at: Timestamp) -> Result<Period, Refusal> {
    let interval = terms.interval().ok_or_else(|| Refusal::not_found("interval"))?;
    terms.anchor_of_periods().period_containing(interval, at).ok_or_else(outside)
}

/// A period beside the full one that its price is for.
pub(super) fn part_of_full(terms: &Terms, period: Period) -> Result<Stretch, Refusal> {
    Ok(Stretch { period, reference: next_period(terms, period.start)? })
}

fn outside() -> Refusal {
    Refusal::invalid("period", "lies outside the calendar")
}

/// Nothing is collected from who dunning gave up, or while collection is paused (billing.md §3.1).
pub(super) fn collecting(subscription: &SubscriptionSnapshot) -> Collecting {
    if matches!(subscription.standing, Standing::Unpaid { .. }) {
        return Collecting::Draft;
    }
    match &subscription.terms.pause_collection {
        None => Collecting::Now,
        Some(PauseCollection { behavior, .. }) => match behavior {
            PauseBehavior::KeepAsDraft => Collecting::Draft,
            PauseBehavior::MarkUncollectible => Collecting::WriteOff,
            PauseBehavior::Void => Collecting::Void,
        },
    }
}

pub(super) fn collect_as(desk: &mut Desk, made: &Made, collecting: Collecting) -> Result<(), Refusal> {
    let nothing_due = desk.invoice(&made.id)?.amount_remaining_minor == 0;
    match collecting {
        Collecting::Draft => Ok(()),
        Collecting::Now => settle(desk, &made.id),
        Collecting::WriteOff | Collecting::Void if nothing_due => settle(desk, &made.id),
        Collecting::WriteOff => desk.on_invoice(&made.id, InvoiceCommand::MarkUncollectible),
        Collecting::Void => super::pay::void_invoice(desk, &made.id),
    }
}
