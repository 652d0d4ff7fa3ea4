//! Which events a customer is told of. What Stripe bills, Stripe tells its customers.

use domain::dunning::{CampaignSnapshot, Channel, Dunning, DunningChange, Offer};
use domain::event::LedgerEvent;
use domain::id::CustomerId;
use domain::invoice::{Invoice, InvoiceChange};
use domain::issued::Decider;
use domain::origin::Origin;
use domain::sealed::Sealed;
use domain::subscription::{Subscription, SubscriptionChange};
use domain::time::to_micros;
use store::{Value, Values};

use super::row::MessageRow;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct MessageFold;

struct Message<'e> {
    channel: Channel,
    template: String,
    customer: &'e CustomerId,
    subject: String,
    offer: Option<Offer>,
    personalization: Option<&'e Sealed>,
}

impl Fold for MessageFold {
    type Row = MessageRow;

    const READS: &'static [&'static str] = &[Dunning::TYPE, Invoice::TYPE, Subscription::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if message(seen.event).is_some() {
            keys.push(vec![Value::Text(seen.entry.tenant.as_str().to_owned()), Value::Int(seen.entry.position)]);
        }
    }

    fn fold(
        &self,
        row: Option<MessageRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<MessageRow>, FoldError> {
        let Some(message) = message(seen.event) else { return Ok(row) };
        Ok(Some(MessageRow {
            tenant: seen.entry.tenant.as_str().to_owned(),
            position: seen.entry.position,
            channel: message.channel.as_str().to_owned(),
            template: message.template,
            customer_id: message.customer.as_str().to_owned(),
            subject: message.subject,
            offer: message.offer,
            personalization: message.personalization.cloned(),
            queued_at: to_micros(seen.event.effective_at()),
        }))
    }
}

fn message(event: &LedgerEvent) -> Option<Message<'_>> {
    if let Some(event) = event.dunning() {
        let DunningChange::DunningActionTaken { action } = &event.change else { return None };
        if event.after.origin != Origin::Daybook || action.action == Channel::PaymentRetry {
            return None;
        }
        let customer = event.after.customer.as_ref()?;
        let (template, offer) = of_step(&event.after, action.step);
        let template = action.wording.template.clone().unwrap_or(template);
        let subject = format!("{}/{}", Dunning::TYPE, event.campaign);
        let personalization = action.wording.personalization.as_ref();
        return Some(Message { channel: action.action, template, customer, subject, offer, personalization });
    }
    if let Some(event) = event.invoice() {
        let after = event.after.as_deref().filter(|after| after.origin == Origin::Daybook)?;
        let template = invoice_template(&event.change)?.to_owned();
        let customer = after.customer.as_ref()?;
        let subject = format!("{}/{}", Invoice::TYPE, event.invoice);
        return Some(Message {
            channel: Channel::Email,
            template,
            customer,
            subject,
            offer: None,
            personalization: None,
        });
    }
    let event = event.subscription()?;
    if !matches!(event.change, SubscriptionChange::SubscriptionTrialEndAnnounced {}) {
        return None;
    }
    let (template, subject) = ("trial_ending".to_owned(), format!("{}/{}", Subscription::TYPE, event.subscription));
    let customer = &event.customer;
    Some(Message { channel: Channel::Email, template, customer, subject, offer: None, personalization: None })
}

/// A message by hand has no step.
fn of_step(campaign: &CampaignSnapshot, step: Option<u32>) -> (String, Option<Offer>) {
    let configuration = campaign.configuration.as_str();
    match step {
        Some(number) => {
            let planned = campaign.steps.iter().find(|step| step.number == number);
            (format!("dunning/{configuration}/{number}"), planned.and_then(|step| step.offer))
        }
        None => (format!("dunning/{configuration}/by_hand"), None),
    }
}

fn invoice_template(change: &InvoiceChange) -> Option<&'static str> {
    match change {
        InvoiceChange::InvoiceSent {} => Some("invoice"),
        InvoiceChange::InvoiceReminded {} => Some("invoice_reminder"),
        InvoiceChange::InvoiceOverdue {} => Some("invoice_overdue"),
        InvoiceChange::InvoiceDrafted {}
        | InvoiceChange::InvoiceFinalized {}
        | InvoiceChange::InvoicePaid { .. }
        | InvoiceChange::InvoicePartiallyPaid { .. }
        | InvoiceChange::InvoiceBalanceApplied { .. }
        | InvoiceChange::InvoiceCreditNoteIssued { .. }
        | InvoiceChange::InvoiceCreditNoteVoided { .. }
        | InvoiceChange::InvoiceCreditNoteReported { .. }
        | InvoiceChange::InvoicePaymentFailed { .. }
        | InvoiceChange::InvoiceVoided {}
        | InvoiceChange::InvoiceMarkedUncollectible {}
        | InvoiceChange::InvoiceDeleted {}
        | InvoiceChange::InvoiceReported { .. }
        | InvoiceChange::InvoicePaymentLinked { .. } => None,
    }
}
