//! Which customers does an event concern, and whose activity is it? Told by what the event itself reports, never by what
//! else is known by then, so that the order of arrival does not show.

use domain::customer::{CustomerChange, CustomerEvent};
use domain::event::LedgerEvent;
use domain::id::CustomerId;
use domain::invoice::{InvoiceChange, InvoiceEvent};
use domain::payment::{PaymentChange, PaymentEvent};

/// Everyone whose row the event may change, each once.
pub(super) fn customers(event: &LedgerEvent) -> Vec<&CustomerId> {
    let own = event.customer().map(|event| &event.customer);
    let paying = event.payment().and_then(|event| event.after.as_ref()?.customer.as_ref());
    let credited = event.payment().into_iter().flat_map(|event| &event.reattributed).map(|credit| &credit.customer);
    let mut customers: Vec<&CustomerId> = own.into_iter().chain(paying).chain(active(event)).chain(credited).collect();
    customers.sort_unstable();
    customers.dedup();
    customers
}

/// Who did something, or to whom something was done; refunds and disputes that a processor reports name nobody.
pub(super) fn active(event: &LedgerEvent) -> Option<&CustomerId> {
    let own = event.customer().filter(|event| own_activity(event)).map(|event| &event.customer);
    let subscribing = event.subscription().map(|event| &event.customer);
    let invoiced = event.invoice().and_then(billed);
    own.or(subscribing).or(invoiced).or_else(|| event.payment().and_then(charged))
}

/// A mention is only recorded of customers of whom nothing else is known, and the expiry of a card only once: whether
/// they are depends on the order of arrival.
fn own_activity(event: &CustomerEvent) -> bool {
    match &event.change {
        CustomerChange::CustomerMentioned {} | CustomerChange::CardExpiryAnnounced { .. } => false,
        CustomerChange::CustomerCreated {}
        | CustomerChange::CustomerUpdated {}
        | CustomerChange::CustomerErased {}
        | CustomerChange::PaymentMethodAttached { .. }
        | CustomerChange::PaymentMethodDetached { .. }
        | CustomerChange::DefaultPaymentMethodChanged {}
        | CustomerChange::CustomerReported { .. }
        | CustomerChange::PaymentMethodReported { .. } => true,
    }
}

/// A report names its own customer, also where a newer one was known.
fn billed(event: &InvoiceEvent) -> Option<&CustomerId> {
    let told = match &event.change {
        InvoiceChange::InvoiceReported { snapshot, .. } => snapshot.as_deref(),
        InvoiceChange::InvoiceDrafted {}
        | InvoiceChange::InvoiceFinalized {}
        | InvoiceChange::InvoiceSent {}
        | InvoiceChange::InvoicePaid { .. }
        | InvoiceChange::InvoicePaymentFailed { .. }
        | InvoiceChange::InvoiceVoided {}
        | InvoiceChange::InvoiceMarkedUncollectible {}
        | InvoiceChange::InvoiceDeleted {}
        | InvoiceChange::InvoicePartiallyPaid { .. }
        | InvoiceChange::InvoiceBalanceApplied { .. }
        | InvoiceChange::InvoiceCreditNoteIssued { .. }
        | InvoiceChange::InvoiceCreditNoteVoided { .. }
        | InvoiceChange::InvoiceCreditNoteReported { .. }
        | InvoiceChange::InvoiceReminded {}
        | InvoiceChange::InvoiceOverdue {}
        | InvoiceChange::InvoicePaymentLinked { .. } => None,
    };
    told.or(event.after.as_deref()).and_then(|invoice| invoice.customer.as_ref())
}

fn charged(event: &PaymentEvent) -> Option<&CustomerId> {
    match &event.change {
        PaymentChange::ChargeReported { charge, .. }
        | PaymentChange::PaymentSucceeded { charge }
        | PaymentChange::PaymentDeclined { charge }
        | PaymentChange::PaymentPending { charge } => charge.customer.as_ref(),
        PaymentChange::IntentReported { intent, .. } => intent.customer.as_ref(),
        PaymentChange::PaymentRefunded { .. } => event.after.as_ref().and_then(|payment| payment.customer.as_ref()),
        PaymentChange::RefundReported { .. }
        | PaymentChange::DisputeReported { .. }
        | PaymentChange::PaymentRefundSettled { .. }
        | PaymentChange::PaymentDisputed { .. } => None,
    }
}
