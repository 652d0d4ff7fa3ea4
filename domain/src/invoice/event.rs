//! What can have happened to an invoice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::FailedAttempt;
use crate::absent::is_default;
use crate::id::{CustomerId, InvoiceId, PaymentId, PlanId, SubscriptionId};
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::Interval;
use crate::sealed::Sealed;
use crate::stamp::Stamp;
use crate::time::Period;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
    /// A draft that was deleted.
    Deleted,
}

impl InvoiceStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Uncollectible => "uncollectible",
            Self::Void => "void",
            Self::Deleted => "deleted",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Draft, Self::Open, Self::Paid, Self::Uncollectible, Self::Void, Self::Deleted]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// One line of an invoice. Amounts are in minor units of the invoice's currency, before discount and exclusive tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the catalogue or the processor calls it; empty where a person wrote the text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What a person wrote for this line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Sealed>,
    pub quantity: u64,
    pub amount_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub proration: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// An invoice as known after an event. All amounts are in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceSnapshot {
    #[serde(default, skip_serializing_if = "is_default")]
    pub origin: Origin,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionId>,
    pub status: InvoiceStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub currency: Currency,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    pub subtotal_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub discount_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub tax_minor: i64,
    pub total_minor: i64,
    pub amount_due_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub amount_paid_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub amount_remaining_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub attempt_count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finalized_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// When it was voided or marked uncollectible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentId>,
    /// Whoever has one of these addresses sees the invoice and who it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_url: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf_url: Option<Sealed>,
    /// The processor has more lines of it than these; the figures are of all of them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub more_lines: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceEvent {
    /// Business time.
    pub at: Timestamp,
    pub invoice: InvoiceId,
    pub change: InvoiceChange,
    /// The invoice after the event; `None` where the event left it as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<InvoiceSnapshot>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvoiceChange {
    InvoiceDrafted {},
    InvoiceFinalized {},
    InvoiceSent {},
    InvoicePaid {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<PaymentId>,
        #[serde(default, skip_serializing_if = "is_default")]
        out_of_band: bool,
    },
    InvoicePaymentFailed {
        attempt: FailedAttempt,
    },
    InvoiceVoided {},
    InvoiceMarkedUncollectible {},
    InvoiceDeleted {},
    /// The processor reported the invoice; `snapshot` is what it said where that is not what is now known, `attempt`
    /// the collection attempt whose failure it reports.
    InvoiceReported {
        stamp: Stamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot: Option<Box<InvoiceSnapshot>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<FailedAttempt>,
    },
    /// A payment was joined to the invoice (Stripe's `invoice_payment.paid`).
    InvoicePaymentLinked {
        payment: PaymentId,
        amount_minor: i64,
    },
}
