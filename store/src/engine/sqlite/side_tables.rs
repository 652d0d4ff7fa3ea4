//! Side tables on SQLite: the same DDL under another name, and the swap.

use sqlx::{Executor, Row as _, SqliteConnection};

use super::{Sqlite, Writer};
use crate::engine::read_models::{Swap, TAKE_OVER_CHECKPOINT, quoted};
use crate::error::StoreError;
use crate::rows::Written;

const TABLE_SQL: &str = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = $1";
/// Indexes that come with a key have no SQL of their own.
const INDEXES: &str =
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL ORDER BY name";
const INDEX_EXISTS: &str = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name = $1";

/// Separates a table's or index's name from the suffix of a rebuild.
const SUFFIX_MARK: &str = "__";

impl Sqlite {
    pub async fn create_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        writer.open = true;
        let created = writer.create(tables, suffix).await;
        writer.finish(created).await
    }

    /// Renames in one transaction and drops the old tables afterwards, one at a time, so that the writer is not held
    /// for the length of all of it.
    pub async fn swap_side_tables(&self, swap: Swap<'_>) -> Result<Written, StoreError> {
        let old = format!("{}_old", swap.suffix);
        let written = {
            let mut writer = self.writer().await?;
            // Without this, renaming a table would drag the views that read it along.
            writer.connection()?.execute("PRAGMA legacy_alter_table = ON").await?;
            writer.open = true;
            let swapped = writer.swap(swap, &old).await;
            let lost = matches!(swapped, Ok(Written::LostRace));
            let written = if lost {
                writer.rollback().await;
                Ok(Written::LostRace)
            } else {
                writer.finish(swapped).await
            };
            writer.connection()?.execute("PRAGMA legacy_alter_table = OFF").await?;
            written?
        };
        if written == Written::Yes {
            self.drop_side_tables(swap.tables, &old).await?;
        }
        Ok(written)
    }

    pub async fn drop_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        for table in tables {
            let sql = format!("DROP TABLE IF EXISTS {}", quoted(table, suffix));
            let mut writer = self.writer().await?;
            // Read models hold ciphertext only; overwriting every page of one would hold the writer for long.
            let connection = writer.connection()?;
            connection.execute("PRAGMA secure_delete = OFF").await?;
            let dropped = connection.execute(sql.as_str()).await;
            connection.execute("PRAGMA secure_delete = ON").await?;
            dropped?;
        }
        Ok(())
    }
}

impl Writer {
    /// Commits a success and undoes a failure.
    async fn finish<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if result.is_ok() {
            self.connection()?.execute("COMMIT").await?;
            self.open = false;
        } else {
            self.rollback().await;
        }
        result
    }

    async fn create(&mut self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        let connection = self.connection()?;
        connection.execute("BEGIN IMMEDIATE").await?;
        for table in tables {
            let side = quoted(table, suffix);
            connection.execute(format!("DROP TABLE IF EXISTS {side}").as_str()).await?;
            let row = sqlx::query(TABLE_SQL).bind(*table).fetch_optional(&mut *connection).await?;
            let row = row.ok_or_else(|| StoreError::Database(format!("there is no table {table}")))?;
            let sql: String = row.try_get(0)?;
            connection.execute(format!("CREATE TABLE {side} {}", body(&sql)).as_str()).await?;
            for index in sqlx::query(INDEXES).bind(*table).fetch_all(&mut *connection).await? {
                let (name, sql): (String, String) = (index.try_get(0)?, index.try_get(1)?);
                let name = free_index_name(connection, &name, suffix).await?;
                let unique = if sql.to_ascii_uppercase().starts_with("CREATE UNIQUE") { "UNIQUE " } else { "" };
                let sql = format!("CREATE {unique}INDEX \"{name}\" ON {side} {}", body(&sql));
                connection.execute(sql.as_str()).await?;
            }
        }
        Ok(())
    }

    async fn swap(&mut self, swap: Swap<'_>, old: &str) -> Result<Written, StoreError> {
        let connection = self.connection()?;
        connection.execute("BEGIN IMMEDIATE").await?;
        let taken = sqlx::query(TAKE_OVER_CHECKPOINT).bind(swap.position).bind(swap.name).bind(swap.version);
        if connection.execute(taken).await?.rows_affected() != 1 {
            return Ok(Written::LostRace);
        }
        for table in swap.tables {
            let (live, side, old) = (quoted(table, ""), quoted(table, swap.suffix), quoted(table, old));
            connection.execute(format!("DROP TABLE IF EXISTS {old}").as_str()).await?;
            connection.execute(format!("ALTER TABLE {live} RENAME TO {old}").as_str()).await?;
            connection.execute(format!("ALTER TABLE {side} RENAME TO {live}").as_str()).await?;
        }
        Ok(Written::Yes)
    }
}

/// The definition after the name: from the first parenthesis on.
fn body(sql: &str) -> &str {
    sql.find('(').and_then(|at| sql.get(at..)).unwrap_or_default()
}

/// The index's name with the suffix in place of an earlier rebuild's. The live table may have come from a rebuild of
/// the same suffix, so a taken name gets another underscore.
async fn free_index_name(connection: &mut SqliteConnection, name: &str, suffix: &str) -> Result<String, StoreError> {
    let base = name.rsplit_once(SUFFIX_MARK).map_or(name, |(base, _)| base);
    let mut candidate = format!("{base}{suffix}");
    loop {
        let row = sqlx::query(INDEX_EXISTS).bind(&candidate).fetch_one(&mut *connection).await?;
        if row.try_get::<i64, _>(0)? == 0 {
            return Ok(candidate);
        }
        candidate.push('_');
    }
}
