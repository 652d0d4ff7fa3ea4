//! What does the peer of a rebuild keep of a customer? What Daybook's customer row is made of: the snapshot after the
//! last event, and how many events there were.

use cqrs_es::{EventEnvelope, View};
use domain::customer::{Customer, CustomerSnapshot};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct CustomerView {
    customer: Option<CustomerSnapshot>,
    last_activity: Option<jiff::Timestamp>,
    events: u64,
}

impl View<Customer> for CustomerView {
    fn update(&mut self, event: &EventEnvelope<Customer>) {
        if let Some(after) = &event.payload.after {
            self.customer = Some(after.clone());
        }
        self.last_activity = self.last_activity.max(Some(event.payload.at));
        self.events += 1;
    }
}
