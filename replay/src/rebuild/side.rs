//! One projection on its way into side tables: its rows in memory, what of them is written, and the swap.

use projections::{Folding, FoldingError, Projection, Source, fold_batch};
use sqlx::{Executor as _, Row as _};
use store::{Engine, Ledger, StoreError, Written};

use super::pages::Page;
use super::write::Pieces;
use crate::error::ReplayError;

/// Marks the side tables. There is one rebuild of a projection at a time, so the next one finds a killed one's tables.
const SUFFIX: &str = "__rebuild";
/// Where the swap puts the live tables until they are dropped.
const OLD_SUFFIX: &str = "__rebuild_old";

#[derive(Debug)]
pub(super) struct Side {
    pub projection: Projection,
    tables: Vec<&'static str>,
    folding: Folding,
    pieces: Pieces,
    /// How far it is folded.
    pub position: i64,
}

impl Side {
    /// Makes empty side tables; what a killed rebuild left goes.
    pub async fn create(ledger: &Ledger, projection: Projection) -> Result<Self, StoreError> {
        let tables: Vec<&str> = projection.tables.iter().map(|table| table.name).collect();
        ledger.drop_side_tables(&tables, OLD_SUFFIX).await?;
        ledger.create_side_tables(&tables, SUFFIX).await?;
        let folding = projection.open(Source::Empty);
        Ok(Self { projection, tables, folding, pieces: Pieces::new(ledger.engine()), position: 0 })
    }

    /// Takes in a page; pages follow one another.
    pub async fn fold(&mut self, ledger: &Ledger, page: &Page) -> Result<(), ReplayError> {
        match fold_batch(&mut self.folding, ledger, SUFFIX, &page.records).await {
            Ok(()) => {
                self.position = page.last;
                Ok(())
            }
            Err(FoldingError::Poison(poison)) => Err(ReplayError::Poison { projection: self.projection.name, poison }),
            Err(FoldingError::Store(error)) => Err(error.into()),
        }
    }

    pub fn weight(&self) -> usize {
        self.folding.weight()
    }

    /// Writes what changed since the last time. The rows stay in memory.
    pub async fn write(&mut self, ledger: &Ledger) -> Result<(), StoreError> {
        for write in self.folding.take_writes(SUFFIX) {
            self.pieces.write(ledger, write).await?;
        }
        Ok(())
    }

    /// Writes what changed and forgets all rows; those touched later are loaded from the side tables.
    pub async fn write_and_release(&mut self, ledger: &Ledger) -> Result<(), StoreError> {
        self.write(ledger).await?;
        self.folding.release();
        Ok(())
    }

    /// Puts the side tables in the place of the live ones, unless those are further.
    pub async fn swap(&self, ledger: &Ledger) -> Result<Written, StoreError> {
        let Projection { name, version, .. } = self.projection;
        ledger.swap_side_tables(&self.tables, SUFFIX, name, version, self.position).await
    }

    /// Rows in the side tables.
    pub async fn count(&self, ledger: &Ledger) -> Result<i64, StoreError> {
        let mut rows = 0_i64;
        for table in &self.tables {
            let sql = format!("SELECT COUNT(*) FROM {table}{SUFFIX}");
            let row = sqlx::query(&sql).fetch_one(ledger.pool()).await?;
            rows = rows.saturating_add(row.try_get(0)?);
        }
        Ok(rows)
    }

    /// Lets PostgreSQL look at the new tables, or it would plan the first queries after the swap as if they were empty.
    pub async fn analyze(&self, ledger: &Ledger) -> Result<(), StoreError> {
        if ledger.engine() == Engine::Postgres {
            for table in &self.tables {
                ledger.pool().execute(format!("ANALYZE {table}{SUFFIX}").as_str()).await?;
            }
        }
        Ok(())
    }

    pub async fn discard(&self, ledger: &Ledger) -> Result<(), StoreError> {
        ledger.drop_side_tables(&self.tables, SUFFIX).await
    }
}
