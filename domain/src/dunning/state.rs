//! A dunning campaign as its events leave it.

use serde::{Deserialize, Serialize};

use super::event::{CampaignSnapshot, DunningEvent};
use crate::id::CampaignId;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dunning {
    pub(super) id: Option<CampaignId>,
    pub(super) snapshot: Option<Box<CampaignSnapshot>>,
}

impl Dunning {
    /// What is known of the campaign; `None` before it opened.
    pub fn snapshot(&self) -> Option<&CampaignSnapshot> {
        self.snapshot.as_deref()
    }

    pub(super) fn apply(&mut self, event: &DunningEvent) {
        self.id = Some(event.campaign.clone());
        self.snapshot = Some(event.after.clone());
    }
}
