//! The list of events that Stripe keeps for thirty days, each as it was written, unread.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{StripeClient, StripeError};

/// Events on a page; the most that Stripe gives.
const PAGE: u8 = 100;

/// Which events: those since an instant, from a place in the list on. At most one of the places is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Created at this second or later.
    pub since: Option<Timestamp>,
    /// Those older than this event.
    pub starting_after: Option<String>,
    /// Those newer than this event, the ones next to it.
    pub ending_before: Option<String>,
}

/// A page of events, the newest first.
#[derive(Debug, Clone, Deserialize)]
pub struct EventPage {
    pub data: Vec<Box<RawValue>>,
    #[serde(default)]
    pub has_more: bool,
}

#[derive(Serialize)]
struct Query<'a> {
    limit: u8,
    created: Option<Created>,
    starting_after: Option<&'a str>,
    ending_before: Option<&'a str>,
}

#[derive(Serialize)]
struct Created {
    gte: i64,
}

impl StripeClient {
    pub async fn events(&self, query: &EventQuery) -> Result<EventPage, StripeError> {
        let query = Query {
            limit: PAGE,
            created: query.since.map(|since| Created { gte: since.as_second() }),
            starting_after: query.starting_after.as_deref(),
            ending_before: query.ending_before.as_deref(),
        };
        self.get(&["events"], &query).await
    }
}
