//! What can be asked of a subscription's usage.

use jiff::Timestamp;

use crate::id::{InvoiceId, SubscriptionId};
use crate::pricing::Metric;

#[derive(Debug, Clone)]
pub enum UsageCommand {
    /// So much was used; the same key is counted once.
    Record { id: SubscriptionId, key: String, metric: Metric, quantity: u64, used_at: Timestamp },
    /// Everything used before an instant is on an invoice now.
    Bill { invoice: InvoiceId, until: Timestamp },
}
