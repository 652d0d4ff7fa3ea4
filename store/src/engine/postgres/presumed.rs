//! The batch append in one round trip, for the usual case that nobody else writes and nothing conflicts.
//!
//! Everything goes as one statement, which is its own transaction and writes only if the head row is the one presumed
//! (see `presumption`).

use sqlx::PgConnection;
use sqlx::error::ErrorKind;

use super::Appending;
use super::append::bind_rows;
use crate::batch::{Asked, Candidate};
use crate::clock::Clock;
use crate::engine::Transacted;
use crate::error::StoreError;

const INSERT: &str = "
WITH head AS (UPDATE log_head SET position = $16, recorded_at = $17
    WHERE position = $18 AND recorded_at = $19 RETURNING position)
INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash)
    SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload::json, metadata::json, tenant,
        event_id, booked_at, effective_at, e.position, recorded_at, entry_hash, leaf_hash
    FROM head, UNNEST($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bytea[], $15::bytea[])
    AS e (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash)";

/// The same with what is written beside the events.
const INSERT_WITH_SIDES: &str = "
WITH head AS (UPDATE log_head SET position = $16, recorded_at = $17
    WHERE position = $18 AND recorded_at = $19 RETURNING position),
sides AS (SELECT $20::json AS all_of_them FROM head),
claimed AS (
    INSERT INTO claims (tenant, kind, name, holder, claimed_at)
    SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 3, (v ->> 4)::bigint
    FROM sides, json_array_elements(all_of_them -> 'claims') v),
kept AS (
    INSERT INTO idempotency_keys (tenant, key, request_hash, result, position, created_at)
    SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 3, (v ->> 4)::bigint, (v ->> 5)::bigint
    FROM sides, json_array_elements(all_of_them -> 'idempotency') v),
keyed AS (
    INSERT INTO subject_keys (tenant, subject, wrapped_key, created_at)
    SELECT v ->> 0, v ->> 1, v ->> 2, (v ->> 3)::bigint FROM sides, json_array_elements(all_of_them -> 'keys') v)
INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash)
    SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload::json, metadata::json, tenant,
        event_id, booked_at, effective_at, e.position, recorded_at, entry_hash, leaf_hash
    FROM head, UNNEST($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bytea[], $15::bytea[])
    AS e (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash)";

impl Appending {
    /// Writes the batch if all is as presumed; `None` where it must go the long way and nothing was written.
    pub(super) async fn append_as_presumed(
        &mut self,
        connection: &mut PgConnection,
        members: &[Candidate<'_>],
        asked: &Asked<'_>,
        clock: &Clock,
        committing: &mut bool,
    ) -> Result<Option<Transacted>, StoreError> {
        let Some((head, plan)) = self.presumption.plan(members, asked, || clock.micros()) else { return Ok(None) };
        let sides = if plan.sides.is_empty() {
            None
        } else {
            Some(serde_json::to_string(&plan.sides).map_err(|error| StoreError::Unstorable(error.to_string()))?)
        };
        let query = sqlx::query(if sides.is_some() { INSERT_WITH_SIDES } else { INSERT });
        let query = bind_rows(query, &plan.rows).bind(plan.head.position).bind(plan.head.recorded_at);
        let query = query.bind(head.position).bind(head.recorded_at);
        let query = if sides.is_some() { query.bind(sides) } else { query };
        // The statement commits itself: from here on an error of the connection leaves the outcome open (rule L3).
        *committing = true;
        let written = match query.execute(connection).await {
            Ok(done) => done.rows_affected() > 0,
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::UniqueViolation => false,
            Err(error) => return Err(error.into()),
        };
        *committing = false;
        if written {
            self.presumption.held(plan.head);
            return Ok(Some(Transacted { outcomes: plan.outcomes, head: plan.head }));
        }
        self.presumption.failed();
        Ok(None)
    }
}
