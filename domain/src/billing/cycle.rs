//! How the cycle of a running subscription moves to another day (K-28, K-29 of billing.md §5.1). Until the new day comes
//! it is billed as agreed: what was billed beyond it is given back, what lies before it is billed for its part.

use jiff::Timestamp;

use super::arrears::{note_used, settle_until};
use super::change::{Side, Sides, WorkedOut, add_lines, invoice_now, work_out};
use super::desk::Desk;
use super::rest::unused;
use crate::id::{InvoiceId, SubscriptionId};
use crate::proration::ProrationBehavior;
use crate::refusal::Refusal;
use crate::subscription::{AsBilled, CycleMove, Standing, SubscriptionCommand, SubscriptionSnapshot, Terms};
use crate::time::{Anchor, AnchorRule, Period};

const FIELD: &str = "billing_cycle_anchor";

/// Counts the periods from another instant on, now or to come. The invoice, where the move is invoiced at once.
pub fn move_cycle(
    desk: &mut Desk,
    id: &SubscriptionId,
    to: Timestamp,
    behavior: ProrationBehavior,
) -> Result<Option<InvoiceId>, Refusal> {
    let before = desk.subscription(id)?.clone();
    let terms = &before.terms;
    if to < desk.now {
        return Err(Refusal::invalid(FIELD, "lies in the past"));
    }
    if terms.anchor_rule == Some(AnchorRule::Calendar) {
        return Err(Refusal::invalid(FIELD, "cannot be moved where periods are those of the calendar"));
    }
    let later = CycleMove { anchor: Some(to), ..terms.cycle_move };
    match (terms.period, &before.standing) {
        (Some(period), Standing::Active {} | Standing::PastDue { .. }) if to < period.end => {
            if to == desk.now {
                restart(desk, id, &before, behavior)
            } else {
                cut(desk, id, &before, to, behavior)
            }
        }
        (Some(period), Standing::Trialing { .. }) => {
            let anchor = counted_from(terms, to);
            let interval = terms.interval().ok_or_else(outside)?;
            let end = anchor.period_containing(interval, desk.now).ok_or_else(outside)?.end;
            let period = Some(Period { end, ..period });
            let as_billed = AsBilled { period, anchor: Some(to), ..AsBilled::default() };
            carry_out(desk, id, as_billed, CycleMove::default()).map(|()| None)
        }
        // The running period ends as it was billed; whether there can be a move at all is the subscription's to say.
        (_, _) => carry_out(desk, id, AsBilled::default(), later).map(|()| None),
    }
}

/// What was billed beyond the end of a period that was cut short, as lines that wait for the last invoice.
pub(super) fn give_back_cut(desk: &mut Desk, id: &SubscriptionId) -> Result<(), Refusal> {
    let terms = desk.subscription(id)?.terms.clone();
    let Some(period) = terms.period.filter(|_| terms.cycle_move.gives_back) else { return Ok(()) };
    let (lines, billed) = unused(desk, id, &terms, period.end)?;
    let as_billed = AsBilled { billed: Some(billed), ..AsBilled::default() };
    desk.on_subscription(id, SubscriptionCommand::NoteBilled { as_billed })?;
    add_lines(desk, lines)
}

/// A new period begins now: it is billed as a whole, and the rest of the old one is given back.
fn restart(
    desk: &mut Desk,
    id: &SubscriptionId,
    before: &SubscriptionSnapshot,
    behavior: ProrationBehavior,
) -> Result<Option<InvoiceId>, Refusal> {
    // What an earlier move promised to give back is owed whatever this one does.
    give_back_cut(desk, id)?;
    let (terms, now) = (&desk.subscription(id)?.terms.clone(), desk.now);
    let (Some(interval), Some(period)) = (terms.interval(), terms.period) else { return Err(outside()) };
    let (old, new) = (terms.anchor_of_periods(), counted_from(terms, now));
    let next = new.period_containing(interval, now).ok_or_else(outside)?;
    let sides = Sides {
        at: now,
        behavior,
        before: Side { anchor: &old, period, items: &terms.items },
        after: Side { anchor: &new, period: Period { start: now, ..next }, items: &terms.items },
    };
    let WorkedOut { pending: prorated, billed, period: begun, .. } = work_out(desk, id, terms, &sides)?;
    let arrears = settle_until(desk, id, terms, &[], now)?;
    let mut pending = arrears.pending;
    pending.extend(prorated);
    let as_billed = AsBilled { period: Some(begun), anchor: Some(now), billed: Some(billed), ..AsBilled::default() };
    carry_out(desk, id, as_billed, CycleMove::default())?;
    if arrears.used {
        note_used(desk, id, period, now)?;
    }
    if pending.is_empty() { Ok(None) } else { invoice_now(desk, id, before, pending, begun).map(Some) }
}

/// The running period ends where the new cycle begins.
fn cut(
    desk: &mut Desk,
    id: &SubscriptionId,
    before: &SubscriptionSnapshot,
    to: Timestamp,
    behavior: ProrationBehavior,
) -> Result<Option<InvoiceId>, Refusal> {
    let terms = &before.terms;
    let period = terms.period.map(|period| Period { end: to, ..period });
    let as_billed = AsBilled { period, anchor: Some(to), ..AsBilled::default() };
    let gives_back = terms.cycle_move.gives_back || behavior == ProrationBehavior::CreateProrations;
    if behavior != ProrationBehavior::AlwaysInvoice {
        return carry_out(desk, id, as_billed, CycleMove { anchor: None, gives_back }).map(|()| None);
    }
    let (lines, billed) = unused(desk, id, terms, to)?;
    carry_out(desk, id, AsBilled { billed: Some(billed), ..as_billed }, CycleMove::default())?;
    match period.filter(|_| !lines.is_empty()) {
        Some(period) => invoice_now(desk, id, before, lines, Period { start: desk.now, ..period }).map(Some),
        None => Ok(None),
    }
}

fn carry_out(desk: &mut Desk, id: &SubscriptionId, as_billed: AsBilled, cycle_move: CycleMove) -> Result<(), Refusal> {
    desk.on_subscription(id, SubscriptionCommand::MoveCycle { as_billed, cycle_move })
}

fn counted_from(terms: &Terms, anchor: Timestamp) -> Anchor {
    Terms { anchor, ..terms.clone() }.anchor_of_periods()
}

fn outside() -> Refusal {
    Refusal::invalid(FIELD, "lies outside the calendar")
}
