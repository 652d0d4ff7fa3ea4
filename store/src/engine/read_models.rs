//! Rows of read models, written and read in bulk: which engine does it.

use crate::engine::Backend;
use crate::error::StoreError;
use crate::rows::{CheckpointMove, Lookup, Table, TableWrite, Value, Values, Written};

/// A projection whose side tables become the live ones.
#[derive(Debug, Clone, Copy)]
pub struct Swap<'a> {
    pub tables: &'a [&'a str],
    pub suffix: &'a str,
    pub name: &'a str,
    /// The version of the fold that filled the side tables.
    pub version: i64,
    /// How far the side tables are folded.
    pub position: i64,
}

/// Locks the checkpoint by writing to it, and refuses where the live fold is further.
pub const TAKE_OVER_CHECKPOINT: &str = "UPDATE projection_checkpoints
    SET position = $1, epoch = epoch + 1, version = $3, state = 'running', failure_position = NULL,
        failure_event_type = NULL, failure_reason = NULL
    WHERE name = $2 AND position <= $1";

impl Backend {
    pub async fn rows_by_keys(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Vec<Values>>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.rows_by_keys(lookups).await,
            Self::Postgres(postgres) => postgres.rows_by_keys(lookups).await,
        }
    }

    pub async fn write_rows(&self, writes: &[TableWrite], moves: &[CheckpointMove]) -> Result<Written, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write_rows(writes, moves).await,
            Self::Postgres(postgres) => postgres.write_rows(writes, moves).await,
        }
    }

    /// One small statement on the writing side, in SQL that both engines understand; answers the rows it touched.
    pub async fn change(&self, sql: &'static str, parameters: &[Value]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.change(sql, parameters).await,
            Self::Postgres(postgres) => postgres.change(sql, parameters).await,
        }
    }

    pub async fn create_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.create_side_tables(tables, suffix).await,
            Self::Postgres(postgres) => postgres.create_side_tables(tables, suffix).await,
        }
    }

    pub async fn swap_side_tables(&self, swap: Swap<'_>) -> Result<Written, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.swap_side_tables(swap).await,
            Self::Postgres(postgres) => postgres.swap_side_tables(swap).await,
        }
    }

    pub async fn drop_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.drop_side_tables(tables, suffix).await,
            Self::Postgres(postgres) => postgres.drop_side_tables(tables, suffix).await,
        }
    }
}

/// `"name"`, so that a table's name is never more than a name.
pub fn quoted(table: &str, suffix: &str) -> String {
    format!("\"{}{}\"", table.replace('"', ""), suffix.replace('"', ""))
}

/// The columns, joined by commas.
pub fn column_names(table: &Table) -> String {
    table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// The clause by which an insert becomes an update of the row with that key.
pub fn on_conflict(table: &Table) -> String {
    let (keys, others) = table.columns.split_at(table.key_columns.min(table.columns.len()));
    let keys = keys.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    if others.is_empty() {
        return format!("ON CONFLICT ({keys}) DO NOTHING");
    }
    let sets = others.iter().map(|column| format!("{0} = excluded.{0}", column.name)).collect::<Vec<_>>().join(", ");
    format!("ON CONFLICT ({keys}) DO UPDATE SET {sets}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Column, ColumnType};

    #[test]
    fn a_table_of_keys_alone_has_nothing_to_update() {
        const KEY: Column = Column { name: "id", kind: ColumnType::Text };
        const COUNT: Column = Column { name: "n", kind: ColumnType::Int };
        let of = |columns| on_conflict(&Table { name: "t", columns, key_columns: 1 });
        assert_eq!(of(&[KEY]), "ON CONFLICT (id) DO NOTHING");
        assert_eq!(of(&[KEY, COUNT]), "ON CONFLICT (id) DO UPDATE SET n = excluded.n");
        assert_eq!(quoted("a\"b", "__r1"), "\"ab__r1\"");
    }
}
