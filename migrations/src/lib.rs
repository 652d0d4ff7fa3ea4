//! The schema of the ledger as ordered SQL texts, embedded in the binary and run when a ledger is opened.
//!
//! A migration that has run anywhere is never edited: sqlx compares checksums. Versions are the numbers of the file
//! names. SQL that is valid on both engines lives in `shared/` and is listed twice; where the engines differ (text
//! keys sort under `COLLATE "C"` on PostgreSQL), each has a file of its own with the same number.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use sqlx::migrate::{MigrateError, Migration, MigrationSource, MigrationType, Migrator};

mod list;

pub use list::{POSTGRES, SQLITE};

/// One embedded file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    pub version: i64,
    pub description: &'static str,
    pub sql: &'static str,
}

impl Script {
    const fn new(version: i64, description: &'static str, sql: &'static str) -> Self {
        Self { version, description, sql }
    }
}

/// The migrator of the PostgreSQL engine.
pub async fn postgres() -> Result<Migrator, MigrateError> {
    Migrator::new(Embedded(POSTGRES)).await
}

/// The migrator of the SQLite engine.
pub async fn sqlite() -> Result<Migrator, MigrateError> {
    Migrator::new(Embedded(SQLITE)).await
}

#[derive(Debug)]
struct Embedded(&'static [Script]);

type Resolved = Result<Vec<Migration>, Box<dyn std::error::Error + Send + Sync>>;

impl MigrationSource<'static> for Embedded {
    fn resolve(self) -> Pin<Box<dyn Future<Output = Resolved> + Send + 'static>> {
        let migrations = self.0.iter().map(|script| {
            let description = Cow::Borrowed(script.description);
            Migration::new(script.version, description, MigrationType::Simple, Cow::Borrowed(script.sql), false)
        });
        let migrations = migrations.collect();
        Box::pin(std::future::ready(Ok(migrations)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ascending_and_both_engines_have_the_same() {
        let of = |scripts: &[Script]| scripts.iter().map(|script| script.version).collect::<Vec<_>>();
        assert_eq!(of(POSTGRES), of(SQLITE));
        assert!(of(POSTGRES).is_sorted_by(|a, b| a < b));
    }
}
