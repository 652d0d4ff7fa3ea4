//! How many times a second is one subscription served over HTTP, and does that depend on how long the log is? The peer
//! is a bare axum handler with the same queries on the same database.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use store::{Ledger, Options};

use crate::bare;
use crate::customers::MASTER_KEY;
use crate::fill::fill;
use crate::http_client::{Connection, request};
use crate::load::{Answered, Requests, Until, send};
use crate::place::Place;
use crate::rates::{per_second, ratio};
use crate::server::{Server, successful};
use crate::{Arguments, Fault, table};

const CONNECTIONS: usize = 64;
/// In the shorter ledger where `--events` says nothing.
const EVENTS: u64 = 5_000;
/// How many times as long the longer ledger is.
const LONGER: u64 = 10;
/// Subscriptions asked for in turn, the same number in both ledgers, so that caches are as warm.
const SUBSCRIPTIONS: usize = 400;
/// Turns the two take, so that a slow moment of the machine meets both.
const TURNS: u32 = 2;

/// What one ledger's length came to.
struct Measured {
    events: i64,
    ours: Answered,
    bare: Answered,
}

pub async fn run(place: &mut Place, arguments: &Arguments) -> Result<(), Fault> {
    let url = place.database("read").await?;
    let ledger = Ledger::open(&url, Options::new(MASTER_KEY)).await?;
    let events = arguments.events.unwrap_or(EVENTS);
    let time = Duration::from_secs(arguments.seconds);
    let filled = fill(&ledger, 0, events).await?;
    let short = measure(place, &ledger, &url, &filled.subscriptions, time).await?;
    let more = fill(&ledger, filled.next, events * (LONGER - 1)).await?;
    let long = measure(place, &ledger, &url, &more.subscriptions, time).await?;
    ledger.shutdown().await;
    report(place, &[short, long]);
    Ok(())
}

async fn measure(
    place: &Place,
    ledger: &Ledger,
    url: &str,
    subscriptions: &[String],
    time: Duration,
) -> Result<Measured, Fault> {
    let server = Server::start(url, place.folder()).await?;
    server.wait_until_drained().await?;
    let events = ledger.head().await?;
    let peer = bare::serve_subscriptions(ledger.pool().clone()).await?;
    let paths = || subscriptions.iter().take(SUBSCRIPTIONS).map(|id| format!("/api/v1/subscriptions/{id}"));
    let ours: Vec<Vec<u8>> = paths().map(|path| server.get(&path)).collect();
    let bare: Vec<Vec<u8>> = paths().map(|path| request("GET", &path, &[], b"")).collect();
    for (address, requests) in [(server.address, &ours), (peer.address, &bare)] {
        let first = requests.first().ok_or("there are no subscriptions")?;
        successful(Connection::open(address).await?.send(first).await?)?;
    }
    let ours = Requests { address: server.address, bytes: Arc::new(ours), connections: CONNECTIONS };
    let bare = Requests { address: peer.address, bytes: Arc::new(bare), connections: CONNECTIONS };
    let mut measured = Measured { events, ours: Answered::default(), bare: Answered::default() };
    for _ in 0..TURNS {
        measured.ours = measured.ours.and(send(&ours, Until::Over(time / TURNS)).await?);
        measured.bare = measured.bare.and(send(&bare, Until::Over(time / TURNS)).await?);
    }
    Ok(measured)
}

fn report(place: &Place, measured: &[Measured]) {
    let rate = |answered: &Answered| per_second(answered.succeeded, answered.elapsed);
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for one in measured {
        let events = table::count(u64::try_from(one.events).unwrap_or_default());
        let ratio = ratio(rate(&one.ours), rate(&one.bare));
        rows.push(row(&format!("Daybook, {events} events"), &one.ours, table::times(ratio)));
        rows.push(row(&format!("bare axum, {events} events"), &one.bare, String::new()));
        lines.push(json!({
            "events": one.events,
            "ours": table::figure(rate(&one.ours)),
            "stock": table::figure(rate(&one.bare)),
            "ratio": table::figure(ratio),
            "failed": one.ours.failed,
            "p99_ms": table::figure(one.ours.latencies.percentile_ms(99)),
        }));
    }
    let header = ["", "requests/s", "failed", "p50", "p99", "ratio"];
    let notes = ["one subscription a request: three queries, the same for both, over a pool of eight connections"];
    let title = format!("read, {}, {CONNECTIONS} connections", place.word());
    table::print(&title, &header, &rows, &notes);
    let of = |index: usize, key: &str| lines.get(index).and_then(|line| line.get(key)).cloned().unwrap_or_default();
    table::print_json(&json!({
        "bench": "read",
        "engine": place.word(),
        "connections": CONNECTIONS,
        "ours": of(0, "ours"),
        "stock": of(0, "stock"),
        "ratio": of(0, "ratio"),
        "p99_ms": of(0, "p99_ms"),
        "failed": of(0, "failed"),
        "longer": lines.get(1),
    }));
}

fn row(what: &str, answered: &Answered, ratio: String) -> Vec<String> {
    vec![
        what.to_owned(),
        table::rate(per_second(answered.succeeded, answered.elapsed)),
        table::count(answered.failed),
        table::ms(answered.latencies.percentile_ms(50)),
        table::ms(answered.latencies.percentile_ms(99)),
        ratio,
    ]
}
