//! How a subscription begins: with a trial, which bills nothing, or with its first invoice, which is charged at once.

use super::bill::{Draft, issue};
use super::collect::{collect, note_paid};
use super::desk::Desk;
use super::ids::invoice_of;
use super::lines::{in_advance, in_arrears};
use crate::id::InvoiceId;
use crate::invoice::InvoiceCommand;
use crate::proration::Billed;
use crate::refusal::Refusal;
use crate::subscription::{AsBilled, Collection, NewSubscription, Standing, SubscriptionCommand};
use crate::time::{Period, Stretch};

/// Periods that a start in the past may lie back: two years of days. More is a mistake in a date.
const MAX_BACKDATED: usize = 732;

/// Creates the subscription and bills what is due at once; the invoice, where there is one.
pub fn create(desk: &mut Desk, new: &NewSubscription) -> Result<Option<InvoiceId>, Refusal> {
    let id = new.id.clone();
    let has_trial = new.trial_days.is_some_and(|days| days > 0);
    let charged = new.collection == Collection::ChargeAutomatically && !has_trial;
    let new = NewSubscription { awaits_first_payment: charged, ..new.clone() };
    desk.confirm_payer(new.payment_method.clone())?;
    desk.on_subscription(&id, SubscriptionCommand::Create(Box::new(new)))?;
    let created = desk.subscription(&id)?.clone();
    if matches!(created.standing, Standing::Trialing { .. }) {
        return Ok(None);
    }
    let (terms, now) = (&created.terms, desk.now);
    let (Some(interval), Some(first)) = (terms.interval(), terms.period) else { return Ok(None) };
    let anchor = terms.anchor_of_periods();
    let begun = |stretch: &Stretch| stretch.period.start <= now || stretch.period.start == first.start;
    let stretches: Vec<Stretch> =
        anchor.stretches(interval, terms.started_at).take_while(begun).take(MAX_BACKDATED + 1).collect();
    if stretches.len() > MAX_BACKDATED {
        return Err(Refusal::invalid("start_date", "lies too many periods back"));
    }
    let mut draft = Draft::of(invoice_of(&id, "c", now)?, &id, terms, "subscription_create");
    for over in stretches.iter().filter(|stretch| stretch.period.end <= now) {
        draft.lines.extend(in_arrears(desk, &id, terms, *over)?);
    }
    draft.lines.extend(in_advance(desk, terms, &stretches)?);
    draft.period = span(&stretches);
    draft.take_pending(desk);
    let period = stretches.last().map(|stretch| stretch.period);
    if draft.lines.is_empty() {
        desk.on_subscription(
            &id,
            SubscriptionCommand::NoteBilled { as_billed: AsBilled { period, ..AsBilled::default() } },
        )?;
        desk.on_subscription(&id, SubscriptionCommand::NotePaid { invoice: draft.id })?;
        return Ok(None);
    }
    let made = issue(desk, draft, &terms.discounts, true)?;
    let billed: Vec<Billed> = made.billed.into_iter().filter(|billed| now < billed.stretch.period.end).collect();
    let as_billed = AsBilled { period, billed: Some(billed), invoice: Some(made.id.clone()), ..AsBilled::default() };
    desk.on_subscription(&id, SubscriptionCommand::NoteBilled { as_billed })?;
    settle(desk, &made.id)?;
    Ok(Some(made.id))
}

/// Charges a new invoice, sends it to who pays by themselves, or notes that nothing was to be paid.
pub(super) fn settle(desk: &mut Desk, invoice: &InvoiceId) -> Result<(), Refusal> {
    let snapshot = desk.invoice(invoice)?;
    if snapshot.amount_remaining_minor == 0 {
        return note_paid(desk, invoice);
    }
    if snapshot.send_invoice {
        return desk.on_invoice(invoice, InvoiceCommand::Send);
    }
    collect(desk, invoice, None)
}

/// From the first stretch's beginning to the last one's end.
pub(super) fn span(stretches: &[Stretch]) -> Option<Period> {
    let (first, last) = (stretches.first()?, stretches.last()?);
    Some(Period { start: first.period.start, end: last.period.end })
}
