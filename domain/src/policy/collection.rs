//! From an invoice of our own to its subscription: a failed payment makes it past due, a paid or written-off invoice
//! makes it active again (billing.md §3.1). What Stripe bills is told by Stripe's own subscription events.

use crate::command::Command;
use crate::invoice::{InvoiceChange, InvoiceEvent};
use crate::origin::Origin;
use crate::subscription::SubscriptionCommand;

/// What the event means for the invoice's subscription; `None` for most.
pub fn react(event: &InvoiceEvent) -> Option<Command> {
    let after = event.after.as_ref().filter(|after| after.origin == Origin::Daybook)?;
    let subscription = after.subscription.clone()?;
    let invoice = event.invoice.clone();
    let command = match &event.change {
        InvoiceChange::InvoicePaid { .. } => SubscriptionCommand::NotePaid { invoice },
        InvoiceChange::InvoicePaymentFailed { .. } => SubscriptionCommand::NotePaymentFailed { invoice },
        InvoiceChange::InvoiceMarkedUncollectible {} => SubscriptionCommand::NoteUncollectible { invoice },
        InvoiceChange::InvoiceDrafted {}
        | InvoiceChange::InvoiceFinalized {}
        | InvoiceChange::InvoiceSent {}
        | InvoiceChange::InvoicePartiallyPaid { .. }
        | InvoiceChange::InvoiceBalanceApplied { .. }
        | InvoiceChange::InvoiceCreditNoteIssued { .. }
        | InvoiceChange::InvoiceCreditNoteVoided { .. }
        | InvoiceChange::InvoiceCreditNoteReported { .. }
        | InvoiceChange::InvoiceReminded {}
        | InvoiceChange::InvoiceOverdue {}
        | InvoiceChange::InvoiceVoided {}
        | InvoiceChange::InvoiceDeleted {}
        | InvoiceChange::InvoiceReported { .. }
        | InvoiceChange::InvoicePaymentLinked { .. } => return None,
    };
    Some(Command::Subscription(subscription, command))
}
