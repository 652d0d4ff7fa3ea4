//! What each subscription and plan was worth from when to when: the step function that figures at a moment are summed
//! from. Ended subscriptions have no balance; those without MRR have one of zero, so that they can be counted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::{Change, changes, is_terminal};
use super::timeline::Timeline;
use crate::id::{PlanId, SubscriptionId};
use crate::money::Currency;
use crate::subscription::Status;

/// One plan of one subscription during `[effective_from, effective_to)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    pub subscription: SubscriptionId,
    pub plan: PlanId,
    pub currency: Currency,
    pub status: Status,
    pub effective_from: Timestamp,
    pub effective_to: Option<Timestamp>,
    pub mrr_minor: i64,
    pub trial_minor: i64,
    /// The events that began it, and the largest position among them.
    pub event_ids: Vec<String>,
    pub position: i64,
}

impl Balance {
    pub fn holds_at(&self, instant: Timestamp) -> bool {
        self.effective_from <= instant && self.effective_to.is_none_or(|end| instant < end)
    }
}

/// All balances of a timeline, ascending by subscription, plan and instant, none of them empty or twice the same.
pub fn balances(timeline: &Timeline) -> Vec<Balance> {
    let changes = changes(timeline);
    let mut tracks: BTreeMap<&SubscriptionId, Vec<&Change<'_>>> = BTreeMap::new();
    for change in &changes {
        tracks.entry(change.subscription).or_default().push(change);
    }
    tracks.values().flat_map(|track| of_track(track)).collect()
}

fn of_track(track: &[&Change<'_>]) -> Vec<Balance> {
    let mut plans: BTreeMap<&PlanId, Vec<Balance>> = BTreeMap::new();
    for (index, change) in track.iter().enumerate() {
        let effective_to = track.get(index + 1).map(|next| next.at);
        if effective_to == Some(change.at) || is_terminal(change.status) {
            continue;
        }
        for share in &change.figures.by_plan {
            let balance = Balance {
                subscription: change.subscription.clone(),
                plan: share.plan.clone(),
                currency: change.currency,
                status: change.status,
                effective_from: change.at,
                effective_to,
                mrr_minor: share.mrr_minor,
                trial_minor: share.trial_minor,
                event_ids: change.event_ids.iter().map(|event_id| (*event_id).to_owned()).collect(),
                position: change.position,
            };
            let rows = plans.entry(&share.plan).or_default();
            match rows.last_mut().filter(|last| continues(last, &balance)) {
                Some(last) => last.effective_to = effective_to,
                None => rows.push(balance),
            }
        }
    }
    plans.into_values().flatten().collect()
}

fn continues(earlier: &Balance, later: &Balance) -> bool {
    earlier.effective_to == Some(later.effective_from)
        && (earlier.currency, earlier.status, earlier.mrr_minor, earlier.trial_minor)
            == (later.currency, later.status, later.mrr_minor, later.trial_minor)
}
