//! The batch append on SQLite: two trips to the worker thread, the events as one JSON parameter (rule L2).

use std::fmt::Write as _;
use std::sync::LazyLock;

use sqlx::sqlite::SqliteRow;
use sqlx::{Executor, Row as _, SqliteExecutor};

use super::{Sqlite, Writer};
use crate::batch::{self, Candidate, Plan, Row};
use crate::clock::Clock;
use crate::engine::{Failed, Transacted};
use crate::error::StoreError;
use crate::facts::{Answer, Facts, Head, Questions};
use crate::ledger::Engine;

const BEGIN: &str = "BEGIN IMMEDIATE;
SELECT 9, position, recorded_at, '', '' FROM log_head;
";

/// The answers to `Questions`; `$1` is their JSON.
const ASK: &str = "
SELECT 0, s.key + 1, COALESCE((
        SELECT e.sequence FROM events e
        WHERE e.aggregate_type = s.value ->> 0 AND e.aggregate_id = s.value ->> 1
        ORDER BY e.sequence DESC LIMIT 1), 0) AS number, '', ''
    FROM json_each($1, '$.streams') s
    WHERE number <> s.value ->> 2
UNION ALL
SELECT 1, i.key + 1, e.position, '', ''
    FROM json_each($1, '$.event_ids') i CROSS JOIN events e ON e.event_id = i.value
UNION ALL
SELECT 2, i.key + 1, k.position, k.request_hash, k.result
    FROM json_each($1, '$.idempotency') i
    CROSS JOIN idempotency_keys k ON k.tenant = i.value ->> 0 AND k.key = i.value ->> 1
UNION ALL
SELECT 3, i.key + 1, 0, c.holder, ''
    FROM json_each($1, '$.claims') i
    CROSS JOIN claims c ON c.tenant = i.value ->> 0 AND c.kind = i.value ->> 1 AND c.name = i.value ->> 2
UNION ALL
SELECT 4, i.key + 1, c.value, '', ''
    FROM json_each($1, '$.counters') i
    CROSS JOIN counters c ON c.tenant = i.value ->> 0 AND c.name = i.value ->> 1
UNION ALL
SELECT 5, i.key + 1, 0, k.wrapped_key, ''
    FROM json_each($1, '$.keys') i
    CROSS JOIN subject_keys k ON k.tenant = i.value ->> 0 AND k.subject = i.value ->> 1";

/// `$1` is an array of rows, `$2` and `$3` the new head, `$4` the JSON of `Sides`.
const INSERT_EVENTS: &str = "
INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
        value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, unhex(value ->> 13), unhex(value ->> 14)
    FROM json_each($1);
UPDATE log_head SET position = $2, recorded_at = $3;
";

const WRITE_SIDES: &str = "
DELETE FROM claims WHERE (tenant, kind, name, holder) IN (
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each($4, '$.releases'));
INSERT INTO claims (tenant, kind, name, holder, claimed_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($4, '$.claims') WHERE true
    ON CONFLICT (tenant, kind, name) DO NOTHING;
INSERT INTO counters (tenant, name, value)
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($4, '$.counters') WHERE true
    ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value;
INSERT INTO idempotency_keys (tenant, key, request_hash, result, position, created_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
    FROM json_each($4, '$.idempotency');
INSERT INTO subject_keys (tenant, subject, wrapped_key, created_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each($4, '$.keys');
INSERT INTO refused_commands (refusal_id, tenant, stream, command, code, refusal, actor, request_id, cause, refused_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
        value ->> 8, value ->> 9
    FROM json_each($4, '$.refused') WHERE true
    ON CONFLICT (refusal_id) DO NOTHING;
";

static BEGIN_AND_ASK: LazyLock<String> = LazyLock::new(|| format!("{BEGIN}{ASK}"));
static WRITE_EVENTS: LazyLock<String> = LazyLock::new(|| format!("{INSERT_EVENTS}COMMIT"));
static WRITE_EVENTS_AND_SIDES: LazyLock<String> = LazyLock::new(|| format!("{INSERT_EVENTS}{WRITE_SIDES}COMMIT"));

impl Sqlite {
    pub async fn transact(&self, members: &[Candidate<'_>], clock: &Clock) -> Result<Transacted, Failed> {
        let asked = batch::ask(members);
        let json = questions_json(&asked.questions).map_err(Failed::Before)?;
        let mut writer = self.writer().await.map_err(Failed::Before)?;
        writer.open = true;
        let (head, facts) = match writer.begin(&asked.questions, &json).await {
            Ok(begun) => begun,
            Err(error) => {
                writer.rollback().await;
                return Err(Failed::Before(error));
            }
        };
        let plan = batch::plan(members, &asked, facts, head, clock.micros(), Engine::Sqlite);
        if plan.writes_nothing() {
            writer.rollback().await;
            return Ok(Transacted { outcomes: plan.outcomes, head });
        }
        match writer.write(&plan).await {
            Ok(()) => {
                writer.open = false;
                Ok(Transacted { outcomes: plan.outcomes, head: plan.head })
            }
            // A transaction that could be undone was not committed.
            Err(error) if writer.rollback().await => Err(Failed::Before(error)),
            Err(error) => Err(Failed::AtCommit(error)),
        }
    }

    pub async fn ask(&self, questions: &Questions) -> Result<Facts, StoreError> {
        let json = questions_json(questions)?;
        let rows = sqlx::query(ASK).bind(json).fetch_all(&self.readers).await?;
        let answers = rows.iter().map(answer).collect::<Result<_, _>>()?;
        Ok(Facts::assemble(questions, answers))
    }

    pub async fn head(&self) -> Result<Head, StoreError> {
        head(&self.readers).await
    }
}

pub(super) async fn head(executor: impl SqliteExecutor<'_>) -> Result<Head, StoreError> {
    let row = sqlx::query("SELECT position, recorded_at FROM log_head").fetch_one(executor).await?;
    Ok(Head { position: row.try_get(0)?, recorded_at: row.try_get(1)? })
}

impl Writer {
    /// Takes the write lock, which is the head lock, and asks.
    async fn begin(&mut self, questions: &Questions, json: &str) -> Result<(Head, Facts), StoreError> {
        let rows = sqlx::query(&BEGIN_AND_ASK).bind(json).fetch_all(self.connection()?).await?;
        let mut answers = rows.iter().map(answer).collect::<Result<Vec<_>, _>>()?.into_iter();
        let Some(head) = answers.next() else {
            return Err(StoreError::Corrupt { place: "log_head".to_owned(), reason: "has no row".to_owned() });
        };
        let head = Head { position: head.ord, recorded_at: head.number };
        Ok((head, Facts::assemble(questions, answers.collect())))
    }

    async fn write(&mut self, plan: &Plan<'_>) -> Result<(), StoreError> {
        let rows = rows_json(&plan.rows);
        let sql = if plan.sides.is_empty() { &WRITE_EVENTS } else { &WRITE_EVENTS_AND_SIDES };
        let mut query = sqlx::query(sql)
            .bind(rows)
            .bind(plan.head.position)
            .bind(plan.head.recorded_at);
        if !plan.sides.is_empty() {
            query = query.bind(serde_json::to_string(&plan.sides).map_err(|error| unencodable(&error))?);
        }
        self.connection()?.execute(query).await?;
        Ok(())
    }
}

fn answer(row: &SqliteRow) -> Result<Answer, StoreError> {
    Ok(Answer {
        kind: row.try_get(0)?,
        ord: row.try_get(1)?,
        number: row.try_get(2)?,
        first: row.try_get(3)?,
        second: row.try_get(4)?,
    })
}

#[derive(serde::Serialize)]
struct QuestionsJson<'a> {
    streams: Vec<(&'a str, &'a str, i64)>,
    event_ids: &'a [String],
    idempotency: &'a [(String, String)],
    claims: &'a [(String, String, String)],
    counters: &'a [(String, String)],
    keys: &'a [(String, String)],
}

fn questions_json(questions: &Questions) -> Result<String, StoreError> {
    let streams = questions.streams.iter();
    let json = QuestionsJson {
        streams: streams.map(|(key, expected)| (key.kind, key.stored_id.as_ref(), *expected)).collect(),
        event_ids: &questions.event_ids,
        idempotency: &questions.idempotency,
        claims: &questions.claims,
        counters: &questions.counters,
        keys: &questions.keys,
    };
    serde_json::to_string(&json).map_err(|error| unencodable(&error))
}

fn unencodable(error: &serde_json::Error) -> StoreError {
    StoreError::Unstorable(error.to_string())
}

/// The batch as a JSON array of arrays. The drafts come with their columns as JSON; only the place is added here.
fn rows_json(rows: &[Row<'_>]) -> String {
    let size: usize = rows.iter().map(|row| row.draft.json.len() + 200).sum();
    let mut json = String::with_capacity(size + 2);
    json.push('[');
    for (index, row) in rows.iter().enumerate() {
        json.push_str(if index == 0 { "[" } else { ",[" });
        json.push_str(&row.draft.json);
        let (entry, leaf) = (hex::encode(row.entry_hash), hex::encode(row.leaf_hash));
        // Writing to a String cannot fail.
        let _written = write!(json, ",{},{},\"{entry}\",\"{leaf}\"]", row.position, row.recorded_at);
    }
    json.push(']');
    json
}
