//! The two databases. Everything here is native to one of them and fast for that reason (architecture.md §5); what is
//! decided about the answers is decided elsewhere, once for both.

pub mod postgres;
pub mod read;
pub mod read_models;
pub mod sqlite;

use crate::append::Outcome;
use crate::batch::Candidate;
use crate::clock::Clock;
use crate::error::StoreError;
use crate::facts::{Facts, Head, Questions};
use crate::ledger::Engine;

use postgres::Postgres;
use sqlite::Sqlite;

/// The database of a ledger.
#[derive(Debug)]
pub enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// A batch that did not go through.
#[derive(Debug)]
pub enum Failed {
    /// Nothing of it was committed.
    Before(StoreError),
    /// It may have been committed (rule L3).
    AtCommit(StoreError),
}

/// A batch that went through: each member's outcome, and the head it left.
#[derive(Debug)]
pub struct Transacted {
    pub outcomes: Vec<Outcome>,
    pub head: Head,
}

impl Backend {
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Writes a batch in one transaction (rule L2).
    pub async fn transact(&self, members: &[Candidate<'_>], clock: &Clock) -> Result<Transacted, Failed> {
        match self {
            Self::Sqlite(sqlite) => sqlite.transact(members, clock).await,
            Self::Postgres(postgres) => postgres.transact(members, clock).await,
        }
    }

    /// Answers questions outside the head lock.
    pub async fn ask(&self, questions: &Questions) -> Result<Facts, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.ask(questions).await,
            Self::Postgres(postgres) => postgres.ask(questions).await,
        }
    }

    pub async fn head(&self) -> Result<Head, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.head().await,
            Self::Postgres(postgres) => postgres.head().await,
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}
