//! Read-model rows on SQLite: one statement a table, its rows as one JSON parameter.

use sqlx::sqlite::SqliteRow;
use sqlx::{Executor, Row as _, SqliteConnection};

use super::{Sqlite, Writer};
use crate::engine::read_models::{column_names, on_conflict, quoted};
use crate::error::StoreError;
use crate::rows::{CheckpointMove, ColumnType, Table, TableWrite, Value, Values, Written};

/// The compare-and-swap of several checkpoints, which makes projections exactly once (rule P1). It answers those it
/// moved.
const BEGIN_AND_MOVE: &str = "BEGIN IMMEDIATE;
UPDATE projection_checkpoints SET position = m.value ->> 'to' FROM json_each($1) m
WHERE name = m.value ->> 'name' AND epoch = m.value ->> 'epoch' AND position = m.value ->> 'from' RETURNING name";

impl Sqlite {
    pub async fn rows_by_key(&self, table: &Table, suffix: &str, keys: &[Values]) -> Result<Vec<Values>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let columns = table.columns.iter().map(|column| format!("t.{}", column.name)).collect::<Vec<_>>().join(", ");
        // The cross join keeps the keys outermost, so that the primary key is searched for each.
        let sql = format!(
            "SELECT {columns} FROM json_each($1) k CROSS JOIN {} t ON {}",
            quoted(table.name, suffix),
            key_matches(table, "t.", "k.value"),
        );
        let rows = sqlx::query(&sql).bind(json(keys)?).fetch_all(&self.readers).await?;
        rows.iter().map(|row| values(table, row)).collect()
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
            delete(connection, write).await?;
            upsert(connection, write).await?;
        }
        connection.execute(sqlx::query("COMMIT")).await?;
        Ok(Written::Yes)
    }
}

async fn delete(connection: &mut SqliteConnection, write: &TableWrite) -> Result<(), StoreError> {
    if write.deletes.is_empty() {
        return Ok(());
    }
    let name = quoted(write.table.name, &write.suffix);
    let keys = write.table.columns.iter().take(write.table.key_columns).map(|column| column.name).collect::<Vec<_>>();
    let picked = (0..keys.len()).map(|index| format!("value ->> {index}")).collect::<Vec<_>>().join(", ");
    let sql = format!("DELETE FROM {name} WHERE ({}) IN (SELECT {picked} FROM json_each($1))", keys.join(", "));
    connection.execute(sqlx::query(&sql).bind(json(&write.deletes)?)).await?;
    Ok(())
}

async fn upsert(connection: &mut SqliteConnection, write: &TableWrite) -> Result<(), StoreError> {
    if write.upserts.is_empty() {
        return Ok(());
    }
    let table = &write.table;
    let picked = (0..table.columns.len()).map(|index| format!("value ->> {index}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "INSERT INTO {} ({}) SELECT {picked} FROM json_each($1) WHERE true {}",
        quoted(table.name, &write.suffix),
        column_names(table),
        on_conflict(table),
    );
    connection.execute(sqlx::query(&sql).bind(json(&write.upserts)?)).await?;
    Ok(())
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

fn values(table: &Table, row: &SqliteRow) -> Result<Values, StoreError> {
    let values = table.columns.iter().enumerate().map(|(index, column)| {
        // As options: the driver reads NULL as 0 or "" otherwise.
        let value = match column.kind {
            ColumnType::Int => row.try_get::<Option<i64>, _>(index)?.map(Value::Int),
            ColumnType::Text => row.try_get::<Option<String>, _>(index)?.map(Value::Text),
        };
        Ok(value.unwrap_or(Value::Null))
    });
    values.collect()
}
