//! Read-model rows on SQLite: read for all tables in one trip, written by one statement a table and so many rows.

use sqlx::Executor;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::packed::is_too_big;
use super::{Sqlite, Writer};
use crate::engine::read_models::{column_names, on_conflict, quoted};
use crate::error::StoreError;
use crate::rows::{CheckpointMove, Lookup, Table, TableWrite, Value, Values, Written};

/// The compare-and-swap of several checkpoints, which makes projections exactly once (rule P1). It answers those it
/// moved.
const BEGIN_AND_MOVE: &str = "BEGIN IMMEDIATE;
UPDATE projection_checkpoints SET position = m.value ->> 'to' FROM json_each($1) m
WHERE name = m.value ->> 'name' AND epoch = m.value ->> 'epoch' AND position = m.value ->> 'from' RETURNING name";

/// Rows of one statement; what is missing to the next of these is filled with nulls, so that few statements are prepared.
/// Values that are bound cost a fifth of those taken out of JSON.
const SIZES: [usize; 4] = [1, 8, 64, MAX_ROWS];
const MAX_ROWS: usize = 256;

type SqliteQuery<'q> = Query<'q, sqlx::Sqlite, SqliteArguments<'q>>;

impl Sqlite {
    pub async fn rows_by_keys(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Vec<Values>>, StoreError> {
        // One trip for all tables, and all rows of one as one text: the driver hands every row over between threads,
        // which costs more than finding it.
        let statements: String = lookups.iter().map(select).collect();
        let mut query = sqlx::query_scalar::<_, String>(&statements).persistent(false);
        for lookup in lookups {
            query = query.bind(json(lookup.keys)?);
        }
        match query.fetch_all(&self.readers).await {
            Ok(texts) => lookups.iter().zip(texts).map(|(lookup, rows)| unpacked(lookup.table, &rows)).collect(),
            Err(error) if is_too_big(&error) => self.rows_by_parts(lookups).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Rows that are too many, or too large, for one text.
    async fn rows_by_parts(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Vec<Values>>, StoreError> {
        let mut found = Vec::new();
        for lookup in lookups {
            let sql = select(lookup);
            let mut rows = Vec::new();
            let mut parts = vec![lookup.keys];
            while let Some(part) = parts.pop() {
                match sqlx::query_scalar::<_, String>(&sql).bind(json(part)?).fetch_one(&self.readers).await {
                    Ok(text) => rows.extend(unpacked(lookup.table, &text)?),
                    Err(error) if is_too_big(&error) && part.len() > 1 => {
                        let (first, rest) = part.split_at(part.len() / 2);
                        parts.extend([rest, first]);
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            found.push(rows);
        }
        Ok(found)
    }

    pub async fn write_rows(&self, writes: &[TableWrite], moves: &[CheckpointMove]) -> Result<Written, StoreError> {
        let mut connection = self.relaxed_writer().await?;
        connection.open = true;
        let written = connection.write_rows(writes, moves).await;
        if matches!(written, Ok(Written::Yes)) {
            connection.open = false;
        } else {
            connection.rollback().await;
        }
        written
    }

    pub async fn change(&self, sql: &'static str, parameters: &[Value]) -> Result<u64, StoreError> {
        let mut writer = self.writer().await?;
        let mut query = sqlx::query(sql);
        for parameter in parameters {
            query = match parameter {
                Value::Null => query.bind(None::<String>),
                Value::Int(number) => query.bind(*number),
                Value::Text(text) => query.bind(text),
            };
        }
        Ok(writer.connection()?.execute(query).await?.rows_affected())
    }
}

impl Writer {
    async fn write_rows(&mut self, writes: &[TableWrite], moves: &[CheckpointMove]) -> Result<Written, StoreError> {
        let connection = self.connection()?;
        let swapped = connection.fetch_all(sqlx::query(BEGIN_AND_MOVE).bind(json(moves)?)).await?;
        if swapped.len() != moves.len() {
            return Ok(Written::LostRace);
        }
        for write in writes {
            if !write.deletes.is_empty() {
                connection.execute(sqlx::query(&delete(write)).bind(json(&write.deletes)?)).await?;
            }
            for rows in write.upserts.chunks(MAX_ROWS) {
                let sql = upsert(write, rows.len());
                connection.execute(bind_rows(sqlx::query(&sql), write, rows)).await?;
            }
        }
        connection.execute(sqlx::query("COMMIT")).await?;
        Ok(Written::Yes)
    }
}

/// The rows' values, and nulls for those that are not there.
fn bind_rows<'q>(query: SqliteQuery<'q>, write: &TableWrite, rows: &'q [Values]) -> SqliteQuery<'q> {
    let columns = write.table.columns.len();
    let missing = (size(rows.len()) - rows.len()) * columns;
    let query = rows.iter().flatten().fold(query, |query, value| match value {
        Value::Null => query.bind(None::<i64>),
        Value::Int(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.as_str()),
    });
    (0..missing).fold(query, |query, _| query.bind(None::<i64>))
}

/// The smallest size that takes so many rows.
fn size(rows: usize) -> usize {
    SIZES.into_iter().find(|size| rows <= *size).unwrap_or(rows)
}

/// The cross join keeps the keys outermost, so that the primary key is searched for each.
fn select(lookup: &Lookup<'_>) -> String {
    let table = lookup.table;
    let columns = table.columns.iter().map(|column| format!("t.{}", column.name)).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT json_group_array(json_array({columns})) FROM json_each(?) k CROSS JOIN {} t ON {};\n",
        quoted(table.name, lookup.suffix),
        key_matches(table, "t.", "k.value"),
    )
}

fn delete(write: &TableWrite) -> String {
    let name = quoted(write.table.name, &write.suffix);
    let keys = write.table.columns.iter().take(write.table.key_columns).map(|column| column.name).collect::<Vec<_>>();
    let picked = (0..keys.len()).map(|index| format!("value ->> {index}")).collect::<Vec<_>>().join(", ");
    format!("DELETE FROM {name} WHERE ({}) IN (SELECT {picked} FROM json_each(?))", keys.join(", "))
}

fn upsert(write: &TableWrite, rows: usize) -> String {
    let table = &write.table;
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    format!(
        "INSERT INTO {} ({}) SELECT * FROM (VALUES {}) WHERE column1 IS NOT NULL {}",
        quoted(table.name, &write.suffix),
        column_names(table),
        vec![row.as_str(); size(rows)].join(", "),
        on_conflict(table),
    )
}

fn key_matches(table: &Table, prefix: &str, value: &str) -> String {
    let keys = table.columns.iter().take(table.key_columns).enumerate();
    keys.map(|(index, column)| format!("{prefix}{} = {value} ->> {index}", column.name))
        .collect::<Vec<_>>()
        .join(" AND ")
}

fn json(rows: &(impl serde::Serialize + ?Sized)) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::Unstorable(error.to_string()))
}

fn unpacked(table: &Table, rows: &str) -> Result<Vec<Values>, StoreError> {
    serde_json::from_str(rows)
        .map_err(|error| StoreError::Corrupt { place: table.name.to_owned(), reason: error.to_string() })
}
