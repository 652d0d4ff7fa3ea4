//! An invoice as its events leave it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::FailedAttempt;
use super::event::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, ReportedNote};
use crate::id::{InvoiceId, PaymentId};
use crate::origin::Origin;
use crate::stamp::Latest;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub(super) id: Option<InvoiceId>,
    pub(super) snapshot: Option<Box<InvoiceSnapshot>>,
    pub(super) reports: Latest<Box<InvoiceSnapshot>>,
    /// Failed attempts by their key; a set, so that their order of arrival does not matter.
    pub(super) attempts: BTreeMap<String, FailedAttempt>,
    pub(super) payments: BTreeMap<PaymentId, i64>,
    /// Of the processor, by their id.
    #[serde(default)]
    pub(super) reported_notes: BTreeMap<String, Latest<ReportedNote>>,
}

impl Invoice {
    /// What is known of the invoice; `None` before anything is.
    pub fn snapshot(&self) -> Option<&InvoiceSnapshot> {
        self.snapshot.as_deref()
    }

    pub(super) fn is_our_own(&self) -> bool {
        self.snapshot.as_deref().is_some_and(|snapshot| snapshot.origin == Origin::Daybook)
    }

    /// Failed collection attempts, by time.
    pub fn failed_attempts(&self) -> Vec<FailedAttempt> {
        let mut attempts: Vec<_> = self.attempts.values().cloned().collect();
        attempts.sort_by(|a, b| (a.at, a.count, &a.key).cmp(&(b.at, b.count, &b.key)));
        attempts
    }

    /// The attempt together with what was known of it.
    pub(super) fn with_known(&self, attempt: &FailedAttempt) -> FailedAttempt {
        self.attempts.get(&attempt.key).map_or_else(|| attempt.clone(), |known| known.merged(attempt))
    }

    /// Whether the attempt says nothing new.
    pub(super) fn knows(&self, attempt: &FailedAttempt) -> bool {
        self.attempts.get(&attempt.key) == Some(&self.with_known(attempt))
    }

    pub(super) fn apply(&mut self, event: &InvoiceEvent) {
        self.id = Some(event.invoice.clone());
        if let Some(after) = &event.after {
            self.snapshot = Some(after.clone());
        }
        match &event.change {
            InvoiceChange::InvoiceReported { stamp, snapshot, attempt } => {
                if let Some(reported) = snapshot.as_ref().or(event.after.as_ref()) {
                    self.reports.absorb(stamp.clone(), reported.clone());
                }
                if let Some(attempt) = attempt {
                    self.attempts.insert(attempt.key.clone(), self.with_known(attempt));
                }
            }
            InvoiceChange::InvoicePaymentFailed { attempt } => {
                self.attempts.insert(attempt.key.clone(), self.with_known(attempt));
            }
            InvoiceChange::InvoicePaymentLinked { payment, amount_minor } => {
                self.payments.insert(payment.clone(), *amount_minor);
            }
            InvoiceChange::InvoiceCreditNoteReported { stamp, note } => {
                self.reported_notes.entry(note.id.clone()).or_default().absorb(stamp.clone(), note.clone());
            }
            InvoiceChange::InvoiceDrafted {}
            | InvoiceChange::InvoiceFinalized {}
            | InvoiceChange::InvoiceSent {}
            | InvoiceChange::InvoicePaid { .. }
            | InvoiceChange::InvoicePartiallyPaid { .. }
            | InvoiceChange::InvoiceBalanceApplied { .. }
            | InvoiceChange::InvoiceCreditNoteIssued { .. }
            | InvoiceChange::InvoiceCreditNoteVoided { .. }
            | InvoiceChange::InvoiceReminded {}
            | InvoiceChange::InvoiceOverdue {}
            | InvoiceChange::InvoiceVoided {}
            | InvoiceChange::InvoiceMarkedUncollectible {}
            | InvoiceChange::InvoiceDeleted {} => {}
        }
    }
}
