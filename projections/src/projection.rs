//! A projection as the projector and a rebuild see it: a name, a version, its tables, and the folding of records into
//! its rows. Committing is the caller's: nothing here writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use store::{Failure, Ledger, Lookup, StoreError, Table, TableWrite, Values};

use crate::fold::{Emitted, Fold, Row};
use crate::record::Record;
use crate::sheet::{AnySheet, Sheet};

type OpenSheet = Arc<dyn Fn(Source) -> Box<dyn AnySheet> + Send + Sync>;

/// One read model: tables that are folded from the log under one checkpoint.
#[derive(Clone)]
pub struct Projection {
    pub name: &'static str,
    /// Raised when a fold or a table changes; the stored rows are then folded anew by a rebuild.
    pub version: i64,
    /// All tables it writes, those of its folds and those they emit to.
    pub tables: Vec<Table>,
    /// The aggregate types that its folds read; events of others need no decoding for it.
    pub reads: Vec<&'static str>,
    sheets: Vec<OpenSheet>,
}

impl std::fmt::Debug for Projection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projection").field("name", &self.name).field("version", &self.version).finish_non_exhaustive()
    }
}

/// Where rows come from that are not held in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The tables, as in the live projector.
    Stored,
    /// Nowhere: the tables start empty, so a row that is not held does not exist yet. A rebuild.
    Empty,
}

impl Projection {
    pub fn new(name: &'static str, version: i64) -> Self {
        Self { name, version, tables: Vec::new(), reads: Vec::new(), sheets: Vec::new() }
    }

    /// Adds a fold with its table. A table belongs to one fold, which alone writes it.
    #[must_use]
    pub fn fold<F: Fold>(mut self, fold: F) -> Self {
        let fold = Arc::new(fold);
        self.tables.push(F::Row::TABLE);
        for aggregate in F::READS {
            if !self.reads.contains(aggregate) {
                self.reads.push(aggregate);
            }
        }
        self.sheets.push(Arc::new(move |source| Box::new(Sheet::new(Arc::clone(&fold), source)) as Box<dyn AnySheet>));
        self
    }

    /// Adds a table that one of the folds emits to.
    #[must_use]
    pub fn emits<R: Row>(mut self) -> Self {
        self.tables.push(R::TABLE);
        self
    }

    /// Starts folding.
    pub fn open(&self, source: Source) -> Folding {
        Folding { sheets: self.sheets.iter().map(|open| open(source)).collect(), emitted: Emitted::default() }
    }
}

/// An event that a projection cannot take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    pub position: i64,
    pub event_type: String,
    pub reason: String,
}

impl Poison {
    pub(crate) fn at(record: &Record, reason: String) -> Self {
        Self { position: record.entry().position, event_type: record.entry().event_type.clone(), reason }
    }
}

impl From<Poison> for Failure {
    fn from(poison: Poison) -> Self {
        Self { position: poison.position, event_type: poison.event_type, reason: poison.reason }
    }
}

/// Why a batch was not folded. After either, the `Folding` is half done and must be dropped.
#[derive(Debug, thiserror::Error)]
pub enum FoldingError {
    #[error("event {} of type {} is poison: {}", .0.position, .0.event_type, .0.reason)]
    Poison(Poison),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Rows to be loaded before the planned records can be folded.
#[derive(Debug)]
pub struct Wanted {
    pub table: Table,
    pub keys: Vec<Values>,
    sheet: usize,
}

/// The rows of one projection in memory while records are folded into them.
pub struct Folding {
    sheets: Vec<Box<dyn AnySheet>>,
    emitted: Emitted,
}

impl std::fmt::Debug for Folding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folding").field("weight", &self.weight()).finish_non_exhaustive()
    }
}

impl Folding {
    /// Plans a batch of records and answers which rows must be loaded first: none for a table that started empty.
    pub fn plan(&mut self, records: &[Record]) -> Result<Vec<Wanted>, Poison> {
        let mut wanted = Vec::new();
        for (index, sheet) in self.sheets.iter_mut().enumerate() {
            let keys = guarded(sheet, records, |sheet| sheet.plan(records))?;
            if !keys.is_empty() {
                wanted.push(Wanted { table: sheet.table(), keys, sheet: index });
            }
        }
        Ok(wanted)
    }

    /// Which rows must be loaded as well, because those held lead to them; asked until there are none.
    pub fn lead_further(&self) -> Vec<Wanted> {
        let wanted = self.sheets.iter().enumerate().map(|(index, sheet)| Wanted {
            table: sheet.table(),
            keys: sheet.lead_further(),
            sheet: index,
        });
        wanted.filter(|wanted| !wanted.keys.is_empty()).collect()
    }

    /// Takes in the rows that were found for what was wanted.
    pub fn hold(&mut self, wanted: Wanted, rows: Vec<Values>) -> Result<(), StoreError> {
        match self.sheets.get_mut(wanted.sheet) {
            Some(sheet) => sheet.hold(wanted.keys, rows),
            None => Ok(()),
        }
    }

    /// Folds the planned records in log order.
    pub fn apply(&mut self, records: &[Record]) -> Result<(), Poison> {
        let emitted = &mut self.emitted;
        for sheet in &mut self.sheets {
            guarded(sheet, records, |sheet| sheet.apply(records, emitted))?;
        }
        Ok(())
    }

    /// Takes out the rows changed since the last call. They stay held, so folding can go on from them.
    pub fn take_writes(&mut self, suffix: &str) -> Vec<TableWrite> {
        let mut writes: Vec<TableWrite> = self.sheets.iter_mut().map(|sheet| sheet.take_writes(suffix)).collect();
        writes.extend(self.emitted.take_writes(suffix));
        writes.retain(|write| !write.upserts.is_empty() || !write.deletes.is_empty());
        writes
    }

    /// About how many bytes the held and emitted rows take.
    pub fn weight(&self) -> usize {
        self.sheets.iter().map(|sheet| sheet.weight()).sum::<usize>() + self.emitted.weight()
    }

    /// Forgets all rows, which must have been written before; they are loaded again when they are touched.
    pub fn release(&mut self) {
        for sheet in &mut self.sheets {
            sheet.release();
        }
    }
}

/// Folds a batch of records: plans, loads the touched rows, and applies. What changed is then in `take_writes`.
pub async fn fold_batch(
    folding: &mut Folding,
    ledger: &Ledger,
    suffix: &str,
    records: &[Record],
) -> Result<(), FoldingError> {
    fold_together(std::slice::from_mut(folding), ledger, suffix, records).await
}

/// The same for several projections, whose rows are loaded together.
pub(crate) async fn fold_together(
    foldings: &mut [Folding],
    ledger: &Ledger,
    suffix: &str,
    records: &[Record],
) -> Result<(), FoldingError> {
    let mut wanted = Vec::new();
    for (index, folding) in foldings.iter_mut().enumerate() {
        let planned = folding.plan(records).map_err(FoldingError::Poison)?;
        wanted.extend(planned.into_iter().map(|wanted| (index, wanted)));
    }
    while !wanted.is_empty() {
        let lookups: Vec<Lookup<'_>> =
            wanted.iter().map(|(_, Wanted { table, keys, .. })| Lookup { table, suffix, keys }).collect();
        let found = ledger.rows_by_keys(&lookups).await?;
        for ((index, wanted), rows) in wanted.into_iter().zip(found) {
            if let Some(folding) = foldings.get_mut(index) {
                folding.hold(wanted, rows)?;
            }
        }
        wanted = Vec::new();
        for (index, folding) in foldings.iter().enumerate() {
            wanted.extend(folding.lead_further().into_iter().map(|wanted| (index, wanted)));
        }
    }
    for folding in foldings {
        folding.apply(records).map_err(FoldingError::Poison)?;
    }
    Ok(())
}

/// Runs a step of a sheet and makes a panic in a fold a poison event, so that one projection's mistake stays its own.
fn guarded<T>(
    sheet: &mut Box<dyn AnySheet>,
    records: &[Record],
    step: impl FnOnce(&mut Box<dyn AnySheet>) -> Result<T, Poison>,
) -> Result<T, Poison> {
    // A sheet that panicked is dropped with its whole folding, so nobody sees it half done.
    match catch_unwind(AssertUnwindSafe(|| step(sheet))) {
        Ok(outcome) => outcome,
        Err(panic) => {
            let said = panic.downcast_ref::<&str>().map(ToString::to_string);
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
            let reason = format!("the fold panicked: {}", said.as_deref().unwrap_or("without a message"));
            let at_work = records.get(sheet.at_work()).or(records.first());
            Err(at_work.map_or_else(
                || Poison { position: 0, event_type: String::new(), reason: reason.clone() },
                |record| Poison::at(record, reason.clone()),
            ))
        }
    }
}
