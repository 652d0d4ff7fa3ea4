//! What do the peers stand on? cqrs-es with postgres-es or sqlite-es, in the tables of their own documentation, on the
//! same kind of database and as durable as Daybook.

use std::str::FromStr;
use std::time::Duration;

use cqrs_es::persist::{PersistedEventRepository, PersistedEventStore};
use cqrs_es::{Aggregate, CqrsFramework};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Executor};

use crate::Fault;

/// The framework over one of the two libraries' repositories.
pub type Framework<R, A> = CqrsFramework<A, PersistedEventStore<R, A>>;

/// As Daybook's SQLite engine sets them, so that checkpoints of the log come as often.
const CHECKPOINT_PAGES: &str = "4000";
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const ACQUIRE_TIMEOUT: Duration = Duration::from_mins(1);

/// What sqlite-es's migrations create.
const SQLITE_EVENTS: &str = "\
CREATE TABLE events (
  aggregate_type text                          NOT NULL,
  aggregate_id   text                          NOT NULL,
  sequence       integer CHECK (sequence >= 0) NOT NULL,
  event_type     text                          NOT NULL,
  event_version  text                          NOT NULL,
  payload        text                          NOT NULL,
  metadata       text                          NOT NULL,
  PRIMARY KEY (aggregate_type, aggregate_id, sequence)
) STRICT";

const SQLITE_VIEW: &str = "\
CREATE TABLE bench_view (
  view_id text                         NOT NULL,
  version integer CHECK (version >= 0) NOT NULL,
  payload text                         NOT NULL,
  PRIMARY KEY (view_id)
) STRICT";

/// What postgres-es's db/init.sql creates.
const POSTGRES_EVENTS: &str = "\
CREATE TABLE events (
    aggregate_type text                         NOT NULL,
    aggregate_id   text                         NOT NULL,
    sequence       bigint CHECK (sequence >= 0) NOT NULL,
    event_type     text                         NOT NULL,
    event_version  text                         NOT NULL,
    payload        json                         NOT NULL,
    metadata       json                         NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
)";

const POSTGRES_VIEW: &str = "\
CREATE TABLE bench_view (
    view_id text                        NOT NULL,
    version bigint CHECK (version >= 0) NOT NULL,
    payload json                        NOT NULL,
    PRIMARY KEY (view_id)
)";

/// The view table that the peers of rebuilds write.
pub const VIEW: &str = "bench_view";

/// Whether a commit waits for the disk. Event stores do; read models, which can be made again, need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Durable,
    Relaxed,
}

pub async fn sqlite(url: &str, connections: u32, commit: Commit) -> Result<SqlitePool, Fault> {
    let synchronous = match commit {
        Commit::Durable => SqliteSynchronous::Full,
        // What sqlite-es's own default pool is set to.
        Commit::Relaxed => SqliteSynchronous::Normal,
    };
    let options = SqliteConnectOptions::from_str(url)?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    Ok(pool.connect_with(options).await?)
}

pub async fn postgres(url: &str, connections: u32, commit: Commit) -> Result<PgPool, Fault> {
    let synchronous_commit = match commit {
        Commit::Durable => "on",
        Commit::Relaxed => "off",
    };
    let options = PgConnectOptions::from_str(url)?
        .options([("synchronous_commit", synchronous_commit)])
        .disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    Ok(pool.connect_with(options).await?)
}

pub async fn create_sqlite_events(pool: &SqlitePool) -> Result<(), Fault> {
    pool.execute(SQLITE_EVENTS).await?;
    Ok(())
}

pub async fn create_postgres_events(pool: &PgPool) -> Result<(), Fault> {
    pool.execute(POSTGRES_EVENTS).await?;
    Ok(())
}

/// The view table, empty.
pub async fn create_sqlite_view(pool: &SqlitePool) -> Result<(), Fault> {
    pool.execute("DROP TABLE IF EXISTS bench_view").await?;
    pool.execute(SQLITE_VIEW).await?;
    Ok(())
}

/// The view table, empty.
pub async fn create_postgres_view(pool: &PgPool) -> Result<(), Fault> {
    pool.execute("DROP TABLE IF EXISTS bench_view").await?;
    pool.execute(POSTGRES_VIEW).await?;
    Ok(())
}

/// The framework without queries.
pub fn framework<R, A>(repository: R) -> Framework<R, A>
where
    R: PersistedEventRepository,
    A: Aggregate<Services = ()>,
{
    CqrsFramework::new(PersistedEventStore::new_event_store(repository), Vec::new(), ())
}
