//! A subscription's usage as its events leave it: the records that no invoice has yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Accrued, Recorded, UsageChange, UsageEvent};
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

    /// What of the records of a stretch of time that wait for their invoice was earned as they were made.
    pub fn accrued_minor(&self, metric: &Metric, period: Period) -> i64 {
        let of_metric = self.open.values().filter(|recorded| recorded.metric == *metric);
        let within = of_metric.filter(|recorded| period.contains(recorded.used_at));
        within.filter_map(|recorded| recorded.accrued).fold(0, |sum, part| sum.saturating_add(part.amount_minor))
    }

    /// What was earned of all that waits for an invoice.
    pub fn open_accrued(&self) -> Option<Accrued> {
        let parts = || self.open.values().filter_map(|recorded| recorded.accrued);
        let amount_minor = parts().fold(0_i64, |sum, part| sum.saturating_add(part.amount_minor));
        parts().next().filter(|_| amount_minor != 0).map(|first| Accrued { amount_minor, ..first })
    }

    /// How much of a metric waits for its invoice, from an instant on or, where it is late, from before it.
    pub(super) fn quantity_of(&self, metric: &Metric, since: Timestamp, late: bool) -> u64 {
        let of_metric = self.open.values().filter(|recorded| recorded.metric == *metric);
        let alike = of_metric.filter(|recorded| (recorded.used_at < since) == late);
        alike.fold(0, |sum, recorded| sum.saturating_add(recorded.quantity))
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
            UsageChange::UsageDropped { accrued: _ } => self.open.clear(),
            UsageChange::UsageBilled { until, .. } => {
                self.open.retain(|_, recorded| recorded.used_at >= *until);
                self.billed_until = Some(self.billed_until.map_or(*until, |known| known.max(*until)));
            }
        }
    }
}
