//! What can have happened to a call to the processor.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId, ProcessorCallId, SubscriptionId};

/// What the processor is asked to do, completely: the same words make the same request years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Asked {
    RefundPayment {
        payment: PaymentId,
        /// `None` for all that is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount_minor: Option<i64>,
        /// A word of the processor's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    PayInvoice {
        invoice: InvoiceId,
        /// Instead of the one that was agreed on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<PaymentMethodId>,
    },
    /// The money came another way.
    SettleInvoice {
        invoice: InvoiceId,
    },
    VoidInvoice {
        invoice: InvoiceId,
    },
    CancelSubscription {
        subscription: SubscriptionId,
        #[serde(default, skip_serializing_if = "is_default")]
        at_period_end: bool,
        #[serde(default, skip_serializing_if = "is_default")]
        prorate: bool,
    },
}

/// What the processor answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Answer {
    /// It is done; the object that was made or changed.
    Succeeded { object: String },
    /// The card said no.
    Declined {
        code: String,
        /// The payment that was tried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<PaymentId>,
    },
    /// The processor will not do it: its code, and the field where it named one.
    Refused {
        code: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        param: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorCallEvent {
    /// Business time.
    pub at: Timestamp,
    pub call: ProcessorCallId,
    pub change: ProcessorCallChange,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProcessorCallChange {
    ProcessorCallRequested {
        /// Whose calls are made one after the other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
        asked: Box<Asked>,
    },
    ProcessorCallAnswered {
        answer: Answer,
    },
}
