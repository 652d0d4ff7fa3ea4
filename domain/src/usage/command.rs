//! What can be asked of a subscription's usage.

use jiff::Timestamp;

use crate::id::{InvoiceId, SubscriptionId};
use crate::price::Price;
use crate::pricing::Metric;

/// What a metric costs while it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    /// Of every item that is charged by it.
    pub prices: Vec<Price>,
    /// When the period began: what was used before counts by itself.
    pub since: Timestamp,
}

#[derive(Debug, Clone)]
pub enum UsageCommand {
    /// So much was used; the same key is counted once. With `rates` it is earned as it is used.
    Record { id: SubscriptionId, key: String, metric: Metric, quantity: u64, used_at: Timestamp, rates: Option<Rates> },
    /// Everything used before an instant is on an invoice now.
    Bill { invoice: InvoiceId, until: Timestamp },
    /// The subscription has ended and nothing of this will be billed.
    Drop,
}
