//! What can have happened to a subscription.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::ActivationCause;
use super::terms::{CancelReason, SubscriptionSnapshot};
use crate::absent::is_default;
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

/// What only this change has. What people wrote is sealed with the customer's key (rule L10).
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
    /// Other items were agreed on for later.
    SubscriptionChangeScheduled {},
    SubscriptionChangeWithdrawn {},
    SubscriptionPaymentMethodChanged {},
    SubscriptionMetadataChanged {},
    /// Its periods begin at other times, from now on or from the end of the running one.
    SubscriptionCycleMoved {},
    /// The customer was told that the trial ends.
    SubscriptionTrialEndAnnounced {},
    /// More was billed for the running period, or something given back of it.
    SubscriptionBilled {},
    SubscriptionDiscountApplied {
        coupon: String,
    },
    SubscriptionDiscountEnded {
        coupon: String,
    },
    SubscriptionCancellationScheduled {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Sealed>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        feedback: Option<Sealed>,
    },
    SubscriptionCancellationWithdrawn {},
    SubscriptionCanceled {
        cause: CancelReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Sealed>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        feedback: Option<Sealed>,
    },
    SubscriptionPaused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Sealed>,
        #[serde(default, skip_serializing_if = "is_default")]
        maintain_access: bool,
    },
    SubscriptionResumed {},
    SubscriptionCollectionPaused {},
    SubscriptionCollectionResumed {},
    /// The invoice could not be collected. A paused subscription stays paused and is past due when resumed.
    SubscriptionPastDue {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invoice: Option<InvoiceId>,
    },
    /// What a paused subscription was past due for was paid or written off; it will be active when resumed.
    SubscriptionArrearsSettled {
        invoice: InvoiceId,
    },
    SubscriptionUnpaid {
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
