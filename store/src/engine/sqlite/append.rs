//! The batch append on SQLite: one trip to the worker thread for up to 64 events where all is as presumed (see
//! `presumption`), two where it has to be asked; one more for each further 64.

use std::sync::LazyLock;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Executor, Row as _, SqliteConnection, SqliteExecutor};

use super::{Sqlite, Writer};
use crate::append::text_id;
use crate::batch::{self, Asked, Candidate, Plan, Row};
use crate::cache::StreamKey;
use crate::clock::Clock;
use crate::engine::{Failed, Transacted};
use crate::error::StoreError;
use crate::facts::{Answer, Facts, Head, Questions};

/// The write lock is the head lock. What follows is one row in the form of the answers.
const BEGIN: &str = "BEGIN IMMEDIATE;
SELECT 9, position, recorded_at, '', '' FROM log_head;
";

/// Where streams stand that do not stand where they are expected. Between these two stand the streams: place, type,
/// id, expected sequence.
const ASK_STREAMS: [&str; 2] = [
    "WITH s (ord, kind, id, expected) AS (VALUES ",
    ") SELECT 0, s.ord, COALESCE((
        SELECT e.sequence FROM events e WHERE e.aggregate_type = s.kind AND e.aggregate_id = s.id
        ORDER BY e.sequence DESC LIMIT 1), 0) AS number, '', ''
    FROM s WHERE number <> s.expected",
];

/// The head goes from one place to another, or its row's constraint refuses.
const BEGIN_FROM: &str = "BEGIN IMMEDIATE;
UPDATE log_head SET only_row = CASE WHEN position = ? AND recorded_at = ? THEN 1 ELSE 0 END,
    position = ?, recorded_at = ?";

/// The answers to the other questions; `$1` is their JSON.
const ASK_OTHERS: &str = "
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

const INSERT_EVENTS: &str =
    "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, tenant,
        event_id, booked_at, effective_at, position, recorded_at, entry_hash, leaf_hash) VALUES ";
const EVENT: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const SET_HEAD_AND_COMMIT: &str = "UPDATE log_head SET position = ?, recorded_at = ?; COMMIT";

/// `$1` is the JSON of `Sides`.
const WRITE_SIDES: &str = "
DELETE FROM claims WHERE (tenant, kind, name, holder) IN (
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each($1, '$.releases'));
INSERT INTO claims (tenant, kind, name, holder, claimed_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1, '$.claims') WHERE true
    ON CONFLICT (tenant, kind, name) DO NOTHING;
INSERT INTO counters (tenant, name, value)
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1, '$.counters') WHERE true
    ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value;
INSERT INTO idempotency_keys (tenant, key, request_hash, result, position, created_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
    FROM json_each($1, '$.idempotency');
INSERT INTO subject_keys (tenant, subject, wrapped_key, created_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each($1, '$.keys');
INSERT INTO refused_commands (refusal_id, tenant, stream, command, code, refusal, actor, request_id, cause, refused_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
        value ->> 8, value ->> 9
    FROM json_each($1, '$.refused') WHERE true
    ON CONFLICT (refusal_id) DO NOTHING";

/// Rows of one statement. Each number of rows up to this is a statement of its own, prepared once: binding costs half
/// of what taking the rows out of one JSON parameter does, and a trip to the worker thread a statement, not a row.
const CHUNK: usize = 64;
/// Rows of the statements for large batches, which would else make a trip for every 64.
const LARGE: [usize; 3] = [512, 256, 128];

/// The statements for 0 to `CHUNK` rows, and for the large numbers.
struct ByRows {
    begin_and_ask: Vec<String>,
    ask: Vec<String>,
    ask_large: Vec<String>,
    insert: Vec<String>,
    insert_large: Vec<String>,
    insert_and_commit: Vec<String>,
    /// From the beginning to the commit, on a presumed head.
    whole: Vec<String>,
}

static BY_ROWS: LazyLock<ByRows> = LazyLock::new(|| {
    let each = |of: &dyn Fn(usize) -> String| (0..=CHUNK).map(of).collect::<Vec<_>>();
    let repeated = |row: &str, rows: usize| vec![row; rows].join(", ");
    let ask = |rows: usize| format!("{}{}{}", ASK_STREAMS[0], repeated("(?, ?, ?, ?)", rows), ASK_STREAMS[1]);
    let insert = |rows: usize| format!("{INSERT_EVENTS}{}", repeated(EVENT, rows));
    ByRows {
        begin_and_ask: each(&|rows| if rows == 0 { BEGIN.to_owned() } else { format!("{BEGIN}{}", ask(rows)) }),
        ask: each(&ask),
        ask_large: LARGE.map(ask).to_vec(),
        insert: each(&insert),
        insert_large: LARGE.map(insert).to_vec(),
        whole: each(&|rows| if rows == 0 { String::new() } else { format!("{BEGIN_FROM}; {}; COMMIT", insert(rows)) }),
        insert_and_commit: each(&|rows| {
            if rows == 0 { SET_HEAD_AND_COMMIT.to_owned() } else { format!("{}; {SET_HEAD_AND_COMMIT}", insert(rows)) }
        }),
    }
});

/// Splits rows into such as there is a statement for, with the place of each piece's first.
fn pieces<T>(rows: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let left = rows.len() - at;
        let size = LARGE.into_iter().find(|size| *size <= left).unwrap_or(left.min(CHUNK));
        let piece = rows.get(at..at + size).filter(|piece| !piece.is_empty())?;
        at += size;
        Some((at - size, piece))
    })
}

/// The statement for so many rows.
fn sized<'s>(small: &'s [String], large: &'s [String], rows: usize) -> &'s str {
    match LARGE.iter().position(|size| *size == rows) {
        Some(index) => for_rows(large, index),
        None => for_rows(small, rows),
    }
}

fn for_rows(statements: &[String], rows: usize) -> &str {
    statements.get(rows).map_or("", String::as_str)
}

type SqliteQuery<'q> = Query<'q, sqlx::Sqlite, SqliteArguments<'q>>;

impl Sqlite {
    pub async fn transact(&self, members: &[Candidate<'_>], clock: &Clock) -> Result<Transacted, Failed> {
        let asked = batch::ask(members);
        let mut writer = self.writer().await.map_err(Failed::Before)?;
        if let Some(transacted) = writer.append_as_presumed(members, &asked, clock).await? {
            return Ok(transacted);
        }
        writer.open = true;
        let (head, facts) = match writer.begin(&asked.questions).await {
            Ok(begun) => begun,
            Err(error) => {
                writer.rollback().await;
                return Err(Failed::Before(error));
            }
        };
        let plan = batch::plan(members, &asked, facts, head, clock.micros());
        if plan.writes_nothing() {
            writer.rollback().await;
            writer.presumption.know(head);
            return Ok(Transacted { outcomes: plan.outcomes, head });
        }
        match writer.write(&plan).await {
            Ok(()) => {
                writer.open = false;
                writer.presumption.know(plan.head);
                Ok(Transacted { outcomes: plan.outcomes, head: plan.head })
            }
            // A transaction that could be undone was not committed.
            Err(error) if writer.rollback().await => Err(Failed::Before(error)),
            Err(error) => Err(Failed::AtCommit(error)),
        }
    }

    pub async fn ask(&self, questions: &Questions) -> Result<Facts, StoreError> {
        let mut answers = Vec::new();
        let mut connection = self.readers.acquire().await?;
        for (first, streams) in pieces(&questions.streams) {
            let query = sqlx::query(sized(&BY_ROWS.ask, &BY_ROWS.ask_large, streams.len()));
            collect(bind_streams(query, first, streams), &mut connection, &mut answers).await?;
        }
        ask_others(&mut connection, questions, &mut answers).await?;
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
    /// Writes the batch if all is as presumed; `None` where it must go the long way and nothing was written.
    async fn append_as_presumed(
        &mut self,
        members: &[Candidate<'_>],
        asked: &Asked<'_>,
        clock: &Clock,
    ) -> Result<Option<Transacted>, Failed> {
        let Some((head, plan)) = self.presumption.plan(members, asked, || clock.micros()) else { return Ok(None) };
        // Beside the events claims are taken only where they are free; that has to be asked.
        if !plan.sides.claims.is_empty() {
            return Ok(None);
        }
        self.open = true;
        let error = match self.write_from(head, &plan).await {
            Ok(()) => {
                self.open = false;
                self.presumption.held(plan.head);
                return Ok(Some(Transacted { outcomes: plan.outcomes, head: plan.head }));
            }
            Err(error) => error,
        };
        self.presumption.failed();
        match (self.rollback().await, error) {
            // The head is another, or something exists: the long way finds out what.
            (true, StoreError::Database(_)) => Ok(None),
            // A transaction that could be undone was not committed.
            (true, error) => Err(Failed::Before(error)),
            (false, error) => Err(Failed::AtCommit(error)),
        }
    }

    /// Writes in a transaction that fails where the head is not the one given.
    async fn write_from(&mut self, head: Head, plan: &Plan<'_>) -> Result<(), StoreError> {
        let (full, last) = plan.rows.split_at(plan.rows.len().saturating_sub(1) / CHUNK * CHUNK);
        let alone = full.is_empty() && plan.sides.is_empty();
        let begin = if alone { for_rows(&BY_ROWS.whole, last.len()) } else { BEGIN_FROM };
        let query = sqlx::query(begin).bind(head.position).bind(head.recorded_at);
        let query = query.bind(plan.head.position).bind(plan.head.recorded_at);
        if alone {
            self.connection()?.execute(last.iter().fold(query, bind_row)).await?;
            return Ok(());
        }
        self.connection()?.execute(query).await?;
        self.write(plan).await
    }

    /// Takes the write lock and asks.
    async fn begin(&mut self, questions: &Questions) -> Result<(Head, Facts), StoreError> {
        let connection = self.connection()?;
        let mut answers = Vec::new();
        let (first, rest) = questions.streams.split_at(questions.streams.len().min(CHUNK));
        let query = sqlx::query(for_rows(&BY_ROWS.begin_and_ask, first.len()));
        collect(bind_streams(query, 0, first), connection, &mut answers).await?;
        for (place, streams) in pieces(rest) {
            let query = sqlx::query(sized(&BY_ROWS.ask, &BY_ROWS.ask_large, streams.len()));
            collect(bind_streams(query, first.len() + place, streams), connection, &mut answers).await?;
        }
        ask_others(connection, questions, &mut answers).await?;
        let mut answers = answers.into_iter();
        let Some(head) = answers.next() else {
            return Err(StoreError::Corrupt { place: "log_head".to_owned(), reason: "has no row".to_owned() });
        };
        let head = Head { position: head.ord, recorded_at: head.number };
        Ok((head, Facts::assemble(questions, answers.collect())))
    }

    async fn write(&mut self, plan: &Plan<'_>) -> Result<(), StoreError> {
        let connection = self.connection()?;
        if !plan.sides.is_empty() {
            let sides = serde_json::to_string(&plan.sides).map_err(|error| unencodable(&error))?;
            connection.execute(sqlx::query(WRITE_SIDES).bind(sides)).await?;
        }
        let (full, last) = plan.rows.split_at(plan.rows.len().saturating_sub(1) / CHUNK * CHUNK);
        for (_, rows) in pieces(full) {
            let query = sqlx::query(sized(&BY_ROWS.insert, &BY_ROWS.insert_large, rows.len()));
            connection.execute(rows.iter().fold(query, bind_row)).await?;
        }
        let query = sqlx::query(for_rows(&BY_ROWS.insert_and_commit, last.len()));
        let query = last.iter().fold(query, bind_row).bind(plan.head.position).bind(plan.head.recorded_at);
        connection.execute(query).await?;
        Ok(())
    }
}

fn bind_streams<'q>(query: SqliteQuery<'q>, place: usize, streams: &'q [(StreamKey, i64)]) -> SqliteQuery<'q> {
    let first = i64::try_from(place).unwrap_or_default() + 1;
    streams.iter().zip(first..).fold(query, |query, ((key, expected), ord)| {
        query.bind(ord).bind(key.kind).bind(key.stored_id.as_ref()).bind(*expected)
    })
}

fn bind_row<'q>(query: SqliteQuery<'q>, row: &'q Row<'_>) -> SqliteQuery<'q> {
    let draft = row.draft.as_ref();
    query
        .bind(draft.key.kind)
        .bind(draft.key.stored_id.as_ref())
        .bind(draft.sequence)
        .bind(draft.event_type.as_str())
        .bind(draft.event_version.as_str())
        .bind(draft.payload.as_str())
        .bind(draft.metadata.as_ref())
        .bind(row.tenant)
        .bind(text_id(draft.event_id))
        .bind(draft.booked_at)
        .bind(draft.effective_at)
        .bind(row.position)
        .bind(row.recorded_at)
        .bind(row.entry_hash.as_slice())
        .bind(row.leaf_hash.as_slice())
}

async fn collect(
    query: SqliteQuery<'_>,
    connection: &mut SqliteConnection,
    answers: &mut Vec<Answer>,
) -> Result<(), StoreError> {
    for row in query.fetch_all(connection).await? {
        answers.push(answer(&row)?);
    }
    Ok(())
}

/// Asks what is not about streams, if anything is.
async fn ask_others(
    connection: &mut SqliteConnection,
    questions: &Questions,
    answers: &mut Vec<Answer>,
) -> Result<(), StoreError> {
    let Questions { streams: _, event_ids, idempotency, claims, counters, keys } = questions;
    let nothing = event_ids.is_empty() && idempotency.is_empty() && claims.is_empty() && counters.is_empty();
    if nothing && keys.is_empty() {
        return Ok(());
    }
    let json = OthersJson { event_ids, idempotency, claims, counters, keys };
    let json = serde_json::to_string(&json).map_err(|error| unencodable(&error))?;
    collect(sqlx::query(ASK_OTHERS).bind(json), connection, answers).await
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
struct OthersJson<'a> {
    event_ids: &'a [String],
    idempotency: &'a [(String, String)],
    claims: &'a [(String, String, String)],
    counters: &'a [(String, String)],
    keys: &'a [(String, String)],
}

fn unencodable(error: &serde_json::Error) -> StoreError {
    StoreError::Unstorable(error.to_string())
}
