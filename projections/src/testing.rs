//! Hand-made events and a log in memory, for the tests of this crate.

use domain::event::LedgerEvent;
use domain::id::TenantId;
use jiff::Timestamp;
use store::{Entry, Values};
use uuid::Uuid;

use crate::fold::Row;
use crate::projection::{Poison, Projection, Source};
use crate::record::Record;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn micros(text: &str) -> i64 {
    at(text).as_microsecond()
}

/// An entry as the log holds it. Recorded times count up with positions.
pub fn entry(position: i64, event: &LedgerEvent) -> Entry {
    Entry {
        position,
        tenant: TenantId::parse("coaching").unwrap(),
        aggregate_type: event.aggregate_type().to_owned(),
        aggregate_id: "x".to_owned(),
        sequence: position,
        event_type: "Tested".to_owned(),
        event_version: domain::event::EVENT_VERSION.to_owned(),
        event_id: Uuid::nil(),
        payload: serde_json::to_string(event).unwrap(),
        metadata: "{}".to_owned(),
        recorded_at: position * 1_000,
        booked_at: position * 1_000,
        effective_at: event.effective_at().as_microsecond(),
        entry_hash: [0; 32],
    }
}

/// Folds events, at positions from 1, into a projection whose tables are empty, and answers with one table's rows.
pub fn fold_all<R: Row>(projection: &Projection, events: &[LedgerEvent]) -> Result<Vec<R>, Poison> {
    let records: Vec<Record> =
        events.iter().zip(1..).map(|(event, position)| Record::new(entry(position, event))).collect();
    fold_records(projection, &records)
}

pub fn fold_records<R: Row>(projection: &Projection, records: &[Record]) -> Result<Vec<R>, Poison> {
    let mut folding = projection.open(Source::Empty);
    assert!(folding.plan(records)?.is_empty(), "an empty table has nothing to load");
    folding.apply(records)?;
    let mut rows = Vec::new();
    for write in folding.take_writes("") {
        if write.table.name == R::TABLE.name {
            rows.extend(write.upserts.into_iter().map(|values| R::read(values).unwrap()));
        }
    }
    Ok(rows)
}

/// A row has a value for each column, and is read back as it was written.
pub fn assert_round_trip<R: Row>(row: &R) {
    let values: Values = row.write();
    assert_eq!(values.len(), R::TABLE.columns.len());
    assert_eq!(&R::read(values).unwrap(), row);
}

pub fn projection(name: &str) -> Projection {
    crate::all().into_iter().find(|projection| projection.name == name).unwrap()
}
