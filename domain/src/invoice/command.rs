//! What can be asked of an invoice, and what can be reported about one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::InvoiceSnapshot;
use crate::id::{InvoiceId, PaymentId};
use crate::stamp::Stamp;

/// One attempt to collect that failed. Attempts are told apart by their charge, or by their count where the report
/// names no charge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// `ch_…`, or `attempt-<count>`.
    pub key: String,
    pub count: u32,
    pub at: Timestamp,
    /// When the processor will try again; `None` means it stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<String>,
}

impl FailedAttempt {
    /// What two reports of one attempt come to, whichever came first.
    pub(super) fn merged(&self, other: &Self) -> Self {
        Self {
            key: self.key.clone(),
            count: self.count.max(other.count),
            at: self.at.min(other.at),
            next_attempt_at: self.next_attempt_at.max(other.next_attempt_at),
            decline_code: self.decline_code.clone().max(other.decline_code.clone()),
        }
    }
}

#[derive(Debug, Clone)]
pub enum InvoiceCommand {
    // Intents: may be refused.
    Draft {
        id: InvoiceId,
        snapshot: Box<InvoiceSnapshot>,
    },
    /// Takes the next number of the counter under the head lock (rule L11).
    Finalize,
    Send,
    Void,
    MarkUncollectible,
    Delete,
    RecordPayment {
        payment: Option<PaymentId>,
        out_of_band: bool,
    },
    RecordFailedAttempt {
        attempt: FailedAttempt,
    },
    // Facts: recorded, never refused.
    Report {
        id: InvoiceId,
        stamp: Stamp,
        snapshot: Box<InvoiceSnapshot>,
        attempt: Option<FailedAttempt>,
    },
    LinkPayment {
        id: InvoiceId,
        at: Timestamp,
        payment: PaymentId,
        amount_minor: i64,
    },
}
