//! What can have happened to a payout.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Currency;
use crate::stamp::Stamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    Pending,
    InTransit,
    Paid,
    /// It came back; it may have been paid before.
    Failed,
    Canceled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutReport {
    /// `po_…`.
    pub id: String,
    pub status: PayoutStatus,
    /// Below zero where the processor took money from the bank.
    pub amount_minor: i64,
    pub currency: Currency,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrives_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutEvent {
    /// Business time.
    pub at: Timestamp,
    pub change: PayoutChange,
    /// The payout after the event; `None` where the event left it as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<PayoutReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayoutChange {
    PayoutReported { stamp: Stamp, payout: PayoutReport },
}
