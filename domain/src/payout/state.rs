//! A payout as its events leave it.

use serde::{Deserialize, Serialize};

use super::event::{PayoutChange, PayoutEvent, PayoutReport};
use crate::stamp::Latest;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    pub(super) reports: Latest<PayoutReport>,
}

impl Payout {
    /// The payout as the newest report has it; `None` before there is one.
    pub fn current(&self) -> Option<&PayoutReport> {
        self.reports.current()
    }

    pub(super) fn apply(&mut self, event: &PayoutEvent) {
        match &event.change {
            PayoutChange::PayoutReported { stamp, payout } => {
                self.reports.absorb(stamp.clone(), payout.clone());
            }
        }
    }
}
