//! What can have happened to a subscription's usage.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{InvoiceId, SubscriptionId};
use crate::pricing::Metric;

/// So much was used, at that instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The caller's, by which a repetition is known.
    pub key: String,
    pub metric: Metric,
    pub quantity: u64,
    pub used_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageEvent {
    /// Business time.
    pub at: Timestamp,
    pub subscription: SubscriptionId,
    pub change: UsageChange,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum UsageChange {
    UsageRecorded { recorded: Recorded },
    UsageBilled { invoice: InvoiceId, until: Timestamp },
}
