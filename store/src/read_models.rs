//! The write side of read models as projections use it: rows in bulk, checkpoints, leases, side tables (rules P1, P3
//! to P5). What the rows mean is theirs.

use sqlx::Row as _;

use crate::engine::read_models::Swap;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::rows::{CheckpointMove, Lookup, TableWrite, Value, Values, Written};

/// How far a projection is, and whether it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub name: String,
    /// The version of the fold whose tables are live.
    pub version: i64,
    /// Rises with every swap, so that a projector of the old tables cannot move on.
    pub epoch: i64,
    pub position: i64,
    /// `running` or `paused`.
    pub state: String,
    /// Why it is paused.
    pub failure: Option<Failure>,
    /// Who holds the lease; empty for nobody.
    pub owner: String,
    /// Until when, in microseconds.
    pub lease_until: i64,
}

/// The event that a projection could not fold (rule P4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub position: i64,
    pub event_type: String,
    pub reason: String,
}

const CHECKPOINTS: &str = "SELECT name, version, epoch, position, state, failure_position, failure_event_type,
        failure_reason, owner, lease_until
    FROM projection_checkpoints ORDER BY name";
const REGISTER: &str = "INSERT INTO projection_checkpoints (name, version, epoch, position, state, owner, lease_until)
    VALUES ($1, $2, 1, 0, 'running', '', 0) ON CONFLICT (name) DO NOTHING";
const PAUSE: &str = "UPDATE projection_checkpoints
    SET state = 'paused', failure_position = $2, failure_event_type = $3, failure_reason = $4 WHERE name = $1";
const RESUME: &str = "UPDATE projection_checkpoints
    SET state = 'running', failure_position = NULL, failure_event_type = NULL, failure_reason = NULL WHERE name = $1";
const LEASE: &str = "UPDATE projection_checkpoints SET owner = $2, lease_until = $3
    WHERE name = $1 AND (owner = $2 OR owner = '' OR lease_until <= $4)";

impl Ledger {
    /// For each lookup the whole rows with its keys, in any order; keys without a row are left out.
    pub async fn rows_by_keys(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Vec<Values>>, StoreError> {
        if lookups.is_empty() { Ok(Vec::new()) } else { self.0.backend.rows_by_keys(lookups).await }
    }

    /// Moves the checkpoints and writes the rows in one transaction, or does neither.
    pub async fn write_rows(&self, writes: &[TableWrite], moves: &[CheckpointMove]) -> Result<Written, StoreError> {
        self.0.backend.write_rows(writes, moves).await
    }

    pub async fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        let rows = sqlx::query(CHECKPOINTS).fetch_all(self.pool()).await?;
        rows.iter().map(checkpoint).collect()
    }

    /// A projection that is not known yet starts before the first event.
    pub async fn register_checkpoint(&self, name: &str, version: i64) -> Result<(), StoreError> {
        self.0.backend.change(REGISTER, &[text(name), Value::Int(version)]).await.map(|_| ())
    }

    pub async fn pause_checkpoint(&self, name: &str, failure: &Failure) -> Result<(), StoreError> {
        let parameters = [text(name), Value::Int(failure.position), text(&failure.event_type), text(&failure.reason)];
        self.0.backend.change(PAUSE, &parameters).await.map(|_| ())
    }

    pub async fn resume_checkpoint(&self, name: &str) -> Result<(), StoreError> {
        self.0.backend.change(RESUME, &[text(name)]).await.map(|_| ())
    }

    /// Takes or renews the lease of a projection; false while another holds it. It saves work and guards nothing:
    /// the compare-and-swap of the checkpoint does (rule P3).
    pub async fn acquire_lease(&self, name: &str, owner: &str, ttl_ms: i64) -> Result<bool, StoreError> {
        let now = self.clock().micros();
        let until = now.saturating_add(ttl_ms.saturating_mul(1000));
        let parameters = [text(name), text(owner), Value::Int(until), Value::Int(now)];
        Ok(self.0.backend.change(LEASE, &parameters).await? == 1)
    }

    /// Empty tables beside the live ones, with the same columns, keys and indexes. Leftovers of that suffix go first.
    pub async fn create_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        self.0.backend.create_side_tables(tables, suffix).await
    }

    /// Puts side tables in the place of the live ones, in one transaction. `side_position` is how far they are
    /// folded, `version` by which fold; where the live ones are further, the race is lost and nothing changes.
    pub async fn swap_side_tables(
        &self,
        tables: &[&str],
        suffix: &str,
        name: &str,
        version: i64,
        side_position: i64,
    ) -> Result<Written, StoreError> {
        self.0.backend.swap_side_tables(Swap { tables, suffix, name, version, position: side_position }).await
    }

    pub async fn drop_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        self.0.backend.drop_side_tables(tables, suffix).await
    }
}

fn text(text: &str) -> Value {
    // The reason of a failure may quote anything, and PostgreSQL stores no NUL.
    Value::Text(text.replace('\0', ""))
}

fn checkpoint(row: &sqlx::any::AnyRow) -> Result<Checkpoint, StoreError> {
    let failure = match row.try_get::<Option<i64>, _>(5)? {
        None => None,
        Some(position) => Some(Failure {
            position,
            event_type: row.try_get::<Option<String>, _>(6)?.unwrap_or_default(),
            reason: row.try_get::<Option<String>, _>(7)?.unwrap_or_default(),
        }),
    };
    Ok(Checkpoint {
        name: row.try_get(0)?,
        version: row.try_get(1)?,
        epoch: row.try_get(2)?,
        position: row.try_get(3)?,
        state: row.try_get(4)?,
        failure,
        owner: row.try_get(8)?,
        lease_until: row.try_get(9)?,
    })
}
