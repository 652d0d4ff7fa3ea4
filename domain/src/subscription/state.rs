//! A subscription as its events leave it.

use serde::{Deserialize, Serialize};

use super::event::{SubscriptionChange, SubscriptionEvent};
use super::terms::{Standing, SubscriptionSnapshot};
use crate::id::SubscriptionId;
use crate::refusal::Refusal;
use crate::stamp::Latest;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub(super) id: Option<SubscriptionId>,
    pub(super) snapshot: Option<Box<SubscriptionSnapshot>>,
    pub(super) reports: Latest<Box<SubscriptionSnapshot>>,
}

impl Subscription {
    /// What is known of the subscription; `None` before anything is.
    pub fn snapshot(&self) -> Option<&SubscriptionSnapshot> {
        self.snapshot.as_deref()
    }

    pub(super) fn apply(&mut self, event: &SubscriptionEvent) {
        self.id = Some(event.subscription.clone());
        if let Some(after) = &event.after {
            self.snapshot = Some(after.clone());
        }
        match &event.change {
            SubscriptionChange::SubscriptionReported { stamp, snapshot } => {
                if let Some(reported) = snapshot.as_ref().or(event.after.as_ref()) {
                    self.reports.absorb(stamp.clone(), reported.clone());
                }
            }
            SubscriptionChange::SubscriptionCreated {}
            | SubscriptionChange::SubscriptionActivated { .. }
            | SubscriptionChange::SubscriptionRenewed {}
            | SubscriptionChange::SubscriptionTrialExtended {}
            | SubscriptionChange::SubscriptionItemsChanged {}
            | SubscriptionChange::SubscriptionChangeScheduled {}
            | SubscriptionChange::SubscriptionChangeWithdrawn {}
            | SubscriptionChange::SubscriptionPaymentMethodChanged {}
            | SubscriptionChange::SubscriptionMetadataChanged {}
            | SubscriptionChange::SubscriptionCycleMoved {}
            | SubscriptionChange::SubscriptionTrialEndAnnounced {}
            | SubscriptionChange::SubscriptionBilled {}
            | SubscriptionChange::SubscriptionDiscountApplied { .. }
            | SubscriptionChange::SubscriptionDiscountEnded { .. }
            | SubscriptionChange::SubscriptionCancellationScheduled { .. }
            | SubscriptionChange::SubscriptionCancellationWithdrawn {}
            | SubscriptionChange::SubscriptionCanceled { .. }
            | SubscriptionChange::SubscriptionPaused { .. }
            | SubscriptionChange::SubscriptionResumed {}
            | SubscriptionChange::SubscriptionCollectionPaused {}
            | SubscriptionChange::SubscriptionCollectionResumed {}
            | SubscriptionChange::SubscriptionPastDue { .. }
            | SubscriptionChange::SubscriptionArrearsSettled { .. }
            | SubscriptionChange::SubscriptionUnpaid { .. }
            | SubscriptionChange::SubscriptionExpiredIncomplete {} => {}
        }
    }

    /// The subscription, or the refusal that it does not exist.
    pub(super) fn existing(&self) -> Result<(&SubscriptionId, &SubscriptionSnapshot), Refusal> {
        match (&self.id, self.snapshot.as_deref()) {
            (Some(id), Some(snapshot)) => Ok((id, snapshot)),
            (None, _) | (_, None) => Err(Refusal::not_found("subscription")),
        }
    }

    /// The subscription, where it has not ended for good.
    pub(super) fn living(&self, action: &str) -> Result<(&SubscriptionId, &SubscriptionSnapshot), Refusal> {
        let (id, snapshot) = self.existing()?;
        if snapshot.standing.is_terminal() {
            return Err(illegal(&snapshot.standing, action));
        }
        Ok((id, snapshot))
    }

    /// The subscription, where its terms may change: one that awaits its first payment keeps them (billing.md §3.1).
    pub(super) fn changeable(&self, action: &str) -> Result<(&SubscriptionId, &SubscriptionSnapshot), Refusal> {
        let (id, snapshot) = self.living(action)?;
        if matches!(snapshot.standing, Standing::Incomplete {}) {
            return Err(illegal(&snapshot.standing, action));
        }
        Ok((id, snapshot))
    }
}

pub(super) fn illegal(standing: &Standing, action: &str) -> Refusal {
    Refusal::illegal("a subscription", standing.status().as_str(), action)
}
