//! How a subscription is paused and resumed (decision B1), with or without giving back and billing the parts of the
//! period (K-13 of billing.md §5.1).

use jiff::Timestamp;

use super::arrears::{marks, note_used, settle_until};
use super::bill::{Draft, issue};
use super::create::settle;
use super::desk::Desk;
use super::ids::invoice_of;
use super::lines::{in_advance, not_over, unused_line};
use crate::account::{AccountCommand, PendingLine};
use crate::id::SubscriptionId;
use crate::proration::{Billed, ProrationBehavior};
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::subscription::{AsBilled, Standing, SubscriptionCommand, Terms};
use crate::time::{Period, Stretch};

pub fn pause(
    desk: &mut Desk,
    id: &SubscriptionId,
    resumes_at: Option<Timestamp>,
    reason: Option<Sealed>,
    maintain_access: bool,
    behavior: ProrationBehavior,
) -> Result<(), Refusal> {
    let before = desk.subscription(id)?.clone();
    let terms = &before.terms;
    let mut as_billed = AsBilled::default();
    let (now, charged) = (desk.now, matches!(before.standing, Standing::Active {} | Standing::PastDue { .. }));
    let period = terms.period.filter(|_| charged);
    let until = period.map_or(now, |period| period.end.min(now));
    let arrears = period.map(|_| settle_until(desk, id, terms, &[], until)).transpose()?.unwrap_or_default();
    let mut credits = arrears.pending;
    if behavior != ProrationBehavior::None {
        let (lines, billed) = unused(desk, id, terms, now)?;
        credits.extend(lines);
        as_billed.billed = Some(billed);
    }
    desk.on_subscription(id, SubscriptionCommand::Pause { resumes_at, reason, maintain_access, as_billed })?;
    if let Some(period) = period.filter(|_| arrears.used) {
        note_used(desk, id, period, until)?;
    }
    if credits.is_empty() {
        return Ok(());
    }
    let lines = AccountCommand::AddLines { id: desk.customer.clone(), lines: credits };
    desk.on_account(lines)
}

/// Credits for what was billed for the time from an instant on, and what was billed with them taken off.
pub(super) fn unused(
    desk: &Desk,
    id: &SubscriptionId,
    terms: &Terms,
    from: Timestamp,
) -> Result<(Vec<PendingLine>, Vec<Billed>), Refusal> {
    let rest = Period { start: from, end: Timestamp::MAX };
    let start = terms.period.map_or(desk.now, |period| period.start);
    let mut after = not_over(&terms.billed, start);
    let mut lines = Vec::new();
    for (number, billed) in (1_u32..).zip(&mut after) {
        let Some(credit) = billed.credit(&desk.rules.counting, rest)? else { continue };
        let key = format!("pa_{}_{:x}_{}_{number}", id.as_str(), desk.now.as_microsecond(), desk.sequence_of(id));
        let line = unused_line(terms, billed, &credit, key.clone());
        lines.push(PendingLine { key, currency: terms.currency, subscription: Some(id.clone()), line });
        billed.adjusted.push(credit.adjustment());
    }
    Ok((lines, after))
}

/// Resumes it. A period that is over is not billed in arrears of the pause; a new one begins where the anchor's does, and
/// what is left of it is billed, as is what the pause gave back of a period that is not over.
pub fn resume(desk: &mut Desk, id: &SubscriptionId, behavior: ProrationBehavior) -> Result<(), Refusal> {
    let before = desk.subscription(id)?.clone();
    let (terms, now) = (&before.terms, desk.now);
    let Some(interval) = terms.interval() else { return Err(Refusal::not_found("interval")) };
    let in_trial = terms.trial.is_some_and(|trial| now < trial.end);
    let covered = terms.period.is_some_and(|period| now < period.end);
    let Standing::Paused { since, .. } = before.standing else {
        return desk.on_subscription(id, SubscriptionCommand::Resume { as_billed: AsBilled::default() });
    };
    let first_bill = terms.trial.is_some_and(|trial| since < trial.end && trial.end <= now);
    let given_back = behavior != ProrationBehavior::None && is_given_back(desk, terms)?;
    let bills = !in_trial && (!covered || first_bill || given_back);
    if !bills {
        let mut billed = terms.billed.clone();
        // What is billed in arrears was settled when the pause began, and is owed again from now on.
        billed.extend(terms.period.map(|period| marks(&terms.items, period, now)).unwrap_or_default());
        let as_billed = AsBilled { billed: Some(billed), ..AsBilled::default() };
        return desk.on_subscription(id, SubscriptionCommand::Resume { as_billed });
    }
    let outside = || Refusal::invalid("period", "lies outside the calendar");
    let reference = terms.anchor_of_periods().period_containing(interval, now).ok_or_else(outside)?;
    let stretch = Stretch { period: Period { start: now, ..reference }, reference };
    let reason = format!("s{}", desk.sequence_of(id));
    let mut draft = Draft::of(invoice_of(id, &reason, now)?, id, terms, "subscription_resume");
    draft.lines = in_advance(desk, terms, &[stretch])?;
    draft.period = Some(stretch.period);
    draft.take_pending(desk);
    let period = Some(stretch.period);
    if draft.lines.is_empty() {
        let as_billed = AsBilled { period, ..AsBilled::default() };
        return desk.on_subscription(id, SubscriptionCommand::Resume { as_billed });
    }
    let made = issue(desk, draft, &terms.discounts, true)?;
    let as_billed =
        AsBilled { period, billed: Some(made.billed), invoice: Some(made.id.clone()), ..AsBilled::default() };
    desk.on_subscription(id, SubscriptionCommand::Resume { as_billed })?;
    settle(desk, &made.id)
}

/// Whether the pause gave back what had been billed in advance for the time from now on.
fn is_given_back(desk: &Desk, terms: &Terms) -> Result<bool, Refusal> {
    let rest = Period { start: desk.now, end: Timestamp::MAX };
    let mut given_back = false;
    for billed in &terms.billed {
        if billed.credit(&desk.rules.counting, rest)?.is_some() {
            return Ok(false);
        }
        given_back |= billed.adjusted.iter().any(|adjusted| adjusted.period.is_some());
    }
    Ok(given_back)
}
