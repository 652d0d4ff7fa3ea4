//! The PostgreSQL engine: one connection that appends, a pool for everything else.

mod append;
mod presumed;
mod read;
mod rows;
mod side_tables;

use std::str::FromStr;
use std::time::Duration;

use postgres_es::PostgresEventRepository;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::presumption::Presumption;

/// How long a caller waits for a connection of the pool before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest that connecting may take; a host that drops packets answers nothing at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Settings of the connection that appends. Plans are made once and never scan tables, whatever the statistics say
/// of a table that was empty a minute ago; commits are durable whatever the server's default; a client that died
/// inside a transaction loses the head lock after ten seconds (rule L2).
const APPENDER_SETTINGS: [(&str, &str); 9] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    ("synchronous_commit", "on"),
    ("idle_in_transaction_session_timeout", "10000"),
    ("lock_timeout", "15000"),
    ("statement_timeout", "30000"),
];

/// Settings of the pooled connections. All they run is found by key or position, so the same plan suits every call, and
/// no statistics, least of all those of a table that was empty a minute ago, make scanning a table better. Read models may lose their last moments in a crash of the server, together with
/// the checkpoint that says so, and fold them again; so their commits do not wait for the disk.
const POOL_SETTINGS: [(&str, &str); 8] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    ("synchronous_commit", "off"),
    ("idle_in_transaction_session_timeout", "30000"),
    ("statement_timeout", "120000"),
];

pub struct Postgres {
    options: PgConnectOptions,
    pool: PgPool,
    /// postgres-es's own reader of the `events` table (rule L5).
    repository: PostgresEventRepository,
    appender: Mutex<Appending>,
}

/// What the appender keeps between batches.
#[derive(Default)]
pub(super) struct Appending {
    /// Absent before the first append and after a failure.
    connection: Option<PgConnection>,
    presumption: Presumption,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("pool", &self.pool).finish_non_exhaustive()
    }
}

impl Postgres {
    pub async fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| StoreError::Configuration(format!("database URL: {error}")))?
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.clone().application_name("daybook").options(POOL_SETTINGS))
            .await?;
        migrate(&pool).await?;
        let repository = PostgresEventRepository::new(pool.clone());
        Ok(Self { options, pool, repository, appender: Mutex::default() })
    }

    async fn connect_appender(&self) -> Result<PgConnection, StoreError> {
        let options = self.options.clone().application_name("daybook-appender").options(APPENDER_SETTINGS);
        match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(StoreError::Unavailable("connecting took too long".to_owned())),
        }
    }

    pub async fn close(&self) {
        self.appender.lock().await.connection.take();
        self.pool.close().await;
    }
}

/// sqlx takes an advisory lock, so of several processes one migrates and the others find it done.
async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let migrator = migrations::postgres().await?;
    Ok(migrator.run(pool).await?)
}
