//! A subscription's usage as its events leave it: the records that no invoice has yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Recorded, UsageChange, UsageEvent};
use crate::id::SubscriptionId;
use crate::pricing::{Metric, UsageRecord};
use crate::time::Period;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLog {
    pub(super) id: Option<SubscriptionId>,
    /// By key.
    pub(super) open: BTreeMap<String, Recorded>,
    /// What lies before was billed; what comes in later for it is billed with the next period.
    pub(super) billed_until: Option<Timestamp>,
}

impl UsageLog {
    /// What was used of a metric before an instant and is not billed, moved into the period where it came in late.
    pub fn used(&self, metric: &Metric, period: Period) -> Vec<UsageRecord> {
        let of_metric = self.open.values().filter(|recorded| recorded.metric == *metric);
        let due = of_metric.filter(|recorded| recorded.used_at < period.end);
        let mut records: Vec<UsageRecord> = due
            .map(|recorded| UsageRecord { at: recorded.used_at.max(period.start), quantity: recorded.quantity })
            .collect();
        records.sort_by_key(|record| record.at);
        records
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn apply(&mut self, event: &UsageEvent) {
        self.id = Some(event.subscription.clone());
        match &event.change {
            UsageChange::UsageRecorded { recorded } => {
                self.open.insert(recorded.key.clone(), recorded.clone());
            }
            UsageChange::UsageBilled { until, .. } => {
                self.open.retain(|_, recorded| recorded.used_at >= *until);
                self.billed_until = Some(self.billed_until.map_or(*until, |known| known.max(*until)));
            }
        }
    }
}
