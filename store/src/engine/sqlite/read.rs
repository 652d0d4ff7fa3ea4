//! Reading the log on SQLite.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use crate::cache::StreamKey;
use crate::engine::read::{EntryWithLeaf, Filter, Predecessor, Stored};
use crate::entry::Entry;
use crate::error::StoreError;

const READ: &str =
    "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type, event_version, event_id,
        payload, metadata, recorded_at, booked_at, effective_at, entry_hash
    FROM events WHERE position > $1 ORDER BY position LIMIT $2";

const READ_WITH_LEAVES: &str = "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type,
        event_version, event_id, payload, metadata, recorded_at, booked_at, effective_at, entry_hash, leaf_hash
    FROM events WHERE position > $1 ORDER BY position LIMIT $2";

const READ_STREAM: &str = "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type, event_version,
        event_id, payload, metadata, recorded_at, booked_at, effective_at, entry_hash
    FROM events WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence LIMIT $4";

const READ_FILTERED: &str =
    "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type, event_version,
        event_id, payload, metadata, recorded_at, booked_at, effective_at, entry_hash
    FROM events
    WHERE position > $1 AND position <= $2 AND tenant = $3 AND ($4 IS NULL OR event_type = $4)
        AND ($5 IS NULL OR (aggregate_type = $5 AND aggregate_id = $6))
    ORDER BY position LIMIT $7";

/// The form sqlite-es selects a stream in, from a sequence on.
const LOAD: &str = "SELECT sequence, event_type, event_version, payload FROM events
    WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence";

const PREDECESSORS: &str = "SELECT i.key, e.position FROM json_each($1) i CROSS JOIN events e
    ON e.aggregate_type = i.value ->> 0 AND e.aggregate_id = i.value ->> 1 AND e.sequence = i.value ->> 2";

impl Sqlite {
    pub async fn read(&self, after: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(READ).bind(after).bind(limit).fetch_all(&self.readers).await?;
        rows.iter().map(entry).collect()
    }

    pub async fn read_with_leaves(&self, after: i64, limit: i64) -> Result<Vec<EntryWithLeaf>, StoreError> {
        let rows = sqlx::query(READ_WITH_LEAVES).bind(after).bind(limit).fetch_all(&self.readers).await?;
        Ok(rows.iter().map(|row| Ok((entry(row)?, row.try_get(14)?))).collect())
    }

    pub async fn read_stream(
        &self,
        kind: &str,
        stored_id: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let query = sqlx::query(READ_STREAM).bind(kind).bind(stored_id).bind(after).bind(limit);
        query.fetch_all(&self.readers).await?.iter().map(entry).collect()
    }

    pub async fn read_filtered(&self, filter: &Filter<'_>) -> Result<Vec<Entry>, StoreError> {
        let query = sqlx::query(READ_FILTERED)
            .bind(filter.after)
            .bind(filter.until)
            .bind(filter.tenant)
            .bind(filter.event_type)
            .bind(filter.stream.as_ref().map(|stream| stream.0))
            .bind(filter.stream.as_ref().map(|stream| stream.1.as_str()))
            .bind(filter.limit);
        query.fetch_all(&self.readers).await?.iter().map(entry).collect()
    }

    pub async fn load(&self, key: &StreamKey, after: i64) -> Result<Vec<Stored>, StoreError> {
        let query = sqlx::query(LOAD).bind(key.kind).bind(key.stored_id.as_ref()).bind(after);
        let rows = query.fetch_all(&self.readers).await?;
        let stored = rows.iter().map(|row| {
            let payload: String = row.try_get(3)?;
            let payload = serde_json::from_str(&payload)
                .map_err(|error| StoreError::Corrupt { place: key.name(), reason: error.to_string() })?;
            Ok(Stored {
                sequence: row.try_get(0)?,
                event_type: row.try_get(1)?,
                event_version: row.try_get(2)?,
                payload,
            })
        });
        stored.collect()
    }

    /// Positions of the events with these stream places, in any order.
    pub async fn predecessors(&self, places: &[(&str, String, i64)]) -> Result<Vec<Predecessor>, StoreError> {
        let json = serde_json::to_string(places).map_err(|error| StoreError::Unstorable(error.to_string()))?;
        let rows = sqlx::query(PREDECESSORS).bind(json).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(Predecessor { place: row.try_get(0)?, position: row.try_get(1)? })).collect()
    }
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let position = row.try_get(0)?;
    let hash: Vec<u8> = row.try_get(13)?;
    crate::engine::read::entry(crate::engine::read::Columns {
        position,
        tenant: row.try_get(1)?,
        aggregate_type: row.try_get(2)?,
        stored_id: row.try_get(3)?,
        sequence: row.try_get(4)?,
        event_type: row.try_get(5)?,
        event_version: row.try_get(6)?,
        event_id: row.try_get(7)?,
        payload: row.try_get(8)?,
        metadata: row.try_get(9)?,
        recorded_at: row.try_get(10)?,
        booked_at: row.try_get(11)?,
        effective_at: row.try_get(12)?,
        entry_hash: &hash,
    })
}
