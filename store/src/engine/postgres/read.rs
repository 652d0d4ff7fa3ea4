//! Reading the log on PostgreSQL. Streams are loaded through postgres-es itself (rule L5).

use cqrs_es::persist::{PersistedEventRepository, PersistenceError, SerializedEvent};
use domain::account::Account;
use domain::catalogue_entry::CatalogueEntry;
use domain::customer::Customer;
use domain::dunning::Dunning;
use domain::invoice::Invoice;
use domain::issued::Decider;
use domain::payment::Payment;
use domain::payout::Payout;
use domain::processor_call::ProcessorCall;
use domain::sandbox::Sandbox;
use domain::stripe_event::StripeEvent;
use domain::subscription::Subscription;
use domain::tenant_settings::TenantSettings;
use domain::usage::UsageLog;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::Postgres;
use crate::cache::StreamKey;
use crate::engine::read::{EntryWithLeaf, Filter, Predecessor, Stored, Stretch};
use crate::entry::Entry;
use crate::error::StoreError;

const READ: &str =
    "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type, event_version, event_id,
        payload::text, metadata::text, recorded_at, booked_at, effective_at, entry_hash
    FROM events WHERE position > $1 ORDER BY position LIMIT $2";

const READ_KINDS: &str =
    "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type, event_version, event_id,
        payload::text, metadata::text, recorded_at, booked_at, effective_at, entry_hash
    FROM events WHERE position > $1 AND position <= $2 AND aggregate_type = ANY($3) ORDER BY position";

const COUNT_BETWEEN: &str = "SELECT count(*) FROM events WHERE position > $1 AND position <= $2";

const READ_WITH_LEAVES: &str = "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type,
        event_version, event_id, payload::text, metadata::text, recorded_at, booked_at, effective_at, entry_hash,
        leaf_hash
    FROM events WHERE position > $1 ORDER BY position LIMIT $2";

const READ_STREAM: &str = "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type, event_version,
        event_id, payload::text, metadata::text, recorded_at, booked_at, effective_at, entry_hash
    FROM events WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence LIMIT $4";

const READ_FILTERED: &str =
    "SELECT position, tenant, aggregate_type, aggregate_id, sequence, event_type, event_version,
        event_id, payload::text, metadata::text, recorded_at, booked_at, effective_at, entry_hash
    FROM events
    WHERE position > $1 AND position <= $2 AND tenant = $3 AND ($4::text IS NULL OR event_type = $4)
        AND ($5::text IS NULL OR (aggregate_type = $5 AND aggregate_id = $6))
    ORDER BY position LIMIT $7";

const PREDECESSORS: &str = "SELECT i.ord - 1, e.position
    FROM UNNEST($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS i (kind, id, sequence, ord)
    JOIN events e ON e.aggregate_type = i.kind AND e.aggregate_id = i.id AND e.sequence = i.sequence";

impl Postgres {
    pub async fn read(&self, after: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(READ).bind(after).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(entry).collect()
    }

    pub async fn read_kinds(&self, after: i64, until: i64, kinds: &[&str]) -> Result<Stretch, StoreError> {
        // Counted first: what is appended in between is read again with the next stretch.
        let counted = sqlx::query(COUNT_BETWEEN).bind(after).bind(until).fetch_one(&self.pool).await?;
        let present: i64 = counted.try_get(0)?;
        let query = sqlx::query(READ_KINDS).bind(after).bind(after.saturating_add(present).min(until)).bind(kinds);
        let entries = query.fetch_all(&self.pool).await?.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Stretch { entries, present })
    }

    pub async fn read_with_leaves(&self, after: i64, limit: i64) -> Result<Vec<EntryWithLeaf>, StoreError> {
        let rows = sqlx::query(READ_WITH_LEAVES).bind(after).bind(limit).fetch_all(&self.pool).await?;
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
        query.fetch_all(&self.pool).await?.iter().map(entry).collect()
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
        query.fetch_all(&self.pool).await?.iter().map(entry).collect()
    }

    pub async fn load(&self, key: &StreamKey, after: i64) -> Result<Vec<Stored>, StoreError> {
        let from = usize::try_from(after).unwrap_or_default();
        let events = match key.kind {
            <Customer as Decider>::TYPE => self.events::<Customer>(key, from).await,
            <Subscription as Decider>::TYPE => self.events::<Subscription>(key, from).await,
            <Invoice as Decider>::TYPE => self.events::<Invoice>(key, from).await,
            <Payment as Decider>::TYPE => self.events::<Payment>(key, from).await,
            <Dunning as Decider>::TYPE => self.events::<Dunning>(key, from).await,
            <StripeEvent as Decider>::TYPE => self.events::<StripeEvent>(key, from).await,
            <CatalogueEntry as Decider>::TYPE => self.events::<CatalogueEntry>(key, from).await,
            <TenantSettings as Decider>::TYPE => self.events::<TenantSettings>(key, from).await,
            <Account as Decider>::TYPE => self.events::<Account>(key, from).await,
            <UsageLog as Decider>::TYPE => self.events::<UsageLog>(key, from).await,
            <Sandbox as Decider>::TYPE => self.events::<Sandbox>(key, from).await,
            <Payout as Decider>::TYPE => self.events::<Payout>(key, from).await,
            <ProcessorCall as Decider>::TYPE => self.events::<ProcessorCall>(key, from).await,
            unknown => return Err(StoreError::Unstorable(format!("no aggregate type {unknown:?} is known"))),
        };
        Ok(events.map_err(not_loaded)?.into_iter().map(stored).collect())
    }

    async fn events<A: cqrs_es::Aggregate>(
        &self,
        key: &StreamKey,
        after: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        if after == 0 {
            return self.repository.get_events::<A>(&key.stored_id).await;
        }
        self.repository.get_last_events::<A>(&key.stored_id, after).await
    }

    /// Positions of the events with these stream places, in any order.
    pub async fn predecessors(&self, places: &[(&str, String, i64)]) -> Result<Vec<Predecessor>, StoreError> {
        let query = sqlx::query(PREDECESSORS)
            .bind(places.iter().map(|place| place.0).collect::<Vec<_>>())
            .bind(places.iter().map(|place| place.1.as_str()).collect::<Vec<_>>())
            .bind(places.iter().map(|place| place.2).collect::<Vec<_>>());
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(Predecessor { place: row.try_get(0)?, position: row.try_get(1)? })).collect()
    }
}

fn stored(event: SerializedEvent) -> Stored {
    Stored {
        sequence: i64::try_from(event.sequence).unwrap_or_default(),
        event_type: event.event_type,
        event_version: event.event_version,
        payload: event.payload,
    }
}

/// postgres-es tells connection trouble from other trouble only roughly; sqlx's error is within.
fn not_loaded(error: PersistenceError) -> StoreError {
    match error {
        PersistenceError::ConnectionError(error) => StoreError::Unavailable(error.to_string()),
        PersistenceError::OptimisticLockError => StoreError::Database(error.to_string()),
        PersistenceError::DeserializationError(error) => {
            StoreError::Corrupt { place: "events".to_owned(), reason: error.to_string() }
        }
        PersistenceError::UnknownError(error) => match error.downcast_ref::<sqlx::Error>() {
            Some(inner) if !crate::error::is_passing(inner) => StoreError::Database(inner.to_string()),
            Some(_) | None => StoreError::Unavailable(error.to_string()),
        },
    }
}

fn entry(row: &PgRow) -> Result<Entry, StoreError> {
    let position = row.try_get(0)?;
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
        entry_hash: row.try_get(13)?,
    })
}
