//! The columns of `events` as an `Entry`, and the shapes of the engines' read statements.

use domain::id::TenantId;
use uuid::Uuid;

use crate::cache::StreamKey;
use crate::engine::Backend;
use crate::entry::Entry;
use crate::error::StoreError;

/// Columns as selected.
#[derive(Debug)]
pub struct Columns<'a> {
    pub position: i64,
    pub tenant: &'a str,
    pub aggregate_type: String,
    pub stored_id: &'a str,
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    pub event_id: &'a str,
    pub payload: String,
    pub metadata: String,
    pub recorded_at: i64,
    pub booked_at: i64,
    pub effective_at: i64,
    pub entry_hash: &'a [u8],
}

/// An entry and its stored leaf hash, or why the row is not one; the rows before it are still to be looked at.
pub type EntryWithLeaf = Result<(Entry, Vec<u8>), StoreError>;

/// An event of a stream as it is folded.
#[derive(Debug)]
pub struct Stored {
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    pub payload: serde_json::Value,
}

#[derive(Debug)]
pub struct Filter<'a> {
    pub tenant: &'a str,
    pub after: i64,
    /// The last position looked at.
    pub until: i64,
    pub limit: i64,
    pub event_type: Option<&'a str>,
    /// Aggregate type and stored id.
    pub stream: Option<(&'a str, String)>,
}

/// The events of some kinds between two positions.
#[derive(Debug)]
pub struct Stretch {
    pub entries: Vec<Entry>,
    /// How many events of any kind there are between them.
    pub present: i64,
}

/// Where an event with the asked sequence stands; `place` is the question's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Predecessor {
    pub place: i64,
    pub position: i64,
}

/// Parses the columns; what cannot be parsed was not written by us.
pub fn entry(columns: Columns<'_>) -> Result<Entry, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt { place: format!("position {}", columns.position), reason };
    let tenant = TenantId::parse(columns.tenant).map_err(|error| corrupt(format!("tenant: {error}")))?;
    let id = columns.stored_id.strip_prefix(columns.tenant).and_then(|rest| rest.strip_prefix('/'));
    let aggregate_id = id.ok_or_else(|| corrupt("the stream's id does not start with its tenant".to_owned()))?;
    let event_id = Uuid::parse_str(columns.event_id).map_err(|error| corrupt(format!("event id: {error}")))?;
    let entry_hash =
        columns.entry_hash.try_into().map_err(|_| corrupt("the entry hash does not have 32 bytes".to_owned()))?;
    Ok(Entry {
        position: columns.position,
        tenant,
        aggregate_type: columns.aggregate_type,
        aggregate_id: aggregate_id.to_owned(),
        sequence: columns.sequence,
        event_type: columns.event_type,
        event_version: columns.event_version,
        event_id,
        payload: columns.payload,
        metadata: columns.metadata,
        recorded_at: columns.recorded_at,
        booked_at: columns.booked_at,
        effective_at: columns.effective_at,
        entry_hash,
    })
}

impl Backend {
    pub async fn read(&self, after: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(after, limit).await,
            Self::Postgres(postgres) => postgres.read(after, limit).await,
        }
    }

    pub async fn read_kinds(&self, after: i64, until: i64, kinds: &[&str]) -> Result<Stretch, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read_kinds(after, until, kinds).await,
            Self::Postgres(postgres) => postgres.read_kinds(after, until, kinds).await,
        }
    }

    pub async fn read_with_leaves(&self, after: i64, limit: i64) -> Result<Vec<EntryWithLeaf>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read_with_leaves(after, limit).await,
            Self::Postgres(postgres) => postgres.read_with_leaves(after, limit).await,
        }
    }

    pub async fn read_stream(
        &self,
        kind: &str,
        stored_id: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read_stream(kind, stored_id, after, limit).await,
            Self::Postgres(postgres) => postgres.read_stream(kind, stored_id, after, limit).await,
        }
    }

    pub async fn read_filtered(&self, filter: &Filter<'_>) -> Result<Vec<Entry>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read_filtered(filter).await,
            Self::Postgres(postgres) => postgres.read_filtered(filter).await,
        }
    }

    /// The events of a stream after a sequence (rule L5).
    pub async fn load(&self, key: &StreamKey, after: i64) -> Result<Vec<Stored>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.load(key, after).await,
            Self::Postgres(postgres) => postgres.load(key, after).await,
        }
    }

    pub async fn predecessors(&self, places: &[(&str, String, i64)]) -> Result<Vec<Predecessor>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.predecessors(places).await,
            Self::Postgres(postgres) => postgres.predecessors(places).await,
        }
    }
}
