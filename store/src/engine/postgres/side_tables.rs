//! Side tables on PostgreSQL: `LIKE … INCLUDING ALL`, and the swap under a short lock timeout.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Executor, Row as _};

use super::Postgres;
use crate::engine::read_models::{Swap, TAKE_OVER_CHECKPOINT, quoted};
use crate::error::StoreError;
use crate::rows::Written;

/// How often the swap tries for its locks, each time waiting at most `LOCK_TIMEOUT`. In between, the readers that a
/// waiting rename would block go on.
const SWAP_ATTEMPTS: u32 = 100;
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '100ms'";
const PAUSE: Duration = Duration::from_millis(50);

/// Views that read a table. They follow it by identity through a rename, so they are made anew on the new one.
const VIEWS: &str = "SELECT DISTINCT n.nspname::text, v.relname::text, pg_get_viewdef(v.oid)
    FROM pg_depend d
    JOIN pg_rewrite r ON r.oid = d.objid
    JOIN pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'
    JOIN pg_namespace n ON n.oid = v.relnamespace
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = $1::text::regclass AND d.deptype = 'n'";

impl Postgres {
    pub async fn create_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for table in tables {
            let (live, side) = (quoted(table, ""), quoted(table, suffix));
            transaction.execute(format!("DROP TABLE IF EXISTS {side}").as_str()).await?;
            transaction.execute(format!("CREATE TABLE {side} (LIKE {live} INCLUDING ALL)").as_str()).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub async fn swap_side_tables(&self, swap: Swap<'_>) -> Result<Written, StoreError> {
        for _ in 0..SWAP_ATTEMPTS {
            let mut transaction = self.pool.begin().await?;
            match swap_tables(&mut transaction, swap).await {
                Ok(Written::Yes) => {
                    transaction.commit().await?;
                    return Ok(Written::Yes);
                }
                Ok(Written::LostRace) => {
                    transaction.rollback().await?;
                    return Ok(Written::LostRace);
                }
                Err(error) if waited_for_lock(&error) => transaction.rollback().await?,
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(StoreError::Unavailable("the tables are in use; the swap got no lock".to_owned()))
    }

    pub async fn drop_side_tables(&self, tables: &[&str], suffix: &str) -> Result<(), StoreError> {
        for table in tables {
            self.pool.execute(format!("DROP TABLE IF EXISTS {}", quoted(table, suffix)).as_str()).await?;
        }
        Ok(())
    }
}

async fn swap_tables(connection: &mut PgConnection, swap: Swap<'_>) -> Result<Written, sqlx::Error> {
    connection.execute(LOCK_TIMEOUT).await?;
    let taken = sqlx::query(TAKE_OVER_CHECKPOINT).bind(swap.position).bind(swap.name).bind(swap.version);
    if connection.execute(taken).await?.rows_affected() != 1 {
        return Ok(Written::LostRace);
    }
    let old = format!("{}_old", swap.suffix);
    for table in swap.tables {
        let (live, side, old) = (quoted(table, ""), quoted(table, swap.suffix), quoted(table, &old));
        let views = sqlx::query(VIEWS).bind(&live).fetch_all(&mut *connection).await?;
        connection.execute(format!("DROP TABLE IF EXISTS {old}").as_str()).await?;
        connection.execute(format!("ALTER TABLE {live} RENAME TO {old}").as_str()).await?;
        connection.execute(format!("ALTER TABLE {side} RENAME TO {live}").as_str()).await?;
        for view in views {
            let (schema, name, definition): (String, String, String) =
                (view.try_get(0)?, view.try_get(1)?, view.try_get(2)?);
            let view = format!("{}.{}", quoted(&schema, ""), quoted(&name, ""));
            connection.execute(format!("CREATE OR REPLACE VIEW {view} AS {definition}").as_str()).await?;
        }
        connection.execute(format!("DROP TABLE {old}").as_str()).await?;
    }
    Ok(Written::Yes)
}

fn waited_for_lock(error: &sqlx::Error) -> bool {
    // lock_not_available, and deadlock_detected against a reader of several of the tables.
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "55P03" || code == "40P01")
}
