//! Read-model rows on PostgreSQL: one statement a table, its columns as arrays.

use futures::future::try_join_all;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Executor, Row as _};

use super::Postgres;
use crate::engine::read_models::{column_names, on_conflict, quoted};
use crate::error::StoreError;
use crate::rows::{CheckpointMove, Column, ColumnType, Lookup, Table, TableWrite, Value, Values, Written};

type PgQuery<'q> = Query<'q, sqlx::Postgres, PgArguments>;

/// The compare-and-swap of several checkpoints, which makes projections exactly once (rule P1).
const MOVE_CHECKPOINTS: &str = "UPDATE projection_checkpoints p SET position = m.target
    FROM UNNEST($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS m (name, epoch, origin, target)
    WHERE p.name = m.name AND p.epoch = m.epoch AND p.position = m.origin";

/// A plan that is kept was made when the table was nearly empty, where one index is as good as another: it would go on
/// reading a whole tenant for every key. Planning costs a fraction of a millisecond a batch.
const PLANNED_ANEW: bool = false;

/// Tables looked at together: requests want connections, too.
const AT_ONCE: usize = 4;

impl Postgres {
    /// Several tables at once, each on a connection of its own.
    pub async fn rows_by_keys(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Vec<Values>>, StoreError> {
        let mut found = Vec::with_capacity(lookups.len());
        for some in lookups.chunks(AT_ONCE) {
            found.extend(try_join_all(some.iter().map(|lookup| self.rows_by_key(lookup))).await?);
        }
        Ok(found)
    }

    async fn rows_by_key(&self, Lookup { table, suffix, keys }: &Lookup<'_>) -> Result<Vec<Values>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let columns = table.columns.iter().map(|column| format!("t.{}", column.name)).collect::<Vec<_>>().join(", ");
        let key_columns = key_columns(table);
        let sql = format!(
            "SELECT {columns} FROM {} AS k ({}) JOIN {} t ON {}",
            unnest(key_columns),
            key_aliases(key_columns),
            quoted(table.name, suffix),
            key_matches(key_columns),
        );
        let query = bind_columns(sqlx::query(&sql), key_columns, keys)?.persistent(PLANNED_ANEW);
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| values(table, row)).collect()
    }

    pub async fn write_rows(&self, writes: &[TableWrite], moves: &[CheckpointMove]) -> Result<Written, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let query = sqlx::query(MOVE_CHECKPOINTS)
            .bind(moves.iter().map(|step| step.name.as_str()).collect::<Vec<_>>())
            .bind(moves.iter().map(|step| step.epoch).collect::<Vec<_>>())
            .bind(moves.iter().map(|step| step.from).collect::<Vec<_>>())
            .bind(moves.iter().map(|step| step.to).collect::<Vec<_>>());
        let swapped = transaction.execute(query).await?.rows_affected();
        if usize::try_from(swapped) != Ok(moves.len()) {
            transaction.rollback().await?;
            return Ok(Written::LostRace);
        }
        for write in writes {
            delete(&mut transaction, write).await?;
            upsert(&mut transaction, write).await?;
        }
        transaction.commit().await?;
        Ok(Written::Yes)
    }

    pub async fn change(&self, sql: &'static str, parameters: &[Value]) -> Result<u64, StoreError> {
        let mut query = sqlx::query(sql);
        for parameter in parameters {
            query = match parameter {
                Value::Null => query.bind(None::<String>),
                Value::Int(number) => query.bind(*number),
                Value::Text(text) => query.bind(text),
            };
        }
        Ok(self.pool.execute(query).await?.rows_affected())
    }
}

async fn delete(connection: &mut PgConnection, write: &TableWrite) -> Result<(), StoreError> {
    if write.deletes.is_empty() {
        return Ok(());
    }
    let keys = key_columns(&write.table);
    let sql = format!(
        "DELETE FROM {} t USING {} AS k ({}) WHERE {}",
        quoted(write.table.name, &write.suffix),
        unnest(keys),
        key_aliases(keys),
        key_matches(keys),
    );
    bind_columns(sqlx::query(&sql), keys, &write.deletes)?.persistent(PLANNED_ANEW).execute(connection).await?;
    Ok(())
}

async fn upsert(connection: &mut PgConnection, write: &TableWrite) -> Result<(), StoreError> {
    if write.upserts.is_empty() {
        return Ok(());
    }
    let table = &write.table;
    let sql = format!(
        "INSERT INTO {} ({columns}) SELECT {columns} FROM {} AS rows ({columns}) {}",
        quoted(table.name, &write.suffix),
        unnest(table.columns),
        on_conflict(table),
        columns = column_names(table),
    );
    bind_columns(sqlx::query(&sql), table.columns, &write.upserts)?.execute(connection).await?;
    Ok(())
}

fn key_columns(table: &Table) -> &'static [Column] {
    table.columns.get(..table.key_columns).unwrap_or_default()
}

fn unnest(columns: &[Column]) -> String {
    let arrays = columns.iter().enumerate().map(|(index, column)| {
        let kind = match column.kind {
            ColumnType::Int => "bigint",
            ColumnType::Text => "text",
        };
        format!("${}::{kind}[]", index + 1)
    });
    format!("UNNEST({})", arrays.collect::<Vec<_>>().join(", "))
}

fn key_aliases(keys: &[Column]) -> String {
    (0..keys.len()).map(|index| format!("k{index}")).collect::<Vec<_>>().join(", ")
}

fn key_matches(keys: &[Column]) -> String {
    let matches = keys.iter().enumerate().map(|(index, column)| format!("t.{} = k.k{index}", column.name));
    matches.collect::<Vec<_>>().join(" AND ")
}

fn bind_columns<'q>(mut query: PgQuery<'q>, columns: &[Column], rows: &'q [Values]) -> Result<PgQuery<'q>, StoreError> {
    for (index, column) in columns.iter().enumerate() {
        let misfit = || StoreError::Unstorable(format!("a value does not fit the column {}", column.name));
        let cells = rows.iter().map(|row| row.get(index));
        query = match column.kind {
            ColumnType::Int => {
                let cells = cells.map(|cell| match cell {
                    Some(Value::Int(number)) => Ok(Some(*number)),
                    Some(Value::Null) => Ok(None),
                    Some(Value::Text(_)) | None => Err(misfit()),
                });
                query.bind(cells.collect::<Result<Vec<Option<i64>>, _>>()?)
            }
            ColumnType::Text => {
                let cells = cells.map(|cell| match cell {
                    Some(Value::Text(text)) => Ok(Some(text.as_str())),
                    Some(Value::Null) => Ok(None),
                    Some(Value::Int(_)) | None => Err(misfit()),
                });
                query.bind(cells.collect::<Result<Vec<Option<&str>>, _>>()?)
            }
        };
    }
    Ok(query)
}

fn values(table: &Table, row: &PgRow) -> Result<Values, StoreError> {
    let values = table.columns.iter().enumerate().map(|(index, column)| {
        let value = match column.kind {
            ColumnType::Int => row.try_get::<Option<i64>, _>(index)?.map(Value::Int),
            ColumnType::Text => row.try_get::<Option<String>, _>(index)?.map(Value::Text),
        };
        Ok(value.unwrap_or(Value::Null))
    });
    values.collect()
}
