//! An event that a fold cannot take in: does a rebuild stop without a trace, and does one with a mended fold bring the
//! projection back?

use domain::event::LedgerEvent;
use projections::fold::{Emitted, Fold, FoldError, Row, Seen};
use projections::{Projection, Projector, Settings};
use replay::{RebuildOptions, ReplayError, rebuild_projections};
use sqlx::{Executor as _, Row as _};
use store::{Column, ColumnType, Ledger, StoreError, Table, Value, Values};

use super::bed::{checkpoint, leftovers, open, small};
use super::history;
use crate::support::on_both_engines;

/// How often each customer was seen.
#[derive(Debug, Clone, PartialEq)]
struct Tally {
    customer: String,
    times: i64,
}

impl Row for Tally {
    const TABLE: Table = Table {
        name: "tallies",
        columns: &[
            Column { name: "customer", kind: ColumnType::Text },
            Column { name: "times", kind: ColumnType::Int },
        ],
        key_columns: 1,
    };

    fn write(&self) -> Values {
        vec![Value::Text(self.customer.clone()), Value::Int(self.times)]
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        match <[Value; 2]>::try_from(values) {
            Ok([Value::Text(customer), Value::Int(times)]) => Ok(Self { customer, times }),
            other => panic!("{other:?}"),
        }
    }
}

/// Refuses one customer until it is mended.
struct TallyFold {
    mended: bool,
}

impl Fold for TallyFold {
    type Row = Tally;

    const READS: &'static [&'static str] = &["customer"];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let LedgerEvent::Customer(event) = seen.event {
            keys.push(vec![Value::Text(event.customer.to_string())]);
        }
    }

    fn fold(
        &self,
        row: Option<Tally>,
        _: &[Value],
        seen: &Seen<'_>,
        _: &mut Emitted,
    ) -> Result<Option<Tally>, FoldError> {
        let LedgerEvent::Customer(event) = seen.event else { return Ok(row) };
        if !self.mended && event.customer.as_str() == "cus_7" {
            return Err(FoldError::Contradiction("seven".to_owned()));
        }
        let times = row.map_or(0, |row| row.times) + 1;
        Ok(Some(Tally { customer: event.customer.to_string(), times }))
    }
}

fn tally(version: i64, mended: bool) -> Vec<Projection> {
    vec![Projection::new("tally", version).fold(TallyFold { mended })]
}

async fn project(ledger: &Ledger, projections: Vec<Projection>) {
    let (mut projector, _) = Projector::new(ledger.clone(), projections, Settings::new("test"));
    projector.drain().await.unwrap();
}

async fn tallies(ledger: &Ledger) -> Vec<(String, i64)> {
    let rows = sqlx::query("SELECT customer, times FROM tallies ORDER BY customer").fetch_all(ledger.pool()).await;
    rows.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_stops_a_rebuild_and_a_mended_fold_brings_the_projection_back() {
    on_both_engines(|url| async move {
        let (ledger, _) = open(&url).await;
        let table = "CREATE TABLE tallies (customer TEXT NOT NULL PRIMARY KEY, times BIGINT NOT NULL)";
        ledger.pool().execute(table).await.unwrap();
        history::append(&ledger, 0..10).await;
        project(&ledger, tally(1, false)).await;
        let (_, _, stopped_at, state) = checkpoint(&ledger, "tally").await;
        assert_eq!(state, "paused");
        let live = tallies(&ledger).await;
        assert_eq!(live.len(), 7);

        let failed = rebuild_projections(&ledger, tally(1, false), &small(), &mut |_| {}).await;
        let Err(ReplayError::Poison { projection: "tally", poison }) = &failed else { panic!("{failed:?}") };
        assert_eq!((poison.position, poison.reason.as_str()), (stopped_at + 1, "seven"));
        let said = failed.unwrap_err().to_string();
        assert!(said.contains(&format!("event {} of type", stopped_at + 1)), "{said}");
        assert_eq!(tallies(&ledger).await, live);
        assert_eq!(leftovers(&ledger).await, [""; 0]);
        assert_eq!(checkpoint(&ledger, "tally").await, (1, 1, stopped_at, "paused".to_owned()));

        rebuild_projections(&ledger, tally(2, true), &RebuildOptions::default(), &mut |_| {}).await.unwrap();
        let head = ledger.head().await.unwrap();
        assert_eq!(checkpoint(&ledger, "tally").await, (2, 2, head, "running".to_owned()));
        assert_eq!(tallies(&ledger).await.len(), 10);
        // A server of the old version keeps its hands off the new tables, one of the new goes on.
        history::append(&ledger, 10..12).await;
        project(&ledger, tally(1, true)).await;
        assert_eq!(tallies(&ledger).await.len(), 10);
        project(&ledger, tally(2, true)).await;
        assert_eq!(tallies(&ledger).await.len(), 12);
        ledger.shutdown().await;
    })
    .await;
}
