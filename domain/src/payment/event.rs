//! What can have happened to a payment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cash::CashPart;
use super::credit::Credit;
use crate::absent::is_default;
use crate::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId};
use crate::money::Currency;
use crate::origin::Origin;
use crate::sealed::Sealed;
use crate::stamp::Stamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Pending,
    RequiresAction,
    Processing,
    /// Authorized, to be captured.
    RequiresCapture,
    Failed,
    Canceled,
    Succeeded,
    PartiallyRefunded,
    Refunded,
}

impl PaymentStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
        }
    }
}

/// A charge as the processor reported it: one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeReport {
    /// `ch_…` or `py_…`.
    pub id: String,
    pub status: PaymentStatus,
    pub amount_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub amount_refunded_minor: i64,
    pub currency: Currency,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethodId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_month: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_year: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<String>,
    /// From the balance transaction only (decision B8); `None` while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Sealed>,
    /// Whoever has it sees the receipt and who it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<Sealed>,
}

/// A payment intent as the processor reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentReport {
    pub id: String,
    pub status: PaymentStatus,
    pub amount_minor: i64,
    pub currency: Currency,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethodId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Sealed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
    Canceled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundReport {
    /// `re_…`.
    pub id: String,
    pub status: RefundStatus,
    pub amount_minor: i64,
    pub currency: Currency,
    pub created_at: Timestamp,
    /// The processor's code, never free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// An inquiry: no money moves.
    Inquiry,
    Open,
    Won,
    Lost,
    /// An inquiry that closed.
    InquiryClosed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeReport {
    /// `dp_…`.
    pub id: String,
    pub status: DisputeStatus,
    pub amount_minor: i64,
    pub currency: Currency,
    pub created_at: Timestamp,
    /// The processor's code, never free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Taken by the processor while it is decided; `None` where the report does not say, and the amount is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_minor: Option<i64>,
    /// Given back of that.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reinstated_minor: i64,
    /// What the processor charged for the dispute, and has not returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_minor: Option<i64>,
}

/// A payment as known after an event: what its attempts, refunds and disputes come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSnapshot {
    #[serde(default, skip_serializing_if = "is_default")]
    pub origin: Origin,
    pub status: PaymentStatus,
    pub amount_minor: i64,
    pub currency: Currency,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethodId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_month: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_year: Option<u16>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub failed_attempts: u32,
    /// When the money was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub refunded_minor: i64,
    /// Lost in disputes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disputed_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub open_dispute: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Sealed>,
    /// Whoever has it sees the receipt and who it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<Sealed>,
    /// What was taken, given back and lost, and when, in order of time; it sums to what is collected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cash: Vec<CashPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEvent {
    /// Business time.
    pub at: Timestamp,
    pub payment: PaymentId,
    pub change: PaymentChange,
    /// What the event added to (or, refunded or lost in a dispute, took from) the money collected, in minor units of
    /// the payment's currency.
    #[serde(default, skip_serializing_if = "is_default")]
    pub collected_delta_minor: i64,
    /// Where the event also changed whose money it is: what each customer gained or lost. Empty where the money was and
    /// is the customer's in `after`, who gained the delta.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reattributed: Vec<Credit>,
    /// The payment after the event; `None` where the event left it as it was, or where only a refund or dispute of a
    /// payment is known whose charge was not reported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<PaymentSnapshot>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentChange {
    ChargeReported {
        stamp: Stamp,
        charge: ChargeReport,
    },
    IntentReported {
        stamp: Stamp,
        intent: IntentReport,
    },
    RefundReported {
        stamp: Stamp,
        refund: RefundReport,
    },
    DisputeReported {
        stamp: Stamp,
        dispute: DisputeReport,
    },
    /// Our own processor took the money.
    PaymentSucceeded {
        charge: ChargeReport,
    },
    /// Our own processor could not take it.
    PaymentDeclined {
        charge: ChargeReport,
    },
    /// Our own processor has the attempt in hand: it needs the customer, or time.
    PaymentPending {
        charge: ChargeReport,
    },
    PaymentRefunded {
        refund: RefundReport,
    },
    /// A refund of our own that was pending succeeded or failed.
    PaymentRefundSettled {
        refund: RefundReport,
    },
    /// A dispute at our own processor, as it stands now.
    PaymentDisputed {
        dispute: DisputeReport,
    },
}
