//! How an invoice is charged by the sandbox, and what follows from the outcome: one live attempt an invoice (decision B9),
//! recorded together with its consequences for subscription and campaign.

use super::desk::Desk;
use super::ids::{charge_of, payment_of};
use crate::command::Command;
use crate::customer::PaymentMethod;
use crate::dunning::DunningCommand;
use crate::id::{InvoiceId, PaymentMethodId, SubscriptionId};
use crate::invoice::{FailedAttempt, InvoiceCommand, InvoiceSnapshot, InvoiceStatus};
use crate::payment::{ChargeReport, PaymentCommand, PaymentStatus};
use crate::policy::dunning::{campaign_of_invoice, reconcile};
use crate::refusal::Refusal;
use crate::sandbox::outcome::fee_minor;
use crate::sandbox::{Outcome, SandboxCommand};
use crate::subscription::{Standing, SubscriptionCommand};

/// The decline code of a charge for which there is nothing to charge.
const NO_METHOD: &str = "payment_method_missing";

/// Charges what remains of an open invoice, by a given method or the one agreed on. Nothing happens where nothing is to
/// be charged.
pub fn collect(desk: &mut Desk, id: &InvoiceId, method: Option<&PaymentMethodId>) -> Result<(), Refusal> {
    let invoice = desk.invoice(id)?.clone();
    let open = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible);
    if !open || invoice.amount_remaining_minor <= 0 || in_hand(desk, id)? {
        return Ok(());
    }
    let Some(method) = method_for(desk, &invoice, method) else {
        let key = format!("attempt-{}", invoice.attempt_count + 1);
        return note_failure(desk, id, &invoice, key, NO_METHOD);
    };
    let outcome = match desk.sandbox.state.next_outcome() {
        Some(scripted) => {
            desk.on_sandbox(SandboxCommand::UseOutcome)?;
            scripted
        }
        None => Outcome::of_method(method.id.as_str()),
    };
    let charge = charge(desk, id, &invoice, &method, outcome);
    let (payment, key) = (payment_of(id)?, charge.id.clone());
    let command = PaymentCommand::RecordAttempt { id: payment.clone(), charge: Box::new(charge) };
    desk.on_payment(&payment, command)?;
    match outcome {
        Outcome::Succeed => {
            let command =
                InvoiceCommand::RecordPayment { payment: Some(payment), out_of_band: false, amount_minor: None };
            desk.on_invoice(id, command)?;
            note_paid(desk, id)
        }
        Outcome::Processing => Ok(()),
        Outcome::GenericDecline
        | Outcome::InsufficientFunds
        | Outcome::ProcessingError
        | Outcome::ExpiredCard
        | Outcome::LostCard
        | Outcome::StolenCard
        | Outcome::AuthenticationRequired => note_failure(desk, id, &invoice, key, outcome.as_str()),
    }
}

/// Whether an attempt may still succeed.
pub(super) fn in_hand(desk: &Desk, id: &InvoiceId) -> Result<bool, Refusal> {
    let payment = desk.payments.get(&payment_of(id)?).and_then(|held| held.state.snapshot());
    Ok(payment.is_some_and(|payment| payment.status == PaymentStatus::Processing))
}

/// The method asked for, else the subscription's, else the customer's.
pub(super) fn method_for(
    desk: &Desk,
    invoice: &InvoiceSnapshot,
    asked: Option<&PaymentMethodId>,
) -> Option<PaymentMethod> {
    let subscription = invoice.subscription.as_ref().and_then(|id| desk.subscription(id).ok());
    let agreed = subscription.and_then(|subscription| subscription.terms.payment_method.as_ref());
    let default = desk.party.state.snapshot().and_then(|party| party.default_payment_method.as_ref());
    let usable = |id: &&PaymentMethodId| desk.party.state.method(id).is_some_and(|method| method.attached);
    let chosen = [asked, agreed, default].into_iter().flatten().find(usable)?;
    desk.party.state.method(chosen).cloned()
}

fn charge(
    desk: &Desk,
    id: &InvoiceId,
    invoice: &InvoiceSnapshot,
    method: &PaymentMethod,
    outcome: Outcome,
) -> ChargeReport {
    let amount_minor = invoice.amount_remaining_minor;
    let status = match outcome {
        Outcome::Succeed => PaymentStatus::Succeeded,
        Outcome::Processing => PaymentStatus::Processing,
        Outcome::AuthenticationRequired => PaymentStatus::RequiresAction,
        Outcome::GenericDecline
        | Outcome::InsufficientFunds
        | Outcome::ProcessingError
        | Outcome::ExpiredCard
        | Outcome::LostCard
        | Outcome::StolenCard => PaymentStatus::Failed,
    };
    let fee_minor = (status == PaymentStatus::Succeeded).then(|| fee_minor(amount_minor, invoice.currency.exponent()));
    ChargeReport {
        id: charge_of(id, invoice.attempt_count + 1),
        status,
        amount_minor,
        amount_refunded_minor: 0,
        currency: invoice.currency,
        created_at: desk.now,
        customer: Some(desk.customer.clone()),
        invoice: Some(id.clone()),
        method: Some(method.id.clone()),
        method_type: Some("card".to_owned()),
        last4: method.last4.clone(),
        exp_month: method.exp_month,
        exp_year: method.exp_year,
        decline_code: outcome.decline_code().map(str::to_owned),
        fee_minor,
        net_minor: fee_minor.map(|fee| amount_minor - fee),
        description: None,
        receipt_url: None,
    }
}

/// What a paid invoice means for its subscription and its campaign.
pub(super) fn note_paid(desk: &mut Desk, id: &InvoiceId) -> Result<(), Refusal> {
    if desk.invoice(id)?.status != InvoiceStatus::Paid {
        return Ok(());
    }
    if let Some(subscription) = subscription_of(desk, id) {
        desk.on_subscription(&subscription, SubscriptionCommand::NotePaid { invoice: id.clone() })?;
    }
    note_fate(desk, id)
}

fn note_failure(
    desk: &mut Desk,
    id: &InvoiceId,
    invoice: &InvoiceSnapshot,
    key: String,
    code: &str,
) -> Result<(), Refusal> {
    let count = invoice.attempt_count + 1;
    let next_attempt_at = next_retry(desk, id, code);
    let attempt = FailedAttempt { key, count, at: desk.now, next_attempt_at, decline_code: Some(code.to_owned()) };
    desk.on_invoice(id, InvoiceCommand::RecordFailedAttempt { attempt })?;
    // Only the latest invoice says how a subscription stands (billing.md §3.1).
    if let Some(subscription) = subscription_of(desk, id)
        && desk.subscription(&subscription)?.terms.latest_invoice.as_ref().is_none_or(|latest| latest == id)
        && !is_in_trial(desk, &subscription)?
    {
        desk.on_subscription(&subscription, SubscriptionCommand::NotePaymentFailed { invoice: id.clone() })?;
    }
    note_fate(desk, id)
}

/// A trial that was given later is not ended by what was owed before it.
pub(super) fn is_in_trial(desk: &Desk, id: &SubscriptionId) -> Result<bool, Refusal> {
    Ok(matches!(desk.subscription(id)?.standing, Standing::Trialing { .. }))
}

/// When the campaign will try again; a hard decline is not tried again with the same card.
fn next_retry(desk: &Desk, id: &InvoiceId, code: &str) -> Option<jiff::Timestamp> {
    use crate::dunning::Channel;
    if Outcome::is_hard_decline(code) {
        return None;
    }
    let campaign = desk.campaigns.get(&campaign_of_invoice(id)?).and_then(|held| held.state.snapshot());
    let taken =
        |number| campaign.is_some_and(|campaign| campaign.actions.iter().any(|action| action.step == Some(number)));
    let steps = match campaign {
        Some(campaign) => campaign.steps.clone(),
        None => crate::policy::dunning::configuration_for(desk.invoice(id).ok()?).plan(desk.now),
    };
    steps
        .iter()
        .find(|step| step.channel == Channel::PaymentRetry && !taken(step.number) && step.due_at > desk.now)
        .map(|step| step.due_at)
}

/// Brings the invoice's campaign in line with it.
pub(super) fn note_fate(desk: &mut Desk, id: &InvoiceId) -> Result<(), Refusal> {
    let Some(held) = desk.invoices.get(id) else { return Ok(()) };
    let Some(Command::Dunning(campaign, command)) = reconcile(id, &held.state) else { return Ok(()) };
    desk.on_campaign(&campaign, command)
}

/// The campaign's end by hand or for want of steps.
pub(super) fn exhaust(desk: &mut Desk, campaign: &crate::id::CampaignId) -> Result<(), Refusal> {
    desk.on_campaign(campaign, DunningCommand::Exhaust { at: desk.now })
}

pub(super) fn subscription_of(desk: &Desk, id: &InvoiceId) -> Option<SubscriptionId> {
    let subscription = desk.invoice(id).ok()?.subscription.clone()?;
    desk.subscriptions.contains_key(&subscription).then_some(subscription)
}
