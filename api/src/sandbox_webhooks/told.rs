//! Which events does Stripe send of what has happened? One of our own facts is told by one or more of them, in the words
//! and in the order in which Stripe tells such things. What others reported is not told again.

use domain::event::LedgerEvent;
use domain::invoice::{InvoiceChange, InvoiceEvent, InvoiceSnapshot};
use domain::origin::Origin;
use domain::payment::{
    ChargeReport, DisputeReport, DisputeStatus, PaymentChange, PaymentEvent, PaymentStatus, RefundStatus,
};
use domain::subscription::{SubscriptionChange, SubscriptionEvent};
use serde_json::Value;

use super::shape;

/// The aggregate types some of whose events are told.
pub(super) const READS: [&str; 3] = ["subscription", "invoice", "payment"];

/// What Stripe says of one event: whose it is, and types with their objects.
pub(super) struct Told {
    /// Events of one customer arrive in their order.
    pub customer: String,
    pub events: Vec<(&'static str, Value)>,
}

/// `first` says that nothing happened to the object before.
pub(super) fn tell(event: &LedgerEvent, first: bool) -> Option<Told> {
    let (customer, events) = if let Some(event) = event.subscription() {
        (event.customer.to_string(), of_subscription(event))
    } else if let Some(event) = event.invoice() {
        let after = event.after.as_deref().filter(|after| after.origin == Origin::Daybook)?;
        let customer = after.customer.as_ref().map(ToString::to_string);
        (customer.unwrap_or_default(), of_invoice(event, after, first))
    } else {
        let event = event.payment()?;
        (customer_of(event), of_payment(event))
    };
    Some(Told { customer, events }).filter(|told| !told.events.is_empty())
}

fn of_subscription(event: &SubscriptionEvent) -> Vec<(&'static str, Value)> {
    use SubscriptionChange as C;
    let Some(after) = event.after.as_deref().filter(|after| after.origin == Origin::Daybook) else {
        return Vec::new();
    };
    let kind = match &event.change {
        C::SubscriptionReported { .. } => return Vec::new(),
        C::SubscriptionCreated {} => "customer.subscription.created",
        C::SubscriptionCanceled { .. } => "customer.subscription.deleted",
        C::SubscriptionPaused { .. } => "customer.subscription.paused",
        C::SubscriptionResumed {} => "customer.subscription.resumed",
        C::SubscriptionTrialEndAnnounced {} => "customer.subscription.trial_will_end",
        C::SubscriptionActivated { .. }
        | C::SubscriptionRenewed {}
        | C::SubscriptionTrialExtended {}
        | C::SubscriptionItemsChanged {}
        | C::SubscriptionChangeScheduled {}
        | C::SubscriptionChangeWithdrawn {}
        | C::SubscriptionPaymentMethodChanged {}
        | C::SubscriptionMetadataChanged {}
        | C::SubscriptionCycleMoved {}
        | C::SubscriptionBilled {}
        | C::SubscriptionDiscountApplied { .. }
        | C::SubscriptionDiscountEnded { .. }
        | C::SubscriptionCancellationScheduled { .. }
        | C::SubscriptionCancellationWithdrawn {}
        | C::SubscriptionCollectionPaused {}
        | C::SubscriptionCollectionResumed {}
        | C::SubscriptionPastDue { .. }
        | C::SubscriptionArrearsSettled { .. }
        | C::SubscriptionUnpaid { .. }
        | C::SubscriptionExpiredIncomplete {} => "customer.subscription.updated",
    };
    vec![(kind, shape::subscription(&event.subscription, after))]
}

fn of_invoice(event: &InvoiceEvent, after: &InvoiceSnapshot, first: bool) -> Vec<(&'static str, Value)> {
    use InvoiceChange as C;
    let id = &event.invoice;
    let invoice = |kind: &'static str| (kind, shape::invoice(id, after));
    match &event.change {
        C::InvoiceReported { .. } | C::InvoicePaymentLinked { .. } | C::InvoiceCreditNoteReported { .. } => Vec::new(),
        C::InvoiceDrafted {} => vec![invoice("invoice.created")],
        // What is drafted and finalized at once was a draft at Stripe, too.
        C::InvoiceFinalized {} if first => {
            let created = ("invoice.created", shape::invoice(id, &shape::draft_of(after)));
            vec![created, invoice("invoice.finalized")]
        }
        C::InvoiceFinalized {} => vec![invoice("invoice.finalized")],
        C::InvoiceSent {} | C::InvoiceReminded {} => vec![invoice("invoice.sent")],
        C::InvoicePaid { out_of_band: true, .. } => vec![invoice("invoice.paid")],
        C::InvoicePaid { .. } => vec![invoice("invoice.paid"), invoice("invoice.payment_succeeded")],
        C::InvoicePartiallyPaid { .. } | C::InvoiceBalanceApplied { .. } => vec![invoice("invoice.updated")],
        C::InvoicePaymentFailed { .. } => vec![invoice("invoice.payment_failed")],
        C::InvoiceOverdue {} => vec![invoice("invoice.overdue")],
        C::InvoiceVoided {} => vec![invoice("invoice.voided")],
        C::InvoiceMarkedUncollectible {} => vec![invoice("invoice.marked_uncollectible")],
        C::InvoiceDeleted {} => vec![invoice("invoice.deleted")],
        C::InvoiceCreditNoteIssued { note } => vec![("credit_note.created", shape::credit_note(id, after, note))],
        C::InvoiceCreditNoteVoided { id: note } => {
            let notes = after.notes.iter().filter(|known| known.id == *note);
            notes.map(|note| ("credit_note.voided", shape::credit_note(id, after, note))).collect()
        }
    }
}

fn of_payment(event: &PaymentEvent) -> Vec<(&'static str, Value)> {
    use PaymentChange as C;
    let id = &event.payment;
    match &event.change {
        C::ChargeReported { .. } | C::IntentReported { .. } | C::RefundReported { .. } | C::DisputeReported { .. } => {
            Vec::new()
        }
        C::PaymentSucceeded { charge } | C::PaymentDeclined { charge } | C::PaymentPending { charge } => {
            of_attempt(event, charge)
        }
        C::PaymentRefunded { refund } => vec![("refund.created", shape::refund(id, refund))],
        C::PaymentRefundSettled { refund } => {
            let kind = match refund.status {
                RefundStatus::Failed => "refund.failed",
                RefundStatus::Pending | RefundStatus::Succeeded | RefundStatus::Canceled => "refund.updated",
            };
            vec![(kind, shape::refund(id, refund))]
        }
        C::PaymentDisputed { dispute } => {
            let object = shape::dispute(id, dispute);
            of_dispute(dispute).iter().map(|kind| (*kind, object.clone())).collect()
        }
    }
}

fn of_attempt(event: &PaymentEvent, last: &ChargeReport) -> Vec<(&'static str, Value)> {
    let charge = |kind: &'static str| (kind, shape::charge(&event.payment, last));
    let intent = |kind: &'static str| (kind, shape::intent(&event.payment, event.after.as_deref(), last));
    match last.status {
        PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => {
            vec![charge("charge.succeeded"), intent("payment_intent.succeeded")]
        }
        PaymentStatus::Failed => vec![charge("charge.failed"), intent("payment_intent.payment_failed")],
        PaymentStatus::Canceled => vec![intent("payment_intent.canceled")],
        PaymentStatus::RequiresAction => vec![intent("payment_intent.requires_action")],
        PaymentStatus::Processing => vec![charge("charge.pending"), intent("payment_intent.processing")],
        PaymentStatus::Pending | PaymentStatus::RequiresCapture => vec![intent("payment_intent.created")],
    }
}

fn of_dispute(dispute: &DisputeReport) -> &'static [&'static str] {
    match dispute.status {
        DisputeStatus::Inquiry => &["charge.dispute.created"],
        DisputeStatus::Open => &["charge.dispute.created", "charge.dispute.funds_withdrawn"],
        DisputeStatus::Won => &["charge.dispute.funds_reinstated", "charge.dispute.closed"],
        DisputeStatus::Lost | DisputeStatus::InquiryClosed => &["charge.dispute.closed"],
    }
}

fn customer_of(event: &PaymentEvent) -> String {
    let after = event.after.as_deref().and_then(|after| after.customer.as_ref());
    after.map_or_else(|| event.payment.to_string(), ToString::to_string)
}
