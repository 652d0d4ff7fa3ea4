//! An entry of the log on its way through the folds, decoded at most once however many projections read it.

use std::sync::OnceLock;

use domain::event::{DecodeError, LedgerEvent};
use store::Entry;

#[derive(Debug)]
pub struct Record {
    entry: Entry,
    decoded: OnceLock<Result<LedgerEvent, DecodeError>>,
}

impl Record {
    pub fn new(entry: Entry) -> Self {
        Self { entry, decoded: OnceLock::new() }
    }

    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The event, decoded when it is first asked for. A rebuild may ask on another thread beforehand.
    pub fn event(&self) -> Result<&LedgerEvent, &DecodeError> {
        self.decoded.get_or_init(|| self.entry.decode()).as_ref()
    }
}

/// The records before a position; records are in log order.
pub(crate) fn before(records: &[Record], position: i64) -> &[Record] {
    let count = records.partition_point(|record| record.entry.position < position);
    records.get(..count).unwrap_or(&[])
}
