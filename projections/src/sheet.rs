//! The rows of one fold while a batch of events is folded into them, and the same without the row's type.

use std::collections::HashMap;

use store::{StoreError, Table, TableWrite, Value, Values};

use crate::fold::{Emitted, Fold, Row, Seen, table_write};
use crate::projection::{Poison, Source};
use crate::record::Record;

/// A sheet whose row type is forgotten, so that a projection can hold several kinds.
pub(crate) trait AnySheet: Send {
    fn table(&self) -> Table;

    /// Plans which rows each record touches, and answers with the keys of those that must be loaded first.
    fn plan(&mut self, records: &[Record]) -> Result<Vec<Values>, Poison>;

    /// The keys of rows to be loaded that the rows held lead to; asked until there are none.
    fn lead_further(&self) -> Vec<Values>;

    /// Takes in loaded rows; planned rows that are not among them do not exist.
    fn hold(&mut self, missing: Vec<Values>, rows: Vec<Values>) -> Result<(), StoreError>;

    /// Folds what was planned, in log order.
    fn apply(&mut self, records: &[Record], emitted: &mut Emitted) -> Result<(), Poison>;

    /// The index of the record at work, for naming the one that panicked.
    fn at_work(&self) -> usize;

    fn take_writes(&mut self, suffix: &str) -> TableWrite;

    fn weight(&self) -> usize;

    /// Forgets all rows, which must have been written; from now on they are loaded again when touched.
    fn release(&mut self);
}

/// About what a key and its place take.
const SLOT_WEIGHT: usize = 160;

#[derive(Debug)]
struct Slot<R> {
    row: Option<R>,
    /// Whether the table has it, or will have it when it is written.
    exists: bool,
    dirty: bool,
}

/// The rows of a fold while an event is folded into them.
#[derive(Debug)]
pub struct Rows<'s, R> {
    slots: &'s mut HashMap<Values, Slot<R>>,
    weight: &'s mut usize,
}

impl<R: Row> Rows<'_, R> {
    pub fn get(&self, key: &[Value]) -> Option<&R> {
        self.slots.get(key).and_then(|slot| slot.row.as_ref())
    }

    /// Takes a row out, to be put in again or deleted.
    pub fn take(&mut self, key: &[Value]) -> Option<R> {
        let row = self.slots.get_mut(key)?.row.take()?;
        *self.weight = self.weight.saturating_sub(row.weight());
        Some(row)
    }

    /// Puts in a row that was changed.
    pub fn put(&mut self, key: &Values, row: R) {
        *self.weight += row.weight();
        self.slots.insert(key.clone(), Slot { row: Some(row), exists: true, dirty: true });
    }

    /// Puts a row back that was taken out and is as it was.
    pub fn put_back(&mut self, key: &[Value], row: R) {
        *self.weight += row.weight();
        if let Some(slot) = self.slots.get_mut(key) {
            slot.row = Some(row);
        }
    }

    pub fn delete(&mut self, key: &[Value]) {
        self.take(key);
        if let Some(slot) = self.slots.get_mut(key).filter(|slot| slot.exists) {
            *slot = Slot { row: None, exists: false, dirty: true };
        }
    }
}

pub(crate) struct Sheet<F: Fold> {
    fold: std::sync::Arc<F>,
    slots: HashMap<Values, Slot<F::Row>>,
    /// Index of a record and a key it touches, in log order.
    planned: Vec<(usize, Values)>,
    at_work: usize,
    /// Whether a row that is not held may exist in the table.
    may_exist: bool,
    weight: usize,
}

impl<F: Fold> Sheet<F> {
    pub fn new(fold: std::sync::Arc<F>, source: Source) -> Self {
        let may_exist = match source {
            Source::Stored => true,
            Source::Empty => false,
        };
        Self { fold, slots: HashMap::new(), planned: Vec::new(), at_work: 0, may_exist, weight: 0 }
    }
}

impl<F: Fold> AnySheet for Sheet<F> {
    fn table(&self) -> Table {
        F::Row::TABLE
    }

    fn plan(&mut self, records: &[Record]) -> Result<Vec<Values>, Poison> {
        self.planned.clear();
        let mut keys = Vec::new();
        for (index, record) in records.iter().enumerate() {
            if !F::READS.contains(&record.entry().aggregate_type.as_str()) {
                continue;
            }
            self.at_work = index;
            let event = record.event().map_err(|error| Poison::at(record, error.to_string()))?;
            self.fold.keys(&Seen { entry: record.entry(), event }, &mut keys);
            self.planned.extend(keys.drain(..).map(|key| (index, key)));
        }
        if !self.may_exist {
            return Ok(Vec::new());
        }
        let mut wanted: Vec<Values> =
            self.planned.iter().filter(|(_, key)| !self.slots.contains_key(key)).map(|(_, key)| key.clone()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        Ok(wanted)
    }

    fn lead_further(&self) -> Vec<Values> {
        if !self.may_exist {
            return Vec::new();
        }
        let mut keys = Vec::new();
        for (_, key) in &self.planned {
            if let Some(row) = self.slots.get(key).and_then(|slot| slot.row.as_ref()) {
                self.fold.leads_to(row, &mut keys);
            }
        }
        keys.retain(|key| !self.slots.contains_key(key));
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn hold(&mut self, missing: Vec<Values>, rows: Vec<Values>) -> Result<(), StoreError> {
        for key in missing {
            self.slots.insert(key, Slot { row: None, exists: false, dirty: false });
        }
        for values in rows {
            let key: Values = values.iter().take(F::Row::TABLE.key_columns).cloned().collect();
            let row = F::Row::read(values)?;
            self.weight += row.weight();
            self.slots.insert(key, Slot { row: Some(row), exists: true, dirty: false });
        }
        Ok(())
    }

    fn apply(&mut self, records: &[Record], emitted: &mut Emitted) -> Result<(), Poison> {
        let planned = std::mem::take(&mut self.planned);
        let mut keys: Vec<Values> = Vec::new();
        let mut planned = planned.into_iter().peekable();
        while let Some((index, key)) = planned.next() {
            keys.push(key);
            if planned.peek().is_some_and(|(next, _)| *next == index) {
                continue;
            }
            self.at_work = index;
            let Some(record) = records.get(index) else { continue };
            let event = record.event().map_err(|error| Poison::at(record, error.to_string()))?;
            let seen = Seen { entry: record.entry(), event };
            let mut rows = Rows { slots: &mut self.slots, weight: &mut self.weight };
            let folded = self.fold.fold_all(&keys, &mut rows, &seen, emitted);
            folded.map_err(|error| Poison::at(record, error.to_string()))?;
            keys.clear();
        }
        Ok(())
    }

    fn at_work(&self) -> usize {
        self.at_work
    }

    fn take_writes(&mut self, suffix: &str) -> TableWrite {
        let dirty = self.slots.iter_mut().filter(|(_, slot)| slot.dirty).map(|(key, slot)| {
            slot.dirty = false;
            (key.clone(), slot.row.as_ref().map(Row::write))
        });
        table_write(F::Row::TABLE, suffix, dirty)
    }

    /// Keys of rows that are not there take room, too.
    fn weight(&self) -> usize {
        self.weight + self.slots.len() * SLOT_WEIGHT
    }

    fn release(&mut self) {
        self.slots = HashMap::new();
        self.weight = 0;
        self.may_exist = true;
    }
}
