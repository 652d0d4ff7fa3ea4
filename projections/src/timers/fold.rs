//! How events move an object's next timer: every event that changes the object carries the whole of it, and what is due
//! next follows from that (`domain::billing`).

use domain::billing::{
    CARD_NOTICE, Due, due_of_campaign, due_of_card, due_of_invoice, due_of_payment, due_of_subscription,
};
use domain::customer::{Customer, CustomerChange, CustomerEvent};
use domain::dunning::Dunning;
use domain::event::LedgerEvent;
use domain::id::CustomerId;
use domain::invoice::Invoice;
use domain::issued::Decider;
use domain::payment::Payment;
use domain::subscription::Subscription;
use domain::time::to_micros;
use store::{Value, Values};

use super::row::TimerRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct TimerFold;

/// The object of an event as its timer sees it.
struct Subject<'e> {
    kind: &'static str,
    id: &'e str,
    customer: Option<&'e str>,
    due: Option<Due>,
}

impl Fold for TimerFold {
    type Row = TimerRow;

    const READS: &'static [&'static str] =
        &[Subscription::TYPE, Invoice::TYPE, Payment::TYPE, Dunning::TYPE, Customer::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(subject) = subject(seen.event) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), subject.kind, subject.id]));
        }
    }

    fn fold(
        &self,
        row: Option<TimerRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<TimerRow>, FoldError> {
        let Some(subject) = subject(seen.event) else { return Ok(row) };
        // What belongs to no customer is billed by nobody here.
        let (Some(due), Some(customer)) = (subject.due, subject.customer) else { return Ok(None) };
        Ok(Some(TimerRow {
            tenant: seen.entry.tenant.as_str().to_owned(),
            subject_type: subject.kind.to_owned(),
            subject_id: subject.id.to_owned(),
            customer_id: customer.to_owned(),
            kind: due.kind.as_str().to_owned(),
            due_at: to_micros(due.at),
            position: seen.entry.position,
        }))
    }
}

fn subject(event: &LedgerEvent) -> Option<Subject<'_>> {
    if let Some(event) = event.subscription() {
        let after = event.after.as_deref()?;
        let due = due_of_subscription(after);
        let (id, customer) = (event.subscription.as_str(), Some(event.customer.as_str()));
        return Some(Subject { kind: "subscription", id, customer, due });
    }
    if let Some(event) = event.invoice() {
        let after = event.after.as_deref()?;
        let customer = after.customer.as_ref().map(CustomerId::as_str);
        return Some(Subject { kind: "invoice", id: event.invoice.as_str(), customer, due: due_of_invoice(after) });
    }
    if let Some(event) = event.payment() {
        let after = event.after.as_deref()?;
        let customer = after.customer.as_ref().map(CustomerId::as_str);
        return Some(Subject { kind: "payment", id: event.payment.as_str(), customer, due: due_of_payment(after) });
    }
    if let Some(event) = event.dunning() {
        let after = event.after.as_ref();
        let customer = after.customer.as_ref().map(CustomerId::as_str);
        return Some(Subject { kind: "campaign", id: event.campaign.as_str(), customer, due: due_of_campaign(after) });
    }
    event.customer().and_then(card)
}

/// The card that an event is about. One that had expired before it was attached is not announced any more.
fn card(event: &CustomerEvent) -> Option<Subject<'_>> {
    let customer = Some(event.customer.as_str());
    match &event.change {
        CustomerChange::PaymentMethodAttached { method } => {
            let due = due_of_card(method).filter(|due| event.at < due.at.saturating_add(CARD_NOTICE).unwrap_or(due.at));
            Some(Subject { kind: "card", id: method.id.as_str(), customer, due })
        }
        CustomerChange::PaymentMethodDetached { method } => {
            Some(Subject { kind: "card", id: method.id.as_str(), customer, due: None })
        }
        CustomerChange::CardExpiryAnnounced { method } => {
            Some(Subject { kind: "card", id: method.as_str(), customer, due: None })
        }
        CustomerChange::CustomerCreated {}
        | CustomerChange::CustomerMentioned {}
        | CustomerChange::CustomerUpdated {}
        | CustomerChange::CustomerErased {}
        | CustomerChange::DefaultPaymentMethodChanged {}
        | CustomerChange::CustomerReported { .. }
        | CustomerChange::PaymentMethodReported { .. } => None,
    }
}
