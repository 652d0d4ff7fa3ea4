//! What can be asked of an invoice, and what can be reported about one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{InvoiceSnapshot, IssuedNote, ReportedNote};
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
    /// Drafted and finalized at once, as a renewal's invoice is.
    Issue {
        id: InvoiceId,
        snapshot: Box<InvoiceSnapshot>,
        year: Option<i16>,
    },
    /// Takes the next number of the year's counter under the head lock (rule L11). `None` is the year of the moment in
    /// UTC.
    Finalize {
        year: Option<i16>,
    },
    Send,
    Remind,
    /// Uses some of the customer's balance for what remains.
    ApplyBalance {
        credit_minor: i64,
        prepaid_minor: i64,
    },
    /// The note as it was worked out on this invoice; refused where it does not fit what is left. Its number is given
    /// here.
    IssueNote {
        note: Box<IssuedNote>,
        year: i16,
    },
    VoidNote {
        id: String,
    },
    Void,
    MarkUncollectible,
    Delete,
    RecordPayment {
        payment: Option<PaymentId>,
        out_of_band: bool,
        /// `None` is all that remains.
        amount_minor: Option<i64>,
    },
    RecordFailedAttempt {
        attempt: FailedAttempt,
    },
    // Facts: recorded, never refused.
    /// Its due date has passed without payment.
    NoteOverdue,
    Report {
        id: InvoiceId,
        stamp: Stamp,
        snapshot: Box<InvoiceSnapshot>,
        attempt: Option<FailedAttempt>,
    },
    ReportNote {
        id: InvoiceId,
        stamp: Stamp,
        note: ReportedNote,
    },
    LinkPayment {
        id: InvoiceId,
        at: Timestamp,
        payment: PaymentId,
        amount_minor: i64,
    },
}
