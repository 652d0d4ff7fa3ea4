//! Takes in the events that Stripe still keeps and we may have missed, oldest first, each as its webhook would have been
//! taken in. Stripe lists the newest first, so the list is walked down once to find the oldest, and back up; a bookmark
//! says how far up a run that was cut short had come.

mod bookmark;

use std::path::Path;

use domain::id::TenantId;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use store::Ledger;

use self::bookmark::Bookmark;
use super::client::{EventPage, EventQuery, StripeClient, StripeError};
use crate::failure::Failure;
use crate::operations::stripe_events::{MAX_EVENT_BYTES, Recovered, recover_stripe_event};

/// What a run came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Totals {
    pub written: u64,
    /// Those that were there already.
    pub known: u64,
    /// The id and the reason of each event that was not taken.
    pub refused: Vec<(String, String)>,
    /// The event after which an earlier run was gone on with.
    pub resumed_after: Option<String>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Looking for the oldest event; so many are newer.
    Counting { seen: u64 },
    /// The count is unknown where an earlier run is gone on with.
    Taking { done: u64, of: Option<u64> },
}

#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    #[error(transparent)]
    Stripe(#[from] StripeError),
    #[error("the ledger cannot take event {event}: {failure}; run it again, nothing is doubled")]
    Ledger { event: String, failure: Failure },
    #[error("the bookmark {path} cannot be kept: {source}")]
    Bookmark { path: String, source: std::io::Error },
}

/// Where a run is: what is still to be taken from.
struct Place {
    /// The next events, the newest first.
    page: EventPage,
    of: Option<u64>,
}

/// Takes in every event since an instant. `bookmark` is a file that a run which is cut short leaves behind.
pub async fn backfill(
    ledger: &Ledger,
    client: &StripeClient,
    tenant: &TenantId,
    since: Timestamp,
    bookmark: &Path,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Totals, BackfillError> {
    let mut totals = Totals::default();
    let mut place = match resume(client, since, bookmark).await? {
        Some((after, page)) => {
            totals.resumed_after = Some(after);
            Place { page, of: None }
        }
        None => oldest(client, since, progress).await?,
    };
    while let Some(newest) = place.page.data.iter().find_map(|event| id_of(event)) {
        take(ledger, tenant, &place.page, &mut totals).await?;
        Bookmark { since, after: newest.clone() }.keep(bookmark)?;
        progress(Progress::Taking { done: totals.taken(), of: place.of });
        place.page = above(client, since, newest).await?;
    }
    Bookmark::remove(bookmark)?;
    Ok(totals)
}

impl Totals {
    fn taken(&self) -> u64 {
        let refused = u64::try_from(self.refused.len()).unwrap_or(u64::MAX);
        self.written.saturating_add(self.known).saturating_add(refused)
    }
}

/// The page above the bookmark of an earlier run for the same events. Where Stripe has forgotten that event, there is
/// nothing to go on from.
async fn resume(
    client: &StripeClient,
    since: Timestamp,
    bookmark: &Path,
) -> Result<Option<(String, EventPage)>, BackfillError> {
    let Some(kept) = Bookmark::find(bookmark)?.filter(|kept| kept.since == since) else { return Ok(None) };
    match above(client, since, kept.after.clone()).await {
        Ok(page) => Ok(Some((kept.after, page))),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn above(client: &StripeClient, since: Timestamp, event: String) -> Result<EventPage, StripeError> {
    client.events(&EventQuery { since: Some(since), ending_before: Some(event), ..EventQuery::default() }).await
}

/// The last page of the list, which has the oldest events.
async fn oldest(
    client: &StripeClient,
    since: Timestamp,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Place, StripeError> {
    let mut seen = 0_u64;
    let mut query = EventQuery { since: Some(since), ..EventQuery::default() };
    loop {
        let page = client.events(&query).await?;
        seen = seen.saturating_add(u64::try_from(page.data.len()).unwrap_or(u64::MAX));
        progress(Progress::Counting { seen });
        let last = page.data.iter().rev().find_map(|event| id_of(event));
        match last {
            Some(last) if page.has_more => query.starting_after = Some(last),
            Some(_) | None => return Ok(Place { page, of: Some(seen) }),
        }
    }
}

/// Takes in a page, one event after the other, the oldest first: a page takes Stripe longer than it takes us. What cannot be an event is left out and told, as a webhook would be refused.
async fn take(ledger: &Ledger, tenant: &TenantId, page: &EventPage, totals: &mut Totals) -> Result<(), BackfillError> {
    for event in page.data.iter().rev() {
        let name = || id_of(event).unwrap_or_else(|| "without an id".to_owned());
        match take_one(ledger, tenant, event.get()).await {
            Ok(Recovered::New) => totals.written = totals.written.saturating_add(1),
            Ok(Recovered::Known) => totals.known = totals.known.saturating_add(1),
            Err(failure @ (Failure::Unavailable | Failure::Internal { .. })) => {
                return Err(BackfillError::Ledger { event: name(), failure });
            }
            Err(failure) => totals.refused.push((name(), failure.to_string())),
        }
    }
    Ok(())
}

async fn take_one(ledger: &Ledger, tenant: &TenantId, body: &str) -> Result<Recovered, Failure> {
    if body.len() > MAX_EVENT_BYTES {
        return Err(Failure::TooLarge { limit_bytes: MAX_EVENT_BYTES });
    }
    recover_stripe_event(ledger, tenant, body.as_bytes()).await
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

fn id_of(event: &RawValue) -> Option<String> {
    serde_json::from_str::<Named>(event.get()).ok().map(|named| named.id)
}
