//! What can have happened to a subscription.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::ActivationCause;
use super::terms::{CancelReason, SubscriptionSnapshot};
use crate::id::{CustomerId, InvoiceId, SubscriptionId};
use crate::sealed::Sealed;
use crate::stamp::Stamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionEvent {
    /// Business time.
    pub at: Timestamp,
    pub subscription: SubscriptionId,
    pub customer: CustomerId,
    pub change: SubscriptionChange,
    /// The subscription after the event; `None` where the event left it as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<SubscriptionSnapshot>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubscriptionChange {
    SubscriptionCreated {},
    SubscriptionActivated {
        cause: ActivationCause,
    },
    SubscriptionRenewed {},
    /// A trial was given or its end moved.
    SubscriptionTrialExtended {},
    SubscriptionItemsChanged {},
    SubscriptionDiscountApplied {
        coupon: String,
    },
    SubscriptionDiscountEnded {
        coupon: String,
    },
    SubscriptionCancellationScheduled {
        reason: Option<String>,
        feedback: Option<Sealed>,
    },
    SubscriptionCancellationWithdrawn {},
    SubscriptionCanceled {
        cause: CancelReason,
        reason: Option<String>,
        feedback: Option<Sealed>,
    },
    SubscriptionPaused {
        reason: Option<String>,
        maintain_access: bool,
    },
    SubscriptionResumed {},
    SubscriptionCollectionPaused {},
    SubscriptionCollectionResumed {},
    SubscriptionPastDue {
        invoice: Option<InvoiceId>,
    },
    SubscriptionUnpaid {
        invoice: Option<InvoiceId>,
    },
    SubscriptionExpiredIncomplete {},
    /// The processor reported the subscription; `snapshot` is what it said where that is not what is now known.
    SubscriptionReported {
        stamp: Stamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot: Option<Box<SubscriptionSnapshot>>,
    },
}
