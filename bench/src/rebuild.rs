//! How fast are projections made again from the log, and with how much memory? The peer is cqrs-es's QueryReplay with
//! a GenericQuery over its library's view repository, reading the same events table (rule L5).

use std::sync::Arc;
use std::time::{Duration, Instant};

use cqrs_es::persist::{GenericQuery, PersistedEventRepository, QueryReplay, ViewRepository};
use domain::customer::Customer;
use postgres_es::{PostgresEventRepository, PostgresViewRepository};
use serde_json::json;
use sqlite_es::{SqliteEventRepository, SqliteViewRepository};
use sqlx::AnyPool;
use store::{Engine, Ledger, Options};

use crate::customers::MASTER_KEY;
use crate::fill::fill;
use crate::measure::{self, Measured};
use crate::place::Place;
use crate::rates::{mebibytes, per_second, ratio};
use crate::stock::{self, Commit, VIEW};
use crate::view::CustomerView;
use crate::{Arguments, Fault, table};

/// Filled in where `--events` says nothing.
const EVENTS: u64 = 100_000;
/// The default of both libraries' pools; the replay itself uses two connections at a time.
const POOL: u32 = 10;

const COUNT_CUSTOMER_EVENTS: &str = "SELECT COUNT(*) FROM events WHERE aggregate_type = 'customer'";
const COUNT_APPLIED: &str = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM bench_view";

struct Counts {
    log: u64,
    customers: u64,
}

/// What the peer did in the time it was given.
struct Replayed {
    events: u64,
    elapsed: Duration,
}

pub async fn run(place: &mut Place, arguments: &Arguments) -> Result<(), Fault> {
    let url = place.database("rebuild").await?;
    let ledger = Ledger::open(&url, Options::new(MASTER_KEY)).await?;
    fill(&ledger, 0, arguments.events.unwrap_or(EVENTS)).await?;
    let counts = Counts {
        log: u64::try_from(ledger.head().await?)?,
        customers: number(ledger.pool(), COUNT_CUSTOMER_EVENTS).await?,
    };
    ledger.shutdown().await;
    let one = measure::rebuild(&url, &["customers"]).await?;
    let all = measure::rebuild(&url, &[]).await?;
    let replayed = replay_stock(place.engine(), &url, Duration::from_secs(arguments.seconds)).await?;
    report(place, &counts, (&one, &all), &replayed);
    Ok(())
}

async fn replay_stock(engine: Engine, url: &str, time: Duration) -> Result<Replayed, Fault> {
    let elapsed = match engine {
        Engine::Sqlite => {
            let pool = stock::sqlite(url, POOL, Commit::Relaxed).await?;
            stock::create_sqlite_view(&pool).await?;
            let views = SqliteViewRepository::<CustomerView, Customer>::new(VIEW, pool.clone());
            let elapsed = replay(SqliteEventRepository::new(pool.clone()), views, time).await?;
            pool.close().await;
            elapsed
        }
        Engine::Postgres => {
            let pool = stock::postgres(url, POOL, Commit::Relaxed).await?;
            stock::create_postgres_view(&pool).await?;
            let views = PostgresViewRepository::<CustomerView, Customer>::new(VIEW, pool.clone());
            let elapsed = replay(PostgresEventRepository::new(pool.clone()), views, time).await?;
            pool.close().await;
            elapsed
        }
    };
    // Each applied event raises its view's version by one, so the views say how many were applied.
    let ledger = Ledger::open(url, Options::new(MASTER_KEY)).await?;
    let events = number(ledger.pool(), COUNT_APPLIED).await?;
    ledger.shutdown().await;
    Ok(Replayed { events, elapsed })
}

/// Replays until the time is up or the events are.
async fn replay<R, V>(events: R, views: V, time: Duration) -> Result<Duration, Fault>
where
    R: PersistedEventRepository,
    V: ViewRepository<CustomerView, Customer>,
{
    let mut query = GenericQuery::new(Arc::new(views));
    query.use_error_handler(Box::new(|error| eprintln!("bench: the peer's view: {error}")));
    let replay = QueryReplay::<R, GenericQuery<V, CustomerView, Customer>, Customer>::new(events, query);
    let started = Instant::now();
    if let Ok(finished) = tokio::time::timeout(time, replay.replay_all()).await {
        finished?;
    }
    Ok(started.elapsed())
}

async fn number(pool: &AnyPool, statement: &'static str) -> Result<u64, Fault> {
    let number: i64 = sqlx::query_scalar(statement).fetch_one(pool).await?;
    Ok(u64::try_from(number)?)
}

fn report(place: &Place, counts: &Counts, (one, all): (&Measured, &Measured), stock: &Replayed) {
    let time = |measured: &Measured| Duration::from_micros(measured.micros);
    let ours = per_second(counts.customers, time(one));
    let peer = per_second(stock.events, stock.elapsed);
    let row = |what: &str, folded: u64, elapsed: Duration, log: Option<u64>, ratio: String, peak_kib: Option<u64>| {
        vec![
            what.to_owned(),
            table::count(folded),
            format!("{:.2} s", elapsed.as_secs_f64()),
            table::rate(per_second(folded, elapsed)),
            log.map(|log| table::rate(per_second(log, elapsed))).unwrap_or_default(),
            peak_kib.map(|kib| format!("{:.0} MiB", mebibytes(kib))).unwrap_or_default(),
            ratio,
        ]
    };
    let log = Some(counts.log);
    let rows = [
        row(
            "Daybook, customers",
            counts.customers,
            time(one),
            log,
            table::times(ratio(ours, peer)),
            Some(one.peak_kib),
        ),
        row("QueryReplay, one view of customers", stock.events, stock.elapsed, None, String::new(), None),
        row("Daybook, all projections", counts.log, time(all), log, String::new(), Some(all.peak_kib)),
    ];
    let notes = [
        "ratio: events of customers folded a second; Daybook's time includes reading the rest of the log,",
        "writing the rows and the swap; the peer reads customers' events only and was stopped after --seconds",
        "the peer's views do not wait for the disk at each commit, as Daybook's read models need not",
    ];
    let header = ["", "folded", "time", "folded/s", "of the log/s", "peak memory", "ratio"];
    table::print(&format!("rebuild, {}, {} events", place.word(), table::count(counts.log)), &header, &rows, &notes);
    table::print_json(&json!({
        "bench": "rebuild",
        "engine": place.word(),
        "projection": "customers",
        "events": counts.log,
        "ours": table::figure(ours),
        "stock": table::figure(peer),
        "ratio": table::figure(ratio(ours, peer)),
        "log_events_per_s": table::figure(per_second(counts.log, time(one))),
        "all_log_events_per_s": table::figure(per_second(counts.log, time(all))),
        "peak_mib": table::figure(mebibytes(one.peak_kib)),
        "all_peak_mib": table::figure(mebibytes(all.peak_kib)),
    }));
}
