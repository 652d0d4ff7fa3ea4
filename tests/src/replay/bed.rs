//! A ledger with a clock that only the test moves, kept projected as the server would.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use domain::id::TenantId;
use jiff::Timestamp;
use projections::{Projector, Settings};
use replay::RebuildOptions;
use sqlx::Row as _;
use store::{Clock, Engine, Ledger, Options};

use crate::support::tables::all_tables;

pub const NOW: &str = "2024-03-01T12:00:00Z";

pub fn tenant() -> TenantId {
    TenantId::parse("coaching").unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Pages and memory so small that a few hundred events fill many of both.
pub fn small() -> RebuildOptions {
    RebuildOptions { page_events: 20, memory_bytes: 64 << 10 }
}

pub async fn open(url: &str) -> (Ledger, Clock) {
    let clock = Clock::fixed(at(NOW));
    let options = Options { clock: clock.clone(), ..Options::new([7; 32]) };
    (Ledger::open(url, options).await.unwrap(), clock)
}

pub fn advance(clock: &Clock, seconds: i64) {
    let Clock::Fixed(micros) = clock else { unreachable!("the clock is fixed") };
    micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
}

pub async fn project(ledger: &Ledger) {
    let (mut projector, _) = Projector::new(ledger.clone(), projections::all(), Settings::new("test"));
    projector.drain().await.unwrap();
}

/// All tables, of which none may be empty: an empty one would prove nothing.
pub async fn full_tables(ledger: &Ledger) -> BTreeMap<&'static str, Vec<String>> {
    let tables = all_tables(ledger).await;
    let empty: Vec<_> = tables.iter().filter(|(_, rows)| rows.is_empty()).map(|(name, _)| *name).collect();
    assert_eq!(empty, [""; 0], "the history fills every table");
    tables
}

/// Names of tables that a rebuild made and did not take away.
pub async fn leftovers(ledger: &Ledger) -> Vec<String> {
    let sql = match ledger.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%rebuild%' ORDER BY name",
        Engine::Postgres => "SELECT tablename::text FROM pg_tables WHERE tablename LIKE '%rebuild%' ORDER BY tablename",
    };
    let rows = sqlx::query(sql).fetch_all(ledger.pool()).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Version, epoch, position and state of each checkpoint with this name.
pub async fn checkpoint(ledger: &Ledger, name: &str) -> (i64, i64, i64, String) {
    let checkpoints = ledger.checkpoints().await.unwrap();
    let found = checkpoints.into_iter().find(|checkpoint| checkpoint.name == name).unwrap();
    (found.version, found.epoch, found.position, found.state)
}
