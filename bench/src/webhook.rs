//! How many signed Stripe events a second are acknowledged as durable, how long does one wait, and how long until all
//! that follows from them is done? The peer acknowledges the same events on stock cqrs-es, and does nothing after that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres_es::PostgresEventRepository;
use serde_json::json;
use sqlite_es::SqliteEventRepository;
use store::{Engine, Ledger, Options};

use crate::bare::{self, Served, Webhook};
use crate::customers::{self, MASTER_KEY};
use crate::http_client::Connection;
use crate::load::{Answered, Requests, Until, send};
use crate::place::Place;
use crate::rates::{per_second, ratio};
use crate::server::Server;
use crate::stock::{self, Commit};
use crate::{Arguments, Fault, deliveries, table};

const CONNECTIONS: usize = 64;
/// Delivered where `--events` says nothing: some seconds' worth.
const EVENTS: u64 = 20_000;
/// Of the peer, by what suits it better, as the append bench finds.
const SQLITE_POOL: u32 = 1;
const POSTGRES_POOL: u32 = 32;

/// What came of Daybook's part.
struct Ours {
    answered: Answered,
    /// How far the furthest behind was when the last event had been acknowledged.
    lag: i64,
    /// From then until nothing was behind.
    drain: Duration,
    /// Events of the log in the end, consequences included.
    head: i64,
}

pub async fn run(place: &mut Place, arguments: &Arguments) -> Result<(), Fault> {
    let count = usize::try_from(arguments.events.unwrap_or(EVENTS))?;
    let bytes = Arc::new(deliveries::requests(count)?);
    let ours = measure_ours(place, &bytes).await?;
    let stock = measure_stock(place, &bytes).await?;
    report(place, &ours, &stock);
    Ok(())
}

async fn measure_ours(place: &mut Place, bytes: &Arc<Vec<Vec<u8>>>) -> Result<Ours, Fault> {
    let url = place.database("webhook_ours").await?;
    let server = Server::start(&url, place.folder()).await?;
    let requests = Requests { address: server.address, bytes: Arc::clone(bytes), connections: CONNECTIONS };
    let answered = send(&requests, Until::EachSentOnce).await?;
    let acknowledged = Instant::now();
    let mut connection = Connection::open(server.address).await?;
    let lag = server.standing(&mut connection).await?.lag;
    server.wait_until_drained().await?;
    let drain = acknowledged.elapsed();
    if answered.failed > 0 {
        eprintln!("bench: the server's log says:\n{}", server.log());
    }
    let head = server.standing(&mut connection).await?.head;
    Ok(Ours { answered, lag, drain, head })
}

async fn measure_stock(place: &mut Place, bytes: &Arc<Vec<Vec<u8>>>) -> Result<Answered, Fault> {
    // A ledger of its own lends the peer its sealing; nothing is written to it.
    let lender = format!("sqlite://{}", place.folder().join("lender.db").display());
    let lender = Ledger::open(&lender, Options::new(MASTER_KEY)).await?;
    let url = place.database("webhook_stock").await?;
    let (served, pool_connections) = serve_stock(place.engine(), &url, &lender).await?;
    let requests = Requests { address: served.address, bytes: Arc::clone(bytes), connections: CONNECTIONS };
    let answered = send(&requests, Until::EachSentOnce).await?;
    lender.shutdown().await;
    if answered.succeeded == 0 {
        return Err(format!("the peer on {pool_connections} connections took nothing").into());
    }
    Ok(answered)
}

async fn serve_stock(engine: Engine, url: &str, lender: &Ledger) -> Result<(Served, u32), Fault> {
    let tenant = customers::tenant()?;
    let sealer = lender.keyring().sealer(&tenant, "stripe_event/of_the_peer").await?;
    let keyring = lender.keyring().clone();
    match engine {
        Engine::Sqlite => {
            let pool = stock::sqlite(url, SQLITE_POOL, Commit::Durable).await?;
            stock::create_sqlite_events(&pool).await?;
            let framework = stock::framework(SqliteEventRepository::new(pool));
            Ok((bare::serve_webhook(Webhook { framework, tenant, sealer, keyring }).await?, SQLITE_POOL))
        }
        Engine::Postgres => {
            let pool = stock::postgres(url, POSTGRES_POOL, Commit::Durable).await?;
            stock::create_postgres_events(&pool).await?;
            let framework = stock::framework(PostgresEventRepository::new(pool));
            Ok((bare::serve_webhook(Webhook { framework, tenant, sealer, keyring }).await?, POSTGRES_POOL))
        }
    }
}

fn report(place: &Place, ours: &Ours, stock: &Answered) {
    let (rate, peer) =
        (per_second(ours.answered.succeeded, ours.answered.elapsed), per_second(stock.succeeded, stock.elapsed));
    let row = |what: &str, answered: &Answered, rate: f64, ratio: String| {
        let latencies = &answered.latencies;
        vec![
            what.to_owned(),
            table::rate(rate),
            table::count(answered.failed),
            table::ms(latencies.percentile_ms(50)),
            table::ms(latencies.percentile_ms(99)),
            table::ms(latencies.max_ms()),
            ratio,
        ]
    };
    let rows = [
        row("Daybook, reacting and projecting meanwhile", &ours.answered, rate, table::times(ratio(rate, peer))),
        row("bare axum on stock cqrs-es, appending only", stock, peer, String::new()),
    ];
    let whole = ours.answered.elapsed + ours.drain;
    let drained = per_second(ours.answered.succeeded, whole);
    let backlog = format!(
        "at the last acknowledgement {} events of the log were behind; {:.2} s later none was",
        table::count(u64::try_from(ours.lag).unwrap_or_default()),
        ours.drain.as_secs_f64()
    );
    let drain = format!(
        "received, reacted to and projected: {} Stripe events/s ({} events of the log/s) from first request to no lag",
        table::rate(drained),
        table::rate(per_second(u64::try_from(ours.head).unwrap_or_default(), whole))
    );
    let failure = ours.answered.first_failure.as_ref().or(stock.first_failure.as_ref());
    let failure = failure.map(|failure| format!("first failure: {failure}"));
    let notes: Vec<&str> =
        [Some(backlog.as_str()), Some(drain.as_str()), failure.as_deref()].into_iter().flatten().collect();
    let header = ["", "acknowledged/s", "failed", "p50", "p99", "max", "ratio"];
    table::print(&format!("webhook, {}, {CONNECTIONS} connections", place.word()), &header, &rows, &notes);
    table::print_json(&json!({
        "bench": "webhook",
        "engine": place.word(),
        "connections": CONNECTIONS,
        "ours": table::figure(rate),
        "stock": table::figure(peer),
        "ratio": table::figure(ratio(rate, peer)),
        "failed": ours.answered.failed,
        "p50_ms": table::figure(ours.answered.latencies.percentile_ms(50)),
        "p99_ms": table::figure(ours.answered.latencies.percentile_ms(99)),
        "max_ms": table::figure(ours.answered.latencies.max_ms()),
        "lag_at_last_acknowledgement": ours.lag,
        "drained_after_s": table::figure(ours.drain.as_secs_f64()),
        "drained_per_s": table::figure(drained),
    }));
}
