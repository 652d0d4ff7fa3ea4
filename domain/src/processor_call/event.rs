//! What can have happened to a call to the processor.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use crate::id::{CustomerId, PaymentId, ProcessorCallId};

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
