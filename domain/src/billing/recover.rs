//! How dunning takes its steps: real attempts where a step is one, messages where it is not, and an end when none is left
//! (decisions B9, B11). Messages are delivered by whoever reads the outbox; here they are only decided on.

use jiff::{SignedDuration, Timestamp};

use super::collect::{collect, exhaust, in_hand, method_for};
use super::desk::Desk;
use super::pay::void_invoice;
use crate::dunning::{CampaignSnapshot, CampaignStatus, Channel, DunningCommand, Wording};
use crate::id::{CampaignId, InvoiceId};
use crate::invoice::InvoiceStatus;
use crate::refusal::Refusal;
use crate::sandbox::Outcome;
use crate::sealed::Sealed;
use crate::subscription::SubscriptionCommand;

/// Takes the campaign's next planned step.
pub(super) fn take_step(desk: &mut Desk, id: &CampaignId) -> Result<(), Refusal> {
    let campaign = campaign(desk, id)?;
    let Some(step) = campaign.next_step().cloned() else { return Ok(()) };
    let number = Some(step.number);
    match (step.channel, campaign.invoice.clone()) {
        (Channel::PaymentRetry, Some(invoice)) => retry(desk, id, &invoice, number)?,
        // There is nothing to charge yet for a card that is about to expire: its customer is written to.
        (Channel::PaymentRetry, None) => take_action(desk, id, number, Channel::Email, true, step.wording)?,
        (Channel::Email | Channel::Sms | Channel::PhoneCall, _) => {
            take_action(desk, id, number, step.channel, true, step.wording)?;
        }
    }
    end_if_exhausted(desk, id)
}

/// Takes a step by hand, beside the planned ones.
pub fn act(desk: &mut Desk, id: &CampaignId, action: Channel, wording: Wording) -> Result<(), Refusal> {
    match (action, campaign(desk, id)?.invoice) {
        (Channel::PaymentRetry, Some(invoice)) => retry(desk, id, &invoice, None),
        (Channel::PaymentRetry, None) => Err(Refusal::invalid("action_type", "has no invoice that could be charged")),
        (Channel::Email | Channel::Sms | Channel::PhoneCall, _) => take_action(desk, id, None, action, true, wording),
    }
}

/// Plans a step by hand for later.
pub fn plan_action(
    desk: &mut Desk,
    id: &CampaignId,
    action: Channel,
    at: Timestamp,
    wording: Wording,
) -> Result<(), Refusal> {
    if action == Channel::PaymentRetry && campaign(desk, id)?.invoice.is_none() {
        return Err(Refusal::invalid("action_type", "has no invoice that could be charged"));
    }
    desk.on_campaign(id, DunningCommand::PlanAction { at, action, wording })
}

/// Takes the extension of the trial that a step has offered: what the trial's end billed is void, which ends the
/// campaign, and the trial goes on from now for as long as was offered.
pub fn extend_trial(desk: &mut Desk, id: &CampaignId) -> Result<(), Refusal> {
    let campaign = campaign(desk, id)?;
    if campaign.status != CampaignStatus::Active {
        return Err(Refusal::illegal("a dunning campaign", campaign.status.as_str(), "take an offer of"));
    }
    let none = || Refusal::illegal("a dunning campaign", "without this offer", "extend the trial of");
    let days = campaign.offered_trial_days().ok_or_else(none)?;
    let (Some(invoice), Some(subscription)) = (campaign.invoice, campaign.subscription) else { return Err(none()) };
    let until = desk.now.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX);
    void_invoice(desk, &invoice)?;
    desk.on_subscription(&subscription, SubscriptionCommand::ExtendTrial { until })
}

/// Ends the campaign by hand; what is owed is owed still.
pub fn stop(desk: &mut Desk, id: &CampaignId, reason: Option<Sealed>) -> Result<(), Refusal> {
    desk.on_campaign(id, DunningCommand::Cancel { reason })
}

fn take_action(
    desk: &mut Desk,
    id: &CampaignId,
    step: Option<u32>,
    action: Channel,
    success: bool,
    wording: Wording,
) -> Result<(), Refusal> {
    desk.on_campaign(id, DunningCommand::TakeAction { step, action, success, wording })
}

/// One attempt at the invoice, recorded as a step: what it came to is tried on a copy of the desk first, because the
/// campaign that it wins is closed by it.
fn retry(desk: &mut Desk, id: &CampaignId, invoice: &InvoiceId, step: Option<u32>) -> Result<(), Refusal> {
    if !is_worth_trying(desk, invoice)? {
        return take_action(desk, id, step, Channel::PaymentRetry, false, Wording::default());
    }
    let mut trial = desk.clone();
    collect(&mut trial, invoice, None)?;
    let success = trial.invoice(invoice)?.status == InvoiceStatus::Paid;
    take_action(desk, id, step, Channel::PaymentRetry, success, Wording::default())?;
    collect(desk, invoice, None)
}

/// A hard decline is tried again with another card only (billing.md §3.6).
fn is_worth_trying(desk: &Desk, invoice: &InvoiceId) -> Result<bool, Refusal> {
    let snapshot = desk.invoice(invoice)?;
    let Some(method) = method_for(desk, snapshot, None) else { return Ok(false) };
    let attempts = desk.invoices.get(invoice).map(|held| held.state.failed_attempts()).unwrap_or_default();
    let code = attempts.last().and_then(|attempt| attempt.decline_code.clone());
    let payment = desk.payments.get(&super::ids::payment_of(invoice)?).and_then(|held| held.state.snapshot());
    let tried = payment.and_then(|payment| payment.method);
    Ok(!(code.is_some_and(|code| Outcome::is_hard_decline(&code)) && tried.as_ref() == Some(&method.id)))
}

fn end_if_exhausted(desk: &mut Desk, id: &CampaignId) -> Result<(), Refusal> {
    let campaign = campaign(desk, id)?;
    if campaign.status != CampaignStatus::Active || campaign.next_step().is_some() {
        return Ok(());
    }
    // The last attempt may still succeed.
    if let Some(invoice) = &campaign.invoice
        && in_hand(desk, invoice)?
    {
        return Ok(());
    }
    exhaust(desk, id)?;
    let (Some(invoice), Some(subscription)) = (campaign.invoice, campaign.subscription) else { return Ok(()) };
    if !desk.subscriptions.contains_key(&subscription) {
        return Ok(());
    }
    let then = desk.rules.after_dunning;
    desk.on_subscription(&subscription, SubscriptionCommand::NoteDunningExhausted { invoice, then })
}

fn campaign(desk: &Desk, id: &CampaignId) -> Result<CampaignSnapshot, Refusal> {
    let held = desk.campaigns.get(id).and_then(|held| held.state.snapshot());
    held.cloned().ok_or_else(|| Refusal::not_found("dunning campaign"))
}
