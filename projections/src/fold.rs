//! What a projection is made of: keyed folds (rule P1). A fold names the rows an event touches and says what each
//! becomes. It has no clock, no network and no table but its own projection's (rule P2), so the live projector and a
//! rebuild that run it over the same log leave the same rows (rule A3).

use std::collections::{BTreeMap, HashMap};

use domain::event::LedgerEvent;
use store::{Entry, StoreError, Table, TableWrite, Value, Values};

use crate::sheet::Rows;

/// A row of a read model and its table.
pub trait Row: Clone + PartialEq + std::fmt::Debug + Send + 'static {
    const TABLE: Table;

    /// The columns in the order of the table.
    fn write(&self) -> Values;

    /// The row of stored columns; a wrong type is `StoreError::Corrupt` naming table and column (see `cells::Reader`).
    fn read(values: Values) -> Result<Self, StoreError>;

    /// About how many bytes it takes in memory. Rows with long documents say so, because a rebuild bounds itself by it.
    fn weight(&self) -> usize {
        size_of::<Self>() + 256
    }
}

/// One table family's keyed fold.
pub trait Fold: Send + Sync + 'static {
    type Row: Row;

    /// The aggregate types whose events it reads. No other event can touch it, or poison it.
    const READS: &'static [&'static str];

    /// The keys of the rows that the event touches, each once.
    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>);

    /// What the row of this key becomes; `None` deletes it, or leaves it out where it was not there. Rows of other
    /// tables of the same projection, written only and never read back here, go to `emitted`.
    fn fold(
        &self,
        row: Option<Self::Row>,
        key: &[Value],
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<Option<Self::Row>, FoldError>;

    /// The keys of rows that an event which touches this row concerns as well, as the row says: they are loaded with
    /// it. Rows of most folds lead nowhere.
    fn leads_to(&self, _row: &Self::Row, _keys: &mut Vec<Values>) {}

    /// Folds an event into all rows whose keys it named. Most folds look at one row at a time and leave this as it is;
    /// one whose rows depend on each other takes those that it needs.
    fn fold_all(
        &self,
        keys: &[Values],
        rows: &mut Rows<'_, Self::Row>,
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<(), FoldError> {
        for key in keys {
            let row = rows.take(key);
            match self.fold(row, key, seen, emitted)? {
                Some(row) => rows.put(key, row),
                None => rows.delete(key),
            }
        }
        Ok(())
    }
}

/// One event of the log with its envelope.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub entry: &'a Entry,
    pub event: &'a LedgerEvent,
}

/// Why a fold cannot take an event in. The projection is paused at it until it is fixed (rule P4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    #[error("{0} overflows")]
    Overflow(&'static str),
    #[error("{0}")]
    Contradiction(String),
}

/// Rows that folds write beside their own: a table's later row of the same key wins.
#[derive(Debug, Default)]
pub struct Emitted {
    tables: BTreeMap<&'static str, EmittedTable>,
    weight: usize,
}

#[derive(Debug)]
struct EmittedTable {
    table: Table,
    rows: HashMap<Values, Option<Values>>,
}

impl Emitted {
    pub fn put<R: Row>(&mut self, row: &R) {
        let values = row.write();
        let key: Values = values.iter().take(R::TABLE.key_columns).cloned().collect();
        self.weight += row.weight();
        self.rows_of(R::TABLE).insert(key, Some(values));
    }

    pub fn delete<R: Row>(&mut self, key: Values) {
        self.rows_of(R::TABLE).insert(key, None);
    }

    fn rows_of(&mut self, table: Table) -> &mut HashMap<Values, Option<Values>> {
        &mut self.tables.entry(table.name).or_insert_with(|| EmittedTable { table, rows: HashMap::new() }).rows
    }

    /// Takes out everything emitted, sorted by key so that all writers lock rows in one order.
    pub(crate) fn take_writes(&mut self, suffix: &str) -> Vec<TableWrite> {
        self.weight = 0;
        std::mem::take(&mut self.tables)
            .into_values()
            .map(|emitted| table_write(emitted.table, suffix, emitted.rows))
            .collect()
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight
    }
}

/// Changed rows as one write, sorted by key.
pub(crate) fn table_write(
    table: Table,
    suffix: &str,
    rows: impl IntoIterator<Item = (Values, Option<Values>)>,
) -> TableWrite {
    let mut write = TableWrite { table, suffix: suffix.to_owned(), upserts: Vec::new(), deletes: Vec::new() };
    for (key, row) in rows {
        match row {
            Some(values) => write.upserts.push(values),
            None => write.deletes.push(key),
        }
    }
    // The key columns come first, so whole rows sort by key.
    write.upserts.sort_unstable();
    write.deletes.sort_unstable();
    write
}
