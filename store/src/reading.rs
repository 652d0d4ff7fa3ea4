//! Reading the log: states of streams, pages of entries. Nothing here writes.

use std::sync::Arc;

use domain::id::TenantId;
use domain::issued::Decider;

use crate::append::Expectation;
use crate::cache::{Folded, StreamKey};
use crate::engine::read::{Filter, Stretch};
use crate::entry::Entry;
use crate::error::StoreError;
use crate::facts::Questions;
use crate::ledger::Ledger;

/// Positions that one filtered page looks at, so that a page costs the same however rare its matches are.
const SCAN_LIMIT: i64 = 10_000;
/// Entries of a stream that are folded at a time when its past is asked for.
const FOLD_PAGE: i64 = 1000;

/// A stream's state and the sequence it stands at; 0 and the default state where there is no stream.
#[derive(Debug, Clone)]
pub struct Loaded<A> {
    pub state: Arc<A>,
    pub sequence: i64,
}

/// A moment of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// With everything up to this position.
    Position(i64),
    /// With everything recorded until then, in microseconds of real time.
    RecordedAt(i64),
    /// With everything booked until then on the tenant's clock: "as reported".
    BookedAt(i64),
    /// With everything that is effective until then, whenever it was learnt.
    EffectiveAt(i64),
}

impl AsOf {
    fn includes(self, entry: &Entry) -> bool {
        match self {
            Self::Position(position) => entry.position <= position,
            Self::RecordedAt(instant) => entry.recorded_at <= instant,
            Self::BookedAt(instant) => entry.booked_at <= instant,
            Self::EffectiveAt(instant) => entry.effective_at <= instant,
        }
    }
}

/// Some entries, and the position to go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub entries: Vec<Entry>,
    pub next: i64,
}

impl Ledger {
    /// A stream's state as the log has it now, whichever process wrote last.
    pub async fn load<A: Decider>(&self, tenant: &TenantId, id: &str) -> Result<Loaded<A>, StoreError> {
        let key = StreamKey::new(A::TYPE, tenant, id);
        let mut folded = self.folded::<A>(&key, &[]).await?;
        let streams = vec![(key.clone(), folded.sequence)];
        let facts = self.0.backend.ask(&Questions { streams, ..Questions::default() }).await?;
        if facts.sequences.first() != Some(&folded.sequence) {
            let behind = Expectation { key: key.clone(), sequence: folded.sequence };
            folded = self.folded::<A>(&key, &[behind]).await?;
        }
        loaded(&key, folded)
    }

    /// A stream's state with at least everything up to a sequence: cheaper than `load` for who reads the log in order
    /// and so will meet whatever came later.
    pub async fn load_since<A: Decider>(
        &self,
        tenant: &TenantId,
        id: &str,
        sequence: i64,
    ) -> Result<Loaded<A>, StoreError> {
        let key = StreamKey::new(A::TYPE, tenant, id);
        let folded = self.folded::<A>(&key, &[]).await?;
        if folded.sequence < sequence { self.load(tenant, id).await } else { loaded(&key, folded) }
    }

    /// A stream's state as of a moment.
    pub async fn load_at<A: Decider>(&self, tenant: &TenantId, id: &str, at: AsOf) -> Result<Loaded<A>, StoreError> {
        let (mut state, mut sequence, mut after) = (A::default(), 0, 0);
        loop {
            let page = self.read_stream(tenant, A::TYPE, id, after, FOLD_PAGE).await?;
            let Some(last) = page.last() else { return Ok(Loaded { state: Arc::new(state), sequence }) };
            after = last.sequence;
            for entry in page.into_iter().filter(|entry| at.includes(entry)) {
                sequence = entry.sequence;
                state.evolve(&decode_entry::<A>(&entry)?);
            }
        }
    }

    /// The log after a position, in order.
    pub async fn read(&self, after: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
        self.0.backend.read(after, limit).await
    }

    /// The events of these aggregate types among the next `limit` positions, in order. For readers of the whole log that
    /// fold a part of it.
    pub async fn read_kinds(&self, after: i64, limit: i64, kinds: &[&str]) -> Result<Stretch, StoreError> {
        self.0.backend.read_kinds(after, after.saturating_add(limit), kinds).await
    }

    /// One stream after a sequence, in order.
    pub async fn read_stream(
        &self,
        tenant: &TenantId,
        aggregate_type: &str,
        id: &str,
        after_sequence: i64,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let stored_id = format!("{tenant}/{id}");
        self.0.backend.read_stream(aggregate_type, &stored_id, after_sequence, limit).await
    }

    /// One tenant's entries after a position, of one type and one stream (aggregate type and id) if named.
    pub async fn read_filtered(
        &self,
        tenant: &TenantId,
        after: i64,
        limit: i64,
        event_type: Option<&str>,
        stream: Option<(&str, &str)>,
    ) -> Result<Page, StoreError> {
        let until = after.saturating_add(SCAN_LIMIT).min(self.head().await?).max(after);
        let stream = stream.map(|(kind, id)| (kind, format!("{tenant}/{id}")));
        let filter = Filter { tenant: tenant.as_str(), after, until, limit, event_type, stream };
        let entries = self.0.backend.read_filtered(&filter).await?;
        let full = i64::try_from(entries.len()).is_ok_and(|found| found >= limit);
        let next = if full { entries.last().map_or(after, |entry| entry.position) } else { until };
        Ok(Page { entries, next })
    }
}

fn loaded<A: Decider>(key: &StreamKey, folded: Folded) -> Result<Loaded<A>, StoreError> {
    let Folded { sequence, state } = folded;
    let state = state
        .downcast()
        .map_err(|_| StoreError::Corrupt { place: key.name(), reason: "the state is of another type".to_owned() })?;
    Ok(Loaded { state, sequence })
}

fn decode_entry<A: Decider>(entry: &Entry) -> Result<A::Event, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt { place: format!("position {}", entry.position), reason };
    if entry.event_version != domain::event::EVENT_VERSION {
        return Err(corrupt(format!("version {} is newer than this build reads", entry.event_version)));
    }
    serde_json::from_str(&entry.payload).map_err(|error| corrupt(error.to_string()))
}
