//! A customer's account as its events leave it.

use serde::{Deserialize, Serialize};

use super::event::{AccountEvent, AccountSnapshot};
use crate::id::CustomerId;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub(super) id: Option<CustomerId>,
    pub(super) snapshot: AccountSnapshot,
}

impl Account {
    /// What is known of the account; an empty one where nothing ever happened.
    pub fn snapshot(&self) -> &AccountSnapshot {
        &self.snapshot
    }

    pub(super) fn apply(&mut self, event: &AccountEvent) {
        self.id = Some(event.customer.clone());
        self.snapshot = event.after.clone();
    }
}
