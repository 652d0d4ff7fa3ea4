//! What a subscription is at one moment: its terms and its place in the status machine.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::id::{CustomerId, InvoiceId, PaymentMethodId};
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::{Discount, Interval, Item};
use crate::proration::Billed;
use crate::sealed::Sealed;
use crate::time::{Anchor, AnchorRule, Period, zone_named};

/// Where a subscription stands, with what only that standing has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Standing {
    Incomplete {},
    IncompleteExpired {
        at: Timestamp,
    },
    Trialing {
        trial: Period,
    },
    Active {},
    PastDue {
        since: Timestamp,
    },
    Unpaid {
        since: Timestamp,
    },
    /// No service and no invoices until resumed; MRR is 0 with reason `pause`.
    Paused {
        since: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumes_at: Option<Timestamp>,
        /// Since when an invoice has gone unpaid, where one has: what the subscription returns to when resumed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        past_due_since: Option<Timestamp>,
    },
    Canceled {
        at: Timestamp,
        reason: CancelReason,
    },
}

/// The bare word for a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Paused,
    Canceled,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
        }
    }

    /// The status named by a word, for rows read back.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Incomplete,
            Self::IncompleteExpired,
            Self::Trialing,
            Self::Active,
            Self::PastDue,
            Self::Unpaid,
            Self::Paused,
            Self::Canceled,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
    }
}

impl Standing {
    pub fn status(&self) -> Status {
        match self {
            Self::Incomplete {} => Status::Incomplete,
            Self::IncompleteExpired { .. } => Status::IncompleteExpired,
            Self::Trialing { .. } => Status::Trialing,
            Self::Active {} => Status::Active,
            Self::PastDue { .. } => Status::PastDue,
            Self::Unpaid { .. } => Status::Unpaid,
            Self::Paused { .. } => Status::Paused,
            Self::Canceled { .. } => Status::Canceled,
        }
    }

    /// Canceled and incomplete_expired have no way out.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Canceled { .. } | Self::IncompleteExpired { .. })
    }
}

/// Why a subscription ended; it decides between voluntary and involuntary churn (revenue.md §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    Requested,
    PaymentFailed,
    PaymentDisputed,
    TrialEndedWithoutPaymentMethod,
    Unknown,
}

impl CancelReason {
    pub fn is_involuntary(self) -> bool {
        match self {
            Self::PaymentFailed | Self::PaymentDisputed => true,
            Self::Requested | Self::TrialEndedWithoutPaymentMethod | Self::Unknown => false,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    #[default]
    ChargeAutomatically,
    SendInvoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseBehavior {
    KeepAsDraft,
    MarkUncollectible,
    Void,
}

/// Stripe's `pause_collection`: a flag beside the status, which keeps status and MRR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseCollection {
    pub behavior: PauseBehavior,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes_at: Option<Timestamp>,
}

/// What was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    pub currency: Currency,
    pub created_at: Timestamp,
    pub started_at: Timestamp,
    /// The instant that all period ends are counted from (decision B4).
    pub anchor: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Period>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    /// When it will end, where that is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub cancel_at_period_end: bool,
    /// When the cancellation was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub collection: Collection,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_collection: Option<PauseCollection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethodId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_invoice: Option<InvoiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Sealed>,
    /// How boundaries follow from the anchor; `None` clamps to short months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_rule: Option<AnchorRule>,
    /// The zone whose wall clock the boundaries keep; `None` is UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What was billed in advance for time that is not over, so that no credit gives back more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub billed: Vec<Billed>,
    /// A change that waits for its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<ScheduledChange>,
    /// The customer was told that the trial ends.
    #[serde(default, skip_serializing_if = "is_default")]
    pub trial_end_announced: bool,
    /// Days a customer has who pays invoices by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_until_due: Option<u16>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub cycle_move: CycleMove,
}

/// What a move of the cycle leaves to the end of the running period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleMove {
    /// What periods count from as soon as the running one is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Timestamp>,
    /// The running period was cut short: what was billed beyond its end is given back with the next invoice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gives_back: bool,
}

impl Terms {
    /// What decides the boundaries of its periods (decision B4).
    pub fn anchor_of_periods(&self) -> Anchor {
        anchor_of(self.anchor, self.anchor_rule.unwrap_or_default(), self.zone.as_deref())
    }

    /// The interval that its items share; `None` where it has none that recur.
    pub fn interval(&self) -> Option<Interval> {
        self.items.iter().find_map(|item| item.price.interval)
    }
}

/// A zone that the binary's database does not know counts as UTC; settings refuse it before.
pub(super) fn anchor_of(instant: Timestamp, rule: AnchorRule, zone: Option<&str>) -> Anchor {
    Anchor { instant, rule, zone: zone_named(zone.unwrap_or("UTC")) }
}

/// Other items from some instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledChange {
    pub at: Timestamp,
    pub items: Vec<Item>,
}

/// A subscription as known after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionSnapshot {
    pub customer: CustomerId,
    #[serde(default, skip_serializing_if = "is_default")]
    pub origin: Origin,
    pub standing: Standing,
    pub terms: Terms,
}
