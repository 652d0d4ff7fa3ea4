//! What becomes of a subscription when its invoices are paid, written off or cannot be collected. All of it is told as
//! facts, which are never refused and change nothing where the machine has moved on (billing.md §3.1).

use jiff::Timestamp;

use super::command::{ActivationCause, AfterDunning};
use super::decide::{event, with_standing, with_terms};
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::state::Subscription;
use super::terms::{CancelReason, Standing, SubscriptionSnapshot};
use crate::id::InvoiceId;

/// The invoice was paid, or written off.
pub(super) fn note_settled(
    subscription: &Subscription,
    now: Timestamp,
    invoice: &InvoiceId,
    cause: ActivationCause,
) -> Vec<SubscriptionEvent> {
    let Ok((id, snapshot)) = subscription.existing() else { return Vec::new() };
    let activated = |cause| (Standing::Active {}, SubscriptionChange::SubscriptionActivated { cause });
    let (standing, change) = match (&snapshot.standing, cause) {
        (Standing::Incomplete {}, ActivationCause::InvoicePaid) => activated(ActivationCause::FirstInvoicePaid),
        (Standing::PastDue { .. }, cause) => activated(cause),
        // Only payment brings back what dunning gave up (billing.md §3.1).
        (Standing::Unpaid { .. }, ActivationCause::InvoicePaid) => activated(ActivationCause::InvoicePaid),
        (Standing::Paused { since, resumes_at, past_due_since: Some(_) }, _) => (
            Standing::Paused { since: *since, resumes_at: *resumes_at, past_due_since: None },
            SubscriptionChange::SubscriptionArrearsSettled { invoice: invoice.clone() },
        ),
        (
            Standing::Incomplete {}
            | Standing::Unpaid { .. }
            | Standing::IncompleteExpired { .. }
            | Standing::Trialing { .. }
            | Standing::Active {}
            | Standing::Paused { past_due_since: None, .. }
            | Standing::Canceled { .. },
            _,
        ) => return Vec::new(),
    };
    // What is past due for a later invoice stays so when an earlier one is paid (billing.md §3.1).
    if is_due_for_another(snapshot, invoice) && !matches!(snapshot.standing, Standing::Incomplete {}) {
        return Vec::new();
    }
    let mut after = with_terms(snapshot, |terms| terms.latest_invoice = Some(invoice.clone()));
    after.standing = standing;
    vec![event(now, id, change, after)]
}

/// The invoice could not be collected.
pub(super) fn note_payment_failed(
    subscription: &Subscription,
    now: Timestamp,
    invoice: &InvoiceId,
) -> Vec<SubscriptionEvent> {
    let Ok((id, snapshot)) = subscription.existing() else { return Vec::new() };
    let newly_due = is_due_for_another(snapshot, invoice);
    let standing = match snapshot.standing {
        Standing::Active {} | Standing::Trialing { .. } => Standing::PastDue { since: now },
        // A further invoice failed: it is now the one that must be paid.
        Standing::PastDue { since } if newly_due => Standing::PastDue { since },
        // An invoice from before the pause is still collected; service stays paused.
        Standing::Paused { since, resumes_at, past_due_since } if past_due_since.is_none() || newly_due => {
            Standing::Paused { since, resumes_at, past_due_since: past_due_since.or(Some(now)) }
        }
        // The first payment's failure leaves it incomplete; the rest has moved on already.
        Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::PastDue { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. }
        | Standing::Canceled { .. } => return Vec::new(),
    };
    let mut after = with_terms(snapshot, |terms| terms.latest_invoice = Some(invoice.clone()));
    after.standing = standing;
    vec![event(now, id, SubscriptionChange::SubscriptionPastDue { invoice: Some(invoice.clone()) }, after)]
}

/// All steps of dunning were taken and nothing was collected.
pub(super) fn note_exhausted(
    subscription: &Subscription,
    now: Timestamp,
    invoice: &InvoiceId,
    then: AfterDunning,
) -> Vec<SubscriptionEvent> {
    let Ok((id, snapshot)) = subscription.existing() else { return Vec::new() };
    let (is_past_due, is_paused) = match snapshot.standing {
        Standing::PastDue { .. } => (true, false),
        Standing::Paused { past_due_since, .. } => (past_due_since.is_some(), true),
        Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::Trialing { .. }
        | Standing::Active {}
        | Standing::Unpaid { .. }
        | Standing::Canceled { .. } => (false, false),
    };
    if !is_past_due {
        return Vec::new();
    }
    match then {
        AfterDunning::LeavePastDue => Vec::new(),
        // A pause is for the customer to end: it goes on, and what is owed is past due again when it ends.
        AfterDunning::LeaveUnpaid if is_paused => Vec::new(),
        AfterDunning::LeaveUnpaid => {
            let after = with_standing(snapshot, Standing::Unpaid { since: now });
            vec![event(now, id, SubscriptionChange::SubscriptionUnpaid { invoice: Some(invoice.clone()) }, after)]
        }
        AfterDunning::Cancel => subscription.cancel(now, CancelReason::PaymentFailed, None, None).unwrap_or_default(),
    }
}

/// Whether the invoice that must be paid is another than this one.
fn is_due_for_another(snapshot: &SubscriptionSnapshot, invoice: &InvoiceId) -> bool {
    snapshot.terms.latest_invoice.as_ref().is_some_and(|latest| latest != invoice)
}
