//! The choices a tenant has, and the words they are written with.

use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::proration::ProrationMode;
use crate::time::AnchorRule;

/// Until when a customer who does not pay keeps what was bought (decision B1). It maps the status machine and is never
/// a second one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessPolicy {
    /// While dunning runs, as the coaching documents have it.
    #[default]
    KeepWhileDunning,
    /// Until the first failed payment, as the healthcare documents have it.
    SuspendOnFailure,
}

/// What becomes of a subscription when dunning has ended in vain (billing.md §3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DunningExhausted {
    #[default]
    Canceled,
    Unpaid,
    /// It stays as it is.
    PastDue,
}

/// Whose the money of a dispute is while it is open (revenue.md §3.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputePolicy {
    #[default]
    Withhold,
    Stripe,
}

/// In what form a customer is credited for a part of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditAs {
    #[default]
    Line,
    CreditNote,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    #[serde(default, skip_serializing_if = "is_default")]
    pub proration: ProrationMode,
    #[serde(default, skip_serializing_if = "is_default")]
    pub anchor: AnchorRule,
    #[serde(default, skip_serializing_if = "is_default")]
    pub access_policy: AccessPolicy,
    #[serde(default, skip_serializing_if = "is_default")]
    pub dunning_exhausted: DunningExhausted,
    #[serde(default, skip_serializing_if = "is_default")]
    pub dispute_policy: DisputePolicy,
    #[serde(default, skip_serializing_if = "is_default")]
    pub credit_as: CreditAs,
    /// The sandbox tells of all that it does by signed webhooks, as Stripe would (decision B2).
    #[serde(default, skip_serializing_if = "is_default")]
    pub sandbox_webhooks: bool,
}

/// The words of a choice, with what each stands for.
pub(super) type Words<T> = &'static [(&'static str, T)];

pub(super) const ANCHORS: Words<AnchorRule> = &[
    ("clamp", AnchorRule::Clamp),
    ("sticky_end_of_month", AnchorRule::StickyEndOfMonth),
    ("calendar", AnchorRule::Calendar),
];
pub(super) const ACCESS: Words<AccessPolicy> =
    &[("keep_while_dunning", AccessPolicy::KeepWhileDunning), ("suspend_on_failure", AccessPolicy::SuspendOnFailure)];
pub(super) const EXHAUSTED: Words<DunningExhausted> = &[
    ("canceled", DunningExhausted::Canceled),
    ("unpaid", DunningExhausted::Unpaid),
    ("past_due", DunningExhausted::PastDue),
];
pub(super) const DISPUTES: Words<DisputePolicy> =
    &[("withhold", DisputePolicy::Withhold), ("stripe", DisputePolicy::Stripe)];
pub(super) const CREDITS: Words<CreditAs> = &[("line", CreditAs::Line), ("credit_note", CreditAs::CreditNote)];
