//! The SQLite engine: one writer connection behind a fair mutex, a pool of readers, write-ahead logging.

mod append;
mod packed;
mod read;
mod rows;
mod side_tables;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::StoreError;
use crate::presumption::Presumption;

/// How long a statement waits for another process's write transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Pages in the log before it is copied back: 16 MiB, so that a burst is not interrupted every few batches.
const CHECKPOINT_PAGES: &str = "4000";
/// Prepared statements that a connection keeps: those of each number of rows, four times, those of each table, and the
/// others.
const STATEMENTS: usize = 640;
/// Page cache of a connection, in KiB (negative by SQLite's convention). Each commit that split a page goes over the
/// whole cache, so a larger one would make small batches slow.
const WRITER_CACHE: &str = "-32768";
const READER_CACHE: &str = "-8192";

#[derive(Debug)]
pub struct Sqlite {
    options: SqliteConnectOptions,
    readers: SqlitePool,
    writer: Mutex<Writer>,
}

/// The one connection that writes.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Option<SqliteConnection>,
    /// A transaction was begun and not ended: whoever began it failed or was dropped half-way.
    pub(super) open: bool,
    /// Its commits do not wait for the disk.
    relaxed: bool,
    pub(super) presumption: Presumption,
}

impl Sqlite {
    pub async fn open(url: &str, readers: u32) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| StoreError::Configuration(format!("database URL: {error}")))?;
        make_folder(options.get_filename())?;
        let options = options
            .create_if_missing(true)
            .busy_timeout(BUSY_TIMEOUT)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("secure_delete", "ON")
            .pragma("recursive_triggers", "ON")
            .pragma("temp_store", "MEMORY")
            .statement_cache_capacity(STATEMENTS)
            .disable_statement_logging();
        let mut connection = options.clone().pragma("cache_size", WRITER_CACHE).connect().await?;
        migrate(&mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers)
            .connect_with(options.clone().pragma("cache_size", READER_CACHE))
            .await?;
        let writer = Mutex::new(Writer {
            connection: Some(connection),
            open: false,
            relaxed: false,
            presumption: Presumption::default(),
        });
        Ok(Self { options, readers, writer })
    }

    /// The writer, whose commits are durable, free of anybody's unfinished transaction. The mutex is fair: appends and
    /// projections take turns.
    pub(super) async fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let mut writer = self.idle_writer().await?;
        if writer.relaxed {
            writer.connection()?.execute("PRAGMA synchronous = FULL").await?;
            writer.relaxed = false;
        }
        Ok(writer)
    }

    /// The writer for read models, whose commits do not wait for the disk. A loss of power may take the last of them,
    /// together with the checkpoint that says so, and they are folded again; the next append's commit makes them durable.
    pub(super) async fn relaxed_writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let mut writer = self.idle_writer().await?;
        if !writer.relaxed {
            // Said before it is so: whoever comes next sets it right, however this ends.
            writer.relaxed = true;
            writer.connection()?.execute("PRAGMA synchronous = NORMAL").await?;
        }
        Ok(writer)
    }

    async fn idle_writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let mut writer = self.writer.lock().await;
        if writer.open {
            writer.rollback().await;
        }
        if writer.connection.is_none() {
            let options = self.options.clone().pragma("cache_size", WRITER_CACHE);
            writer.connection = Some(options.connect().await?);
            writer.relaxed = false;
        }
        Ok(writer)
    }

    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(connection) = self.writer.lock().await.connection.take() {
            // Closing copies the log back; a failure leaves that to the next start.
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "closing the database");
            }
        }
    }
}

impl Writer {
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.connection.as_mut().ok_or_else(|| StoreError::Unavailable("the database is closed".to_owned()))
    }

    /// Whether a transaction was open and is now undone. Where none was, it had ended: by commit, or by SQLite itself.
    pub(super) async fn rollback(&mut self) -> bool {
        self.open = false;
        let Some(connection) = self.connection.as_mut() else { return false };
        match connection.execute("ROLLBACK").await {
            Ok(_) => true,
            Err(sqlx::Error::Database(_)) => false,
            Err(_) => {
                self.connection = None;
                false
            }
        }
    }
}

fn make_folder(file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(folder)
        .map_err(|error| StoreError::Configuration(format!("cannot create the folder {}: {error}", folder.display())))
}

/// All migrations in one write transaction, so that of several processes one migrates and the others find it done.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let migrator = migrations::sqlite().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    migrator.run_direct(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}
