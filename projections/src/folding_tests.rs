//! Folding is the same in any batches, from tables or in memory, and a mistake stays with its event.

use std::collections::BTreeMap;

use domain::customer::{CustomerChange, CustomerEvent};
use domain::event::LedgerEvent;
use domain::id::CustomerId;
use store::{Entry, StoreError, Table, TableWrite, Value, Values};

use crate::cells::{Reader, Writer, int, text, text_key};
use crate::fold::{Emitted, Fold, FoldError, Row, Seen};
use crate::projection::{Folding, Projection, Source};
use crate::record::Record;
use crate::testing::{at, entry};

/// How often a customer was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyRow {
    pub customer: String,
    pub times: i64,
}

impl Row for TallyRow {
    const TABLE: Table = Table { name: "tallies", columns: &[text("customer"), int("times")], key_columns: 1 };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE).text(&self.customer).int(self.times).finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self { customer: cells.text()?, times: cells.int()? })
    }
}

/// The last position seen, of all customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRow {
    pub position: i64,
}

impl Row for LastRow {
    const TABLE: Table = Table { name: "lasts", columns: &[text("one"), int("position")], key_columns: 1 };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE).text("one").int(self.position).finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        cells.text()?;
        Ok(Self { position: cells.int()? })
    }
}

/// Counts; an erased customer is forgotten, `cus_bad` panics until the fold is mended, `cus_odd` is refused.
pub struct TallyFold {
    pub mended: bool,
}

impl Fold for TallyFold {
    type Row = TallyRow;

    const READS: &'static [&'static str] = &["customer"];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let LedgerEvent::Customer(event) = seen.event {
            keys.push(text_key(&[event.customer.as_str()]));
        }
    }

    fn fold(
        &self,
        row: Option<TallyRow>,
        key: &[Value],
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<Option<TallyRow>, FoldError> {
        let LedgerEvent::Customer(event) = seen.event else { return Ok(row) };
        assert!(self.mended || event.customer.as_str() != "cus_bad", "a bad customer");
        if event.customer.as_str() == "cus_odd" {
            return Err(FoldError::Contradiction("odd customer".to_owned()));
        }
        emitted.put(&LastRow { position: seen.entry.position });
        if event.change == (CustomerChange::CustomerErased {}) {
            return Ok(None);
        }
        let times = row.map_or(0, |row| row.times) + 1;
        assert_eq!(key, text_key(&[event.customer.as_str()]));
        Ok(Some(TallyRow { customer: event.customer.as_str().to_owned(), times }))
    }
}

fn tally() -> Projection {
    Projection::new("tally", 1).fold(TallyFold { mended: false }).emits::<LastRow>()
}

fn event(position: i64, customer: &str, change: CustomerChange) -> Entry {
    let customer = CustomerId::parse(customer).unwrap();
    entry(
        position,
        &LedgerEvent::Customer(CustomerEvent { at: at("2024-01-01T00:00:00Z"), customer, change, after: None }),
    )
}

fn log() -> Vec<Record> {
    let seen = |position, customer| event(position, customer, CustomerChange::CustomerMentioned {});
    let erased = |position, customer| event(position, customer, CustomerChange::CustomerErased {});
    [
        seen(1, "cus_a"),
        seen(2, "cus_b"),
        seen(3, "cus_a"),
        erased(4, "cus_b"),
        seen(5, "cus_c"),
        erased(6, "cus_a"),
        seen(7, "cus_a"),
        erased(8, "cus_d"),
    ]
    .map(Record::new)
    .into()
}

/// Tables in memory, standing in for a database.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tables(BTreeMap<(&'static str, Values), Values>);

impl Tables {
    fn write(&mut self, writes: Vec<TableWrite>) {
        for write in writes {
            for row in write.upserts {
                let key = row[..write.table.key_columns].to_vec();
                self.0.insert((write.table.name, key), row);
            }
            for key in write.deletes {
                self.0.remove(&(write.table.name, key));
            }
        }
    }

    fn fold(&self, folding: &mut Folding, records: &[Record]) {
        for wanted in folding.plan(records).unwrap() {
            let rows = wanted.keys.iter().filter_map(|key| self.0.get(&(wanted.table.name, key.clone())).cloned());
            let rows = rows.collect();
            folding.hold(wanted, rows).unwrap();
        }
        folding.apply(records).unwrap();
    }
}

#[test]
fn any_batches_from_tables_or_memory_leave_the_same_rows() {
    let log = log();
    let tally_of = |customer: &str, times| TallyRow { customer: customer.to_owned(), times }.write();
    let mut expected = Tables::default();
    for row in [tally_of("cus_a", 1), tally_of("cus_c", 1)] {
        expected.0.insert(("tallies", row[..1].to_vec()), row);
    }
    expected.0.insert(("lasts", text_key(&["one"])), LastRow { position: 8 }.write());
    for size in 1..=log.len() {
        let mut live = Tables::default();
        let mut rebuilt = Tables::default();
        let mut bounded = Tables::default();
        let mut whole = tally().open(Source::Empty);
        let mut small = tally().open(Source::Empty);
        for batch in log.chunks(size) {
            let mut folding = tally().open(Source::Stored);
            live.fold(&mut folding, batch);
            live.write(folding.take_writes(""));
            rebuilt.fold(&mut whole, batch);
            bounded.fold(&mut small, batch);
            bounded.write(small.take_writes(""));
            small.release();
        }
        rebuilt.write(whole.take_writes(""));
        assert_eq!(live, expected, "live in batches of {size}");
        assert_eq!(rebuilt, expected, "rebuilt in batches of {size}");
        assert_eq!(bounded, expected, "rebuilt in bounded memory in batches of {size}");
    }
}

#[test]
fn what_was_written_is_not_written_again() {
    let log = log();
    let mut folding = tally().open(Source::Empty);
    folding.plan(&log[..3]).unwrap();
    folding.apply(&log[..3]).unwrap();
    assert!(folding.weight() > 0);
    assert_eq!(folding.take_writes("__r1").iter().map(|write| write.upserts.len()).collect::<Vec<_>>(), [2, 1]);
    assert!(folding.take_writes("__r1").is_empty());
}

/// Records, and the poison among them with its reason.
type Case = (Vec<Record>, Option<(i64, &'static str)>);

#[test]
fn poison_is_named_by_its_event() {
    let seen = |position, customer| Record::new(event(position, customer, CustomerChange::CustomerMentioned {}));
    let broken = |position| {
        let mut entry = event(position, "cus_a", CustomerChange::CustomerMentioned {});
        entry.payload = "{}".to_owned();
        Record::new(entry)
    };
    let unread = |position| {
        let mut entry = event(position, "cus_a", CustomerChange::CustomerMentioned {});
        entry.aggregate_type = "invented".to_owned();
        Record::new(entry)
    };
    let cases: Vec<Case> = vec![
        (vec![seen(1, "cus_a"), seen(2, "cus_bad")], Some((2, "the fold panicked: a bad customer"))),
        (vec![seen(1, "cus_a"), seen(2, "cus_b"), seen(3, "cus_odd")], Some((3, "odd customer"))),
        (vec![seen(1, "cus_a"), broken(2)], Some((2, "event Tested does not decode"))),
        (vec![seen(1, "cus_a"), unread(2)], None),
    ];
    for (records, expected) in cases {
        let mut folding = tally().open(Source::Empty);
        let outcome = folding.plan(&records).and_then(|_| folding.apply(&records));
        match (outcome, expected) {
            (Ok(()), None) => {}
            (Err(poison), Some((position, reason))) => {
                assert_eq!((poison.position, poison.event_type.as_str()), (position, "Tested"));
                assert!(poison.reason.starts_with(reason), "{}", poison.reason);
            }
            (outcome, expected) => panic!("{outcome:?} is not {expected:?}"),
        }
    }
}

#[test]
fn every_table_belongs_to_one_projection_and_every_select_names_its_columns() {
    let mut names: Vec<&str> =
        crate::all().iter().flat_map(|projection| &projection.tables).map(|table| table.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for (name, text) in crate::statements() {
        let (module, _) = name.split_once("::").unwrap();
        if !text.starts_with("SELECT tenant,") {
            continue;
        }
        let tables: Vec<Table> = crate::all().into_iter().flat_map(|projection| projection.tables).collect();
        let table = tables.iter().find(|table| text.contains(&format!(" FROM {} ", table.name))).unwrap();
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert!(text.starts_with(&format!("SELECT {} FROM", columns.join(", "))), "{module}: {name}");
    }
}
