//! What to do when something falls due. A timer that is late, early or doubled changes nothing: what is due is asked of
//! the object again.

use jiff::Timestamp;

use super::cancel::{Cancellation, cancel};
use super::cards::announce_expiry;
use super::change::{Alteration, alter};
use super::collect::{is_in_trial, note_fate, subscription_of};
use super::cycle::give_back_cut;
use super::desk::Desk;
use super::due::{Due, DueKind, due_of_campaign, due_of_card, due_of_invoice, due_of_payment, due_of_subscription};
use super::ids::payment_of;
use super::pay::{receive, void_invoice, write_off};
use super::recover::take_step;
use super::renew::{end_trial, renew};
use super::rest::resume;
use crate::id::{CampaignId, InvoiceId, PaymentId, PaymentMethodId, SubscriptionId};
use crate::invoice::{InvoiceCommand, InvoiceSnapshot, InvoiceStatus};
use crate::payment::{ChargeReport, PaymentCommand, PaymentStatus};
use crate::proration::{ProrationBehavior, TerminationPolicy};
use crate::refusal::Refusal;
use crate::sandbox::outcome::fee_minor;
use crate::subscription::{CancelReason, SubscriptionCommand};

/// What something is due of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Subscription(SubscriptionId),
    Invoice(InvoiceId),
    Payment(PaymentId),
    Campaign(CampaignId),
    Card(PaymentMethodId),
}

impl Desk {
    /// What is due next of an object that is on the desk.
    pub fn due(&self, subject: &Subject) -> Option<Due> {
        match subject {
            Subject::Subscription(id) => due_of_subscription(self.subscriptions.get(id)?.state.snapshot()?),
            Subject::Invoice(id) => due_of_invoice(self.invoices.get(id)?.state.snapshot()?),
            Subject::Payment(id) => due_of_payment(&self.payments.get(id)?.state.snapshot()?),
            Subject::Campaign(id) => due_of_campaign(self.campaigns.get(id)?.state.snapshot()?),
            Subject::Card(id) => {
                let announced = self.party.state.announced(id);
                due_of_card(self.party.state.method(id)?).filter(|_| !announced)
            }
        }
    }
}

/// Does what is due of it until now; nothing where nothing is.
pub fn fire(desk: &mut Desk, subject: &Subject) -> Result<(), Refusal> {
    let Some(due) = desk.due(subject).filter(|due| due.at <= desk.now) else { return Ok(()) };
    match subject {
        Subject::Subscription(id) => fire_subscription(desk, id, due),
        Subject::Invoice(id) => note_overdue(desk, id),
        Subject::Payment(id) => settle_payment(desk, id),
        Subject::Campaign(id) => take_step(desk, id),
        Subject::Card(id) => announce_expiry(desk, id),
    }
}

fn fire_subscription(desk: &mut Desk, id: &SubscriptionId, due: Due) -> Result<(), Refusal> {
    match due.kind {
        DueKind::Renew => renew(desk, id),
        DueKind::EndTrial => end_trial(desk, id),
        DueKind::AnnounceTrialEnd => desk.on_subscription(id, SubscriptionCommand::AnnounceTrialEnd),
        DueKind::Cancel => {
            let ended = Cancellation {
                cause: CancelReason::Requested,
                termination: TerminationPolicy::Skip,
                reason: None,
                feedback: None,
            };
            give_back_cut(desk, id)?;
            cancel(desk, id, &ended)
        }
        DueKind::ChangeItems => {
            let Some(change) = desk.subscription(id)?.terms.scheduled.clone() else { return Ok(()) };
            let behavior = ProrationBehavior::CreateProrations;
            alter(desk, id, &Alteration { items: change.items, behavior, proration_date: None })?;
            // What came to be as agreed before its time is done.
            desk.on_subscription(id, SubscriptionCommand::WithdrawChange)
        }
        DueKind::Resume => resume(desk, id, ProrationBehavior::CreateProrations),
        DueKind::ResumeCollection => desk.on_subscription(id, SubscriptionCommand::ResumeCollection),
        DueKind::EndDiscount => end_discounts(desk, id, due.at),
        DueKind::ExpireIncomplete => expire(desk, id),
        DueKind::SettlePayment | DueKind::InvoiceOverdue | DueKind::DunningStep | DueKind::CardExpiry => Ok(()),
    }
}

fn end_discounts(desk: &mut Desk, id: &SubscriptionId, until: Timestamp) -> Result<(), Refusal> {
    let discounts = desk.subscription(id)?.terms.discounts.clone();
    for discount in discounts.into_iter().filter(|discount| discount.end.is_some_and(|end| end <= until)) {
        desk.on_subscription(id, SubscriptionCommand::EndDiscount { coupon: discount.coupon })?;
    }
    Ok(())
}

/// A first payment that never came: its invoice is void (billing.md §3.1).
fn expire(desk: &mut Desk, id: &SubscriptionId) -> Result<(), Refusal> {
    let invoice = desk.subscription(id)?.terms.latest_invoice.clone();
    desk.on_subscription(id, SubscriptionCommand::ExpireIncomplete)?;
    let Some(invoice) = invoice else { return Ok(()) };
    let is_open = |invoice: &InvoiceSnapshot| invoice.status == InvoiceStatus::Open;
    match desk.invoice(&invoice) {
        // What was paid in part cannot be voided; the rest is given up.
        Ok(snapshot) if is_open(snapshot) && snapshot.amount_paid_minor > 0 => write_off(desk, &invoice),
        Ok(snapshot) if is_open(snapshot) => void_invoice(desk, &invoice),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn note_overdue(desk: &mut Desk, id: &InvoiceId) -> Result<(), Refusal> {
    desk.on_invoice(id, InvoiceCommand::NoteOverdue)?;
    if let Some(subscription) = subscription_of(desk, id)
        && !is_in_trial(desk, &subscription)?
        // Only the latest invoice says how a subscription stands (billing.md §3.1).
        && desk.subscription(&subscription)?.terms.latest_invoice.as_ref().is_none_or(|latest| latest == id)
    {
        desk.on_subscription(&subscription, SubscriptionCommand::NotePaymentFailed { invoice: id.clone() })?;
    }
    note_fate(desk, id)
}

/// An attempt that the sandbox had in hand succeeds; it is canceled where there is nothing left to pay.
fn settle_payment(desk: &mut Desk, id: &PaymentId) -> Result<(), Refusal> {
    let held = desk.payments.get(id).map(|held| held.state.clone()).ok_or_else(|| Refusal::not_found("payment"))?;
    let Some(charge) = held.all_charges().find(|charge| charge.status == PaymentStatus::Processing) else {
        return Ok(());
    };
    let invoice = charge.invoice.clone().filter(|invoice| payment_of(invoice).is_ok_and(|of| of == *id));
    let left_minor = invoice.as_ref().map(|invoice| payable_minor(desk, invoice)).transpose()?;
    if left_minor == Some(0) {
        let canceled = ChargeReport { status: PaymentStatus::Canceled, ..charge.clone() };
        return desk.on_payment(id, PaymentCommand::RecordAttempt { id: id.clone(), charge: Box::new(canceled) });
    }
    let fee = fee_minor(charge.amount_minor, charge.currency.exponent());
    let settled = ChargeReport {
        status: PaymentStatus::Succeeded,
        fee_minor: Some(fee),
        net_minor: Some(charge.amount_minor - fee),
        ..charge.clone()
    };
    let command = PaymentCommand::RecordAttempt { id: id.clone(), charge: Box::new(settled) };
    desk.on_payment(id, command)?;
    match invoice {
        Some(invoice) => receive(desk, &invoice, Some(id), Some(charge.amount_minor)),
        None => Ok(()),
    }
}

/// What can still be paid of an invoice.
fn payable_minor(desk: &Desk, id: &InvoiceId) -> Result<i64, Refusal> {
    let invoice = desk.invoice(id)?;
    let payable = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible);
    Ok(if payable { invoice.amount_remaining_minor } else { 0 })
}
