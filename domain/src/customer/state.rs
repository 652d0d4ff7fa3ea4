//! A customer as its events leave it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::{CustomerChange, CustomerEvent, CustomerSnapshot, PaymentMethod};
use super::patch::Seen;
use crate::id::{CustomerId, PaymentMethodId};
use crate::sealed::BlindIndex;
use crate::stamp::Latest;

/// A payment method with the reports that its present form came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodState {
    pub(super) current: PaymentMethod,
    pub(super) reports: Latest<PaymentMethod>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub(super) id: Option<CustomerId>,
    pub(super) snapshot: Option<CustomerSnapshot>,
    /// The address that was claimed with the last change that a caller made of it. What the processor reports claims
    /// nothing, so the profile may have another by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) claimed_email: Option<BlindIndex>,
    pub(super) mentioned_at: Option<jiff::Timestamp>,
    pub(super) reports: Latest<CustomerSnapshot>,
    pub(super) methods: BTreeMap<PaymentMethodId, MethodState>,
    pub(super) expiring: std::collections::BTreeSet<PaymentMethodId>,
}

impl Customer {
    /// What is known of the customer; `None` before anything is.
    pub fn snapshot(&self) -> Option<&CustomerSnapshot> {
        self.snapshot.as_ref()
    }

    /// What a request to change the customer is made from.
    pub fn seen(&self) -> Seen {
        Seen {
            email_index: self.email_index().cloned(),
            claimed_email: self.claimed_email.clone(),
            metadata: self.snapshot.as_ref().and_then(|snapshot| snapshot.profile.metadata.clone()),
        }
    }

    pub fn methods(&self) -> impl Iterator<Item = &PaymentMethod> {
        self.methods.values().map(|method| &method.current)
    }

    /// Whether it was said that the card expires.
    pub fn announced(&self, id: &PaymentMethodId) -> bool {
        self.expiring.contains(id)
    }

    pub fn method(&self, id: &PaymentMethodId) -> Option<&PaymentMethod> {
        self.methods.get(id).map(|method| &method.current)
    }

    pub(super) fn apply(&mut self, event: &CustomerEvent) {
        self.id = Some(event.customer.clone());
        let shown = self.email_index().cloned();
        if let Some(after) = &event.after {
            self.snapshot = Some(after.clone());
        }
        match &event.change {
            CustomerChange::CustomerCreated {} | CustomerChange::CustomerUpdated {} => {
                self.mentioned_at = None;
                if self.email_index() != shown.as_ref() {
                    self.claimed_email = self.email_index().cloned();
                }
            }
            CustomerChange::CustomerErased {} | CustomerChange::DefaultPaymentMethodChanged {} => {
                self.mentioned_at = None;
            }
            CustomerChange::CustomerMentioned {} => self.mentioned_at = Some(event.at),
            CustomerChange::PaymentMethodAttached { method } | CustomerChange::PaymentMethodDetached { method } => {
                let reports = self.methods.remove(&method.id).map(|known| known.reports).unwrap_or_default();
                self.methods.insert(method.id.clone(), MethodState { current: method.clone(), reports });
            }
            CustomerChange::CustomerReported { stamp, snapshot } => {
                self.mentioned_at = None;
                if let Some(reported) = snapshot.as_ref().or(event.after.as_ref()) {
                    self.reports.absorb(stamp.clone(), reported.clone());
                }
            }
            CustomerChange::PaymentMethodReported { stamp, method, current } => {
                let mut reports = self.methods.remove(&method.id).map(|known| known.reports).unwrap_or_default();
                reports.absorb(stamp.clone(), method.clone());
                self.methods.insert(method.id.clone(), MethodState { current: current.clone(), reports });
            }
            CustomerChange::CardExpiryAnnounced { method } => {
                self.expiring.insert(method.clone());
            }
        }
    }

    fn email_index(&self) -> Option<&BlindIndex> {
        self.snapshot.as_ref().and_then(|snapshot| snapshot.profile.email_index.as_ref())
    }
}
