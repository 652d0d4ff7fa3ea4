//! The batch append on PostgreSQL: lock, ask, insert, commit; four round trips whatever the batch's size (rule L2). Most
//! batches are spared three of them (see `presumed`).

use std::time::Duration;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Executor, PgConnection, PgExecutor, Row as _};

use super::{Appending, Postgres};
use crate::append::text_id;
use crate::batch::{self, Candidate, Plan, Row, Sides};
use crate::cache::StreamKey;
use crate::clock::Clock;
use crate::engine::{Failed, Transacted};
use crate::error::StoreError;
use crate::facts::{Answer, Facts, Head, Questions};
use crate::presumption::Presumption;

/// The longest a batch may take before its connection counts as lost. Longer than every timeout of the server's.
const BATCH_TIMEOUT: Duration = Duration::from_secs(40);

/// One simple-protocol message. The row lock is the head lock.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT position, recorded_at FROM log_head FOR UPDATE";

/// The answers to `Questions`. A stream stands where it is expected if it has that sequence and not the next: two
/// probes of the whole key, which are a third of what a search for the last sequence costs.
const ASK: &str = "
SELECT 0::bigint, s.ord, COALESCE(following.sequence, -1), '', ''
    FROM UNNEST($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS s (kind, id, expected, ord)
    LEFT JOIN events last
        ON last.aggregate_type = s.kind AND last.aggregate_id = s.id AND last.sequence = s.expected
    LEFT JOIN events following
        ON following.aggregate_type = s.kind AND following.aggregate_id = s.id AND following.sequence = s.expected + 1
    WHERE following.sequence IS NOT NULL OR (s.expected > 0 AND last.sequence IS NULL)
UNION ALL
SELECT 1, i.ord, e.position, '', ''
    FROM UNNEST($4::text[]) WITH ORDINALITY AS i (id, ord) JOIN events e ON e.event_id = i.id
UNION ALL
SELECT 2, i.ord, k.position, k.request_hash, k.result
    FROM UNNEST($5::text[], $6::text[]) WITH ORDINALITY AS i (tenant, key, ord)
    JOIN idempotency_keys k ON k.tenant = i.tenant AND k.key = i.key
UNION ALL
SELECT 3, i.ord, 0, c.holder, ''
    FROM UNNEST($7::text[], $8::text[], $9::text[]) WITH ORDINALITY AS i (tenant, kind, name, ord)
    JOIN claims c ON c.tenant = i.tenant AND c.kind = i.kind AND c.name = i.name
UNION ALL
SELECT 4, i.ord, c.value, '', ''
    FROM UNNEST($10::text[], $11::text[]) WITH ORDINALITY AS i (tenant, name, ord)
    JOIN counters c ON c.tenant = i.tenant AND c.name = i.name
UNION ALL
SELECT 5, i.ord, 0, k.wrapped_key, ''
    FROM UNNEST($12::text[], $13::text[]) WITH ORDINALITY AS i (tenant, subject, ord)
    JOIN subject_keys k ON k.tenant = i.tenant AND k.subject = i.subject";

const ASK_STREAMS: &str = "
SELECT 0::bigint, s.ord, COALESCE(following.sequence, -1), '', ''
    FROM UNNEST($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS s (kind, id, expected, ord)
    LEFT JOIN events last
        ON last.aggregate_type = s.kind AND last.aggregate_id = s.id AND last.sequence = s.expected
    LEFT JOIN events following
        ON following.aggregate_type = s.kind AND following.aggregate_id = s.id AND following.sequence = s.expected + 1
    WHERE following.sequence IS NOT NULL OR (s.expected > 0 AND last.sequence IS NULL)";

const ASK_KEYS: &str = "
SELECT 5::bigint, i.ord, 0::bigint, k.wrapped_key, ''
    FROM UNNEST($1::text[], $2::text[]) WITH ORDINALITY AS i (tenant, subject, ord)
    JOIN subject_keys k ON k.tenant = i.tenant AND k.subject = i.subject";

const INSERT: &str = "
WITH head AS (UPDATE log_head SET position = $16, recorded_at = $17)
INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash)
    SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload::json, metadata::json, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash
    FROM UNNEST($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bytea[], $15::bytea[])
    AS e (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash)";

/// A statement of its own, so that a name can be given back and taken anew in one append.
const RELEASE: &str = "
DELETE FROM claims c USING json_array_elements($1::json -> 'releases') r
    WHERE c.tenant = r ->> 0 AND c.kind = r ->> 1 AND c.name = r ->> 2 AND c.holder = r ->> 3";

const WRITE_SIDES: &str = "
WITH sides AS (SELECT $1::json AS all_of_them),
claimed AS (
    INSERT INTO claims (tenant, kind, name, holder, claimed_at)
    SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 3, (v ->> 4)::bigint
    FROM sides, json_array_elements(all_of_them -> 'claims') v
    ON CONFLICT (tenant, kind, name) DO NOTHING),
counted AS (
    INSERT INTO counters (tenant, name, value)
    SELECT v ->> 0, v ->> 1, (v ->> 2)::bigint FROM sides, json_array_elements(all_of_them -> 'counters') v
    ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value),
kept AS (
    INSERT INTO idempotency_keys (tenant, key, request_hash, result, position, created_at)
    SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 3, (v ->> 4)::bigint, (v ->> 5)::bigint
    FROM sides, json_array_elements(all_of_them -> 'idempotency') v),
keyed AS (
    INSERT INTO subject_keys (tenant, subject, wrapped_key, created_at)
    SELECT v ->> 0, v ->> 1, v ->> 2, (v ->> 3)::bigint FROM sides, json_array_elements(all_of_them -> 'keys') v)
INSERT INTO refused_commands
    (refusal_id, tenant, stream, command, code, refusal, actor, request_id, cause, refused_at)
SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 3, v ->> 4, v ->> 5, v ->> 6, v ->> 7, (v ->> 8)::bigint, (v ->> 9)::bigint
    FROM sides, json_array_elements(all_of_them -> 'refused') v
    ON CONFLICT (refusal_id) DO NOTHING";

impl Postgres {
    pub async fn transact(&self, members: &[Candidate<'_>], clock: &Clock) -> Result<Transacted, Failed> {
        let mut appending = self.appender.lock().await;
        let mut connection = match appending.connection.take() {
            Some(connection) => connection,
            None => self.connect_appender().await.map_err(Failed::Before)?,
        };
        let mut committing = false;
        let attempt = attempt(&mut connection, &mut appending, members, clock, &mut committing);
        let error = match tokio::time::timeout(BATCH_TIMEOUT, attempt).await {
            Ok(Ok(transacted)) => {
                appending.connection = Some(connection);
                return Ok(transacted);
            }
            Ok(Err(error)) => error,
            Err(_) => StoreError::Unavailable("the batch took too long".to_owned()),
        };
        // The connection is dropped with whatever it was in; the server ends the transaction.
        appending.presumption = Presumption::default();
        Err(if committing { Failed::AtCommit(error) } else { Failed::Before(error) })
    }

    /// What one caller asks is mostly about streams alone or keys alone; then the statement is that part of `ASK`.
    pub async fn ask(&self, questions: &Questions) -> Result<Facts, StoreError> {
        let Questions { streams, event_ids, idempotency, claims, counters, keys } = questions;
        let others = event_ids.is_empty() && idempotency.is_empty() && claims.is_empty() && counters.is_empty();
        let rows = match (others, streams.is_empty(), keys.is_empty()) {
            (true, true, false) => {
                let query = sqlx::query(ASK_KEYS)
                    .bind(keys.iter().map(|(tenant, _)| tenant.as_str()).collect::<Vec<_>>())
                    .bind(keys.iter().map(|(_, subject)| subject.as_str()).collect::<Vec<_>>());
                query.fetch_all(&self.pool).await?
            }
            (true, false, true) => bind_streams(sqlx::query(ASK_STREAMS), streams).fetch_all(&self.pool).await?,
            (true | false, true | false, true | false) => return ask(&self.pool, questions).await,
        };
        Ok(Facts::assemble(questions, rows.iter().map(answer).collect::<Result<_, _>>()?))
    }

    pub async fn head(&self) -> Result<Head, StoreError> {
        let row = sqlx::query("SELECT position, recorded_at FROM log_head").fetch_one(&self.pool).await?;
        Ok(Head { position: row.try_get(0)?, recorded_at: row.try_get(1)? })
    }
}

async fn attempt(
    connection: &mut PgConnection,
    appending: &mut Appending,
    members: &[Candidate<'_>],
    clock: &Clock,
    committing: &mut bool,
) -> Result<Transacted, StoreError> {
    let asked = batch::ask(members);
    if let Some(transacted) = appending.append_as_presumed(connection, members, &asked, clock, committing).await? {
        return Ok(transacted);
    }
    let row = connection.fetch_one(BEGIN).await?;
    let head = Head { position: row.try_get(0)?, recorded_at: row.try_get(1)? };
    let facts = ask(&mut *connection, &asked.questions).await?;
    let plan = batch::plan(members, &asked, facts, head, clock.micros());
    if plan.writes_nothing() {
        connection.execute("ROLLBACK").await?;
        appending.presumption.know(head);
        return Ok(Transacted { outcomes: plan.outcomes, head });
    }
    write(connection, &plan).await?;
    *committing = true;
    connection.execute("COMMIT").await?;
    appending.presumption.know(plan.head);
    Ok(Transacted { outcomes: plan.outcomes, head: plan.head })
}

async fn ask(executor: impl PgExecutor<'_>, questions: &Questions) -> Result<Facts, StoreError> {
    let streams = &questions.streams;
    let query = bind_streams(sqlx::query(ASK), streams)
        .bind(&questions.event_ids)
        .bind(questions.idempotency.iter().map(|(tenant, _)| tenant.as_str()).collect::<Vec<_>>())
        .bind(questions.idempotency.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>())
        .bind(questions.claims.iter().map(|(tenant, _, _)| tenant.as_str()).collect::<Vec<_>>())
        .bind(questions.claims.iter().map(|(_, kind, _)| kind.as_str()).collect::<Vec<_>>())
        .bind(questions.claims.iter().map(|(_, _, name)| name.as_str()).collect::<Vec<_>>())
        .bind(questions.counters.iter().map(|(tenant, _)| tenant.as_str()).collect::<Vec<_>>())
        .bind(questions.counters.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>())
        .bind(questions.keys.iter().map(|(tenant, _)| tenant.as_str()).collect::<Vec<_>>())
        .bind(questions.keys.iter().map(|(_, subject)| subject.as_str()).collect::<Vec<_>>());
    let rows = query.fetch_all(executor).await?;
    let answers = rows.iter().map(answer).collect::<Result<_, _>>()?;
    Ok(Facts::assemble(questions, answers))
}

fn bind_streams<'q>(query: PostgresQuery<'q>, streams: &'q [(StreamKey, i64)]) -> PostgresQuery<'q> {
    query
        .bind(streams.iter().map(|(key, _)| key.kind).collect::<Vec<_>>())
        .bind(streams.iter().map(|(key, _)| key.stored_id.as_ref()).collect::<Vec<_>>())
        .bind(streams.iter().map(|(_, expected)| *expected).collect::<Vec<_>>())
}

fn answer(row: &PgRow) -> Result<Answer, StoreError> {
    Ok(Answer {
        kind: row.try_get(0)?,
        ord: row.try_get(1)?,
        number: row.try_get(2)?,
        first: row.try_get(3)?,
        second: row.try_get(4)?,
    })
}

async fn write(connection: &mut PgConnection, plan: &Plan<'_>) -> Result<(), StoreError> {
    if !plan.rows.is_empty() {
        insert(connection, &plan.rows, plan.head).await?;
    }
    if plan.sides.is_empty() { Ok(()) } else { write_sides(connection, &plan.sides).await }
}

async fn insert(connection: &mut PgConnection, rows: &[Row<'_>], head: Head) -> Result<(), StoreError> {
    let query = bind_rows(sqlx::query(INSERT), rows).bind(head.position).bind(head.recorded_at);
    query.execute(connection).await?;
    Ok(())
}

pub(super) type PostgresQuery<'q> = Query<'q, sqlx::Postgres, PgArguments>;

/// The rows as one array a column.
pub(super) fn bind_rows<'q>(query: PostgresQuery<'q>, rows: &'q [Row<'_>]) -> PostgresQuery<'q> {
    fn column<'r, T>(rows: &'r [Row<'_>], of: impl Fn(&'r Row<'_>) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    query
        .bind(column(rows, |row| row.draft.key.kind))
        .bind(column(rows, |row| row.draft.key.stored_id.as_ref()))
        .bind(column(rows, |row| row.draft.sequence))
        .bind(column(rows, |row| row.draft.event_type.as_str()))
        .bind(column(rows, |row| row.draft.event_version.as_str()))
        .bind(column(rows, |row| row.draft.payload.as_str()))
        .bind(column(rows, |row| row.draft.metadata.as_ref()))
        .bind(column(rows, |row| row.tenant))
        .bind(column(rows, |row| text_id(row.draft.event_id)))
        .bind(column(rows, |row| row.draft.booked_at))
        .bind(column(rows, |row| row.draft.effective_at))
        .bind(column(rows, |row| row.position))
        .bind(column(rows, |row| row.recorded_at))
        .bind(column(rows, |row| row.entry_hash.as_slice()))
        .bind(column(rows, |row| row.leaf_hash.as_slice()))
}

async fn write_sides(connection: &mut PgConnection, sides: &Sides) -> Result<(), StoreError> {
    let json = serde_json::to_string(sides).map_err(|error| StoreError::Unstorable(error.to_string()))?;
    if !sides.releases.is_empty() {
        sqlx::query(RELEASE).bind(&json).execute(&mut *connection).await?;
    }
    sqlx::query(WRITE_SIDES).bind(&json).execute(connection).await?;
    Ok(())
}
