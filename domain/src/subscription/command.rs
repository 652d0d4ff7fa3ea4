//! What can be asked of a subscription, and what can be reported about one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::terms::{CancelReason, Collection, CycleMove, PauseCollection, SubscriptionSnapshot, Terms};
use crate::id::{CustomerId, InvoiceId, PaymentMethodId, SubscriptionId};
use crate::money::Currency;
use crate::price::{Discount, Item};
use crate::proration::Billed;
use crate::sealed::Sealed;
use crate::stamp::Stamp;
use crate::time::{AnchorRule, Period};

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
    /// When it begins; `None` is now. In the past its periods are counted from then on.
    pub start: Option<Timestamp>,
    /// How boundaries follow from the anchor, and whose wall clock they keep (decision B4).
    pub anchor_rule: AnchorRule,
    pub zone: Option<String>,
    pub days_until_due: Option<u16>,
    pub as_billed: AsBilled,
}

impl NewSubscription {
    /// One of nothing yet, from now on, charged automatically.
    pub fn of(id: SubscriptionId, customer: CustomerId, currency: Currency) -> Self {
        Self {
            id,
            customer,
            items: Vec::new(),
            currency,
            trial_days: None,
            anchor: None,
            discounts: Vec::new(),
            collection: Collection::ChargeAutomatically,
            payment_method: None,
            awaits_first_payment: false,
            metadata: None,
            start: None,
            anchor_rule: AnchorRule::Clamp,
            zone: None,
            days_until_due: None,
            as_billed: AsBilled::default(),
        }
    }
}

/// What was billed together with a change. What is `None` stays as it was.
#[derive(Debug, Clone, Default)]
pub struct AsBilled {
    pub period: Option<Period>,
    pub anchor: Option<Timestamp>,
    /// All that was billed in advance for time that is not over.
    pub billed: Option<Vec<Billed>>,
    pub invoice: Option<InvoiceId>,
}

impl AsBilled {
    pub(super) fn apply(&self, terms: &mut Terms) {
        terms.period = self.period.or(terms.period);
        terms.anchor = self.anchor.unwrap_or(terms.anchor);
        if let Some(billed) = &self.billed {
            terms.billed.clone_from(billed);
        }
        if let Some(invoice) = &self.invoice {
            terms.latest_invoice = Some(invoice.clone());
        }
    }
}

#[derive(Debug, Clone)]
pub enum SubscriptionCommand {
    // Intents: may be refused.
    Create(Box<NewSubscription>),
    ChangeItems {
        items: Vec<Item>,
        as_billed: AsBilled,
    },
    /// Other items from an instant in the future on; it replaces a change that waits already.
    ScheduleChange {
        at: Timestamp,
        items: Vec<Item>,
    },
    WithdrawChange,
    SetPaymentMethod {
        method: Option<PaymentMethodId>,
    },
    /// Whole, since the domain cannot read it: whoever names single keys has merged them with what it saw.
    SetMetadata {
        metadata: Option<Sealed>,
        seen: Option<Sealed>,
    },
    /// Other boundaries of its periods, from now on or from the end of the running one.
    MoveCycle {
        as_billed: AsBilled,
        cycle_move: CycleMove,
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
        as_billed: AsBilled,
    },
    Resume {
        as_billed: AsBilled,
    },
    PauseCollection(PauseCollection),
    /// Gives a trial, or a longer or shorter one.
    ExtendTrial {
        until: Timestamp,
    },
    ResumeCollection,
    // Facts: recorded, never refused; without effect where the machine has moved on.
    EndTrial {
        as_billed: AsBilled,
    },
    /// The customer was told that the trial ends.
    AnnounceTrialEnd,
    Renew {
        period: Period,
        as_billed: AsBilled,
    },
    /// More was billed for the running period, or something given back of it.
    NoteBilled {
        as_billed: AsBilled,
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
