//! What can have happened to a subscription's usage.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{InvoiceId, SubscriptionId};
use crate::money::Currency;
use crate::pricing::Metric;

/// So much was used, at that instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The caller's, by which a repetition is known.
    pub key: String,
    pub metric: Metric,
    pub quantity: u64,
    pub used_at: Timestamp,
    /// What it came to beyond what was used before it, where it was earned as it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accrued: Option<Accrued>,
}

/// Before discounts and with any tax that is in the price; the invoice settles the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accrued {
    pub currency: Currency,
    pub amount_minor: i64,
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
    UsageRecorded {
        recorded: Recorded,
    },
    UsageBilled {
        invoice: InvoiceId,
        until: Timestamp,
    },
    /// The subscription ended without an invoice for what was used; so much of it had been earned.
    UsageDropped {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accrued: Option<Accrued>,
    },
}
