//! Checks of read-model rows, checkpoints and side tables.

use sqlx::{Executor, Row as _};
use store::{
    Checkpoint, CheckpointMove, Clock, Column, ColumnType, Engine, Failure, Ledger, Lookup, Options, Table, TableWrite,
    Value, Values, Written,
};

use crate::bed::{Bed, MASTER_KEY, now};

const TABLE: Table = Table {
    name: "things",
    columns: &[
        Column { name: "tenant", kind: ColumnType::Text },
        Column { name: "number", kind: ColumnType::Int },
        Column { name: "name", kind: ColumnType::Text },
        Column { name: "ended_at", kind: ColumnType::Int },
    ],
    key_columns: 2,
};

async fn with_table(ledger: &Ledger) {
    let sql = "CREATE TABLE things (tenant TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, ended_at BIGINT,
            PRIMARY KEY (tenant, number));
        CREATE UNIQUE INDEX things_by_name ON things (tenant, name);
        CREATE VIEW names AS SELECT tenant, name FROM things";
    ledger.pool().execute(sql).await.unwrap();
}

fn row(number: i64, name: &str, ended_at: Option<i64>) -> Values {
    let ended_at = ended_at.map_or(Value::Null, Value::Int);
    vec![Value::Text("t".to_owned()), Value::Int(number), Value::Text(name.to_owned()), ended_at]
}

fn key(number: i64) -> Values {
    vec![Value::Text("t".to_owned()), Value::Int(number)]
}

fn write(suffix: &str, upserts: Vec<Values>, deletes: Vec<Values>) -> TableWrite {
    TableWrite { table: TABLE, suffix: suffix.to_owned(), upserts, deletes }
}

async fn rows(ledger: &Ledger, suffix: &str) -> Vec<Values> {
    let keys: Vec<_> = (0..10).map(key).collect();
    let lookup = Lookup { table: &TABLE, suffix, keys: &keys };
    let mut rows = ledger.rows_by_keys(&[lookup]).await.unwrap().concat();
    rows.sort();
    rows
}

pub async fn rows_are_replaced_deleted_and_found_by_key(bed: Bed) {
    let ledger = bed.open().await;
    with_table(&ledger).await;
    let odd = "1 \"x\" \\ {\"a\":null} \u{1F600}";
    let first = vec![row(1, "007", None), row(2, odd, Some(i64::MAX)), row(3, "", Some(-1))];
    assert_eq!(ledger.write_rows(&[write("", first.clone(), vec![])], &[]).await.unwrap(), Written::Yes);
    assert_eq!(rows(&ledger, "").await, first);
    let second = write("", vec![row(1, "8", Some(0)), row(4, odd, None)], vec![key(2), key(9)]);
    ledger.write_rows(&[second], &[]).await.unwrap();
    assert_eq!(rows(&ledger, "").await, [row(1, "8", Some(0)), row(3, "", Some(-1)), row(4, odd, None)]);
    let nothing = Lookup { table: &TABLE, suffix: "", keys: &[] };
    assert_eq!(ledger.rows_by_keys(&[nothing, nothing]).await.unwrap(), vec![Vec::<Values>::new(); 2]);
    // A failure undoes all of the write, and the next one goes through.
    let half = [write("", vec![row(5, "a", None)], vec![]), write("", vec![row(6, "a", None)], vec![])];
    ledger.write_rows(&half, &[]).await.unwrap_err();
    assert_eq!(rows(&ledger, "").await.len(), 3);
    ledger.write_rows(&half[..1], &[]).await.unwrap();
    assert_eq!(rows(&ledger, "").await.len(), 4);
}

fn step(name: &str, epoch: i64, from: i64, to: i64) -> CheckpointMove {
    CheckpointMove { name: name.to_owned(), epoch, from, to }
}

pub async fn a_checkpoint_moves_once(bed: Bed) {
    let ledger = bed.open().await;
    with_table(&ledger).await;
    for name in ["a", "b", "a"] {
        ledger.register_checkpoint(name, 1).await.unwrap();
    }
    let cases = [
        (vec![step("a", 1, 0, 5)], Written::Yes),
        (vec![step("a", 1, 0, 6)], Written::LostRace),
        (vec![step("a", 2, 5, 6)], Written::LostRace),
        (vec![step("b", 1, 0, 7), step("a", 1, 4, 6)], Written::LostRace),
        (vec![step("c", 1, 0, 1)], Written::LostRace),
        (vec![step("b", 1, 0, 7), step("a", 1, 5, 7)], Written::Yes),
    ];
    for (number, (moves, expected)) in (0..).zip(cases) {
        let write = write("", vec![row(number, &number.to_string(), None)], vec![]);
        assert_eq!(ledger.write_rows(&[write], &moves).await.unwrap(), expected, "{moves:?}");
    }
    assert_eq!(rows(&ledger, "").await, [row(0, "0", None), row(5, "5", None)]);
    let positions: Vec<_> = ledger.checkpoints().await.unwrap().into_iter().map(|at| (at.name, at.position)).collect();
    assert_eq!(positions, [("a".to_owned(), 7), ("b".to_owned(), 7)]);
}

pub async fn checkpoints_pause_resume_and_are_leased(bed: Bed) {
    let clock = Clock::fixed(now());
    let options = Options { clock: clock.clone(), ..Options::new(MASTER_KEY) };
    let ledger = Ledger::open(&bed.url, options).await.unwrap();
    ledger.register_checkpoint("a", 3).await.unwrap();
    let failure = Failure { position: 9, event_type: "InvoicePaid".to_owned(), reason: "no\0 good".to_owned() };
    ledger.pause_checkpoint("a", &failure).await.unwrap();
    let paused = Checkpoint {
        name: "a".to_owned(),
        version: 3,
        epoch: 1,
        position: 0,
        state: "paused".to_owned(),
        failure: Some(Failure { reason: "no good".to_owned(), ..failure }),
        owner: String::new(),
        lease_until: 0,
    };
    assert_eq!(ledger.checkpoints().await.unwrap(), std::slice::from_ref(&paused));
    ledger.resume_checkpoint("a").await.unwrap();
    let running = Checkpoint { state: "running".to_owned(), failure: None, ..paused };
    assert_eq!(ledger.checkpoints().await.unwrap(), [running]);

    let Clock::Fixed(micros) = clock else { unreachable!() };
    let lease = async |owner, after_ms: i64| {
        micros.fetch_add(after_ms * 1000, std::sync::atomic::Ordering::Relaxed);
        ledger.acquire_lease("a", owner, 1000).await.unwrap()
    };
    assert!(lease("one", 0).await);
    assert!(!lease("two", 999).await);
    assert!(lease("one", 0).await);
    assert!(!lease("two", 999).await);
    assert!(lease("two", 1).await);
    assert!(!lease("one", 0).await);
}

pub async fn side_tables_take_the_place_of_live_ones(bed: Bed) {
    let ledger = bed.open().await;
    with_table(&ledger).await;
    ledger.register_checkpoint("things", 1).await.unwrap();
    let live = write("", vec![row(1, "live", None)], vec![]);
    ledger.write_rows(&[live], &[step("things", 1, 0, 5)]).await.unwrap();
    for (round, suffix) in (2..).zip(["__r1", "__r1", "__r2"]) {
        ledger.create_side_tables(&["things"], suffix).await.unwrap();
        // Leftovers go.
        ledger.write_rows(&[write(suffix, vec![row(8, "leftover", None)], vec![])], &[]).await.unwrap();
        ledger.create_side_tables(&["things"], suffix).await.unwrap();
        let name = format!("side {round}");
        ledger.write_rows(&[write(suffix, vec![row(round, &name, None)], vec![])], &[]).await.unwrap();
        let twice = write(suffix, vec![row(9, &name, None)], vec![]);
        ledger.write_rows(&[twice], &[]).await.unwrap_err();
        let swap = async |position| ledger.swap_side_tables(&["things"], suffix, "things", round, position).await;
        assert_eq!(swap(4).await.unwrap(), Written::LostRace);
        assert_eq!(swap(5).await.unwrap(), Written::Yes);
        assert_eq!(rows(&ledger, "").await, [row(round, &name, None)]);
        let seen = sqlx::query("SELECT name FROM names").fetch_one(ledger.pool()).await.unwrap();
        assert_eq!(seen.get::<String, _>(0), name);
        let at = ledger.checkpoints().await.unwrap().remove(0);
        assert_eq!((at.position, at.epoch, at.version), (5, round, round));
    }
    ledger.create_side_tables(&["things"], "__r3").await.unwrap();
    ledger.drop_side_tables(&["things"], "__r3").await.unwrap();
    let tables = match ledger.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'things%'",
        Engine::Postgres => "SELECT tablename::text FROM pg_tables WHERE tablename LIKE 'things%'",
    };
    let tables = sqlx::query(tables).fetch_all(ledger.pool()).await.unwrap();
    assert_eq!(tables.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>(), ["things"]);
}
