//! What can be asked of a subscription, and what can be reported about one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::terms::{CancelReason, Collection, PauseCollection, SubscriptionSnapshot};
use crate::id::{CustomerId, InvoiceId, PaymentMethodId, SubscriptionId};
use crate::money::Currency;
use crate::price::{Discount, Item};
use crate::sealed::Sealed;
use crate::stamp::Stamp;
use crate::time::Period;

/// Why a subscription became active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivationCause {
    TrialEnded,
    FirstInvoicePaid,
    InvoicePaid,
    InvoiceUncollectible,
}

/// The terms a new subscription is asked for with.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    pub id: SubscriptionId,
    pub customer: CustomerId,
    pub items: Vec<Item>,
    pub currency: Currency,
    /// Length of the trial; none without being asked for (decision B1).
    pub trial_days: Option<u16>,
    /// `None` anchors at the trial's end, or at the start where there is no trial.
    pub anchor: Option<Timestamp>,
    pub discounts: Vec<Discount>,
    pub collection: Collection,
    pub payment_method: Option<PaymentMethodId>,
    /// True when the first invoice still has to be paid, so that the subscription starts incomplete.
    pub awaits_first_payment: bool,
    pub metadata: Option<Sealed>,
}

#[derive(Debug, Clone)]
pub enum SubscriptionCommand {
    // Intents: may be refused.
    Create(Box<NewSubscription>),
    ChangeItems {
        items: Vec<Item>,
    },
    ApplyDiscount {
        discount: Discount,
    },
    CancelAtPeriodEnd {
        reason: Option<Sealed>,
        feedback: Option<Sealed>,
    },
    CancelNow {
        cause: CancelReason,
        reason: Option<Sealed>,
        feedback: Option<Sealed>,
    },
    WithdrawCancellation,
    Pause {
        resumes_at: Option<Timestamp>,
        reason: Option<Sealed>,
        maintain_access: bool,
    },
    Resume,
    PauseCollection(PauseCollection),
    /// Gives a trial, or a longer or shorter one.
    ExtendTrial {
        until: Timestamp,
    },
    ResumeCollection,
    // Facts: recorded, never refused; without effect where the machine has moved on.
    EndTrial,
    Renew {
        period: Period,
    },
    EndDiscount {
        coupon: String,
    },
    NotePaid {
        invoice: InvoiceId,
    },
    NotePaymentFailed {
        invoice: InvoiceId,
    },
    NoteUncollectible {
        invoice: InvoiceId,
    },
    NoteDunningExhausted {
        invoice: InvoiceId,
        then: AfterDunning,
    },
    ExpireIncomplete,
    Report {
        id: SubscriptionId,
        stamp: Stamp,
        snapshot: Box<SubscriptionSnapshot>,
    },
}

/// What becomes of a subscription whose dunning ended without success (a setting of the tenant).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDunning {
    Cancel,
    LeaveUnpaid,
    LeavePastDue,
}
