//! What can go wrong in the store. A refusal by the domain is never an error of the store, and the other way round.

use domain::refusal::Refusal;

/// Infrastructure failed, or the log is not what it must be.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or answered with a passing error; try again later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Too much is queued; try again later.
    #[error("the ledger is overloaded")]
    Overloaded,
    /// A statement failed in a way that a retry will not mend.
    #[error("database error: {0}")]
    Database(String),
    /// Stored data is not what was written; names where.
    #[error("corrupt data at {place}: {reason}")]
    Corrupt { place: String, reason: String },
    /// The request itself cannot be stored (a NUL character, too many events).
    #[error("unstorable request: {0}")]
    Unstorable(String),
    #[error("configuration: {0}")]
    Configuration(String),
}

/// Why a request was not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The idempotency key was used with another request.
    #[error("this Idempotency-Key was used with another request")]
    IdempotencyMismatch,
    /// Others kept writing to the same stream.
    #[error("too much contention on one stream")]
    Contention,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_passing(&error) { Self::Unavailable(error.to_string()) } else { Self::Database(error.to_string()) }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        if let sqlx::migrate::MigrateError::Execute(error) = error {
            return error.into();
        }
        Self::Configuration(format!("migrations: {error}"))
    }
}

/// SQLSTATE classes and codes after which the same statement may succeed: connection trouble, shutdown, too many
/// connections, timeouts, deadlocks, out of resources.
const PASSING_SQLSTATES: &[&str] = &["08", "57", "53", "40", "55P03", "25P03", "58"];
/// SQLite's BUSY, LOCKED, IOERR, FULL and CANTOPEN.
const PASSING_SQLITE: &[i32] = &[5, 6, 10, 13, 14];

/// Whether an error lies in the database's circumstances and not in the statement.
pub(crate) fn is_passing(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else {
        return matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        );
    };
    let Some(code) = database.code() else { return false };
    if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        // The low byte is the primary code of an extended one.
        return code.parse::<i32>().is_ok_and(|code| PASSING_SQLITE.contains(&(code & 0xff)));
    }
    PASSING_SQLSTATES.iter().any(|passing| code.starts_with(passing))
}
