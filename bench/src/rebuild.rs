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

/// First what the library's own default pool does, which is what `stock` means; on PostgreSQL then also commits that
/// do not wait for the disk, as Daybook's read models need not. sqlite-es's default is of that kind already.
const SQLITE_COMMITS: &[Commit] = &[Commit::Relaxed];
const POSTGRES_COMMITS: &[Commit] = &[Commit::Durable, Commit::Relaxed];

struct Counts {
    log: u64,
    customers: u64,
}

/// What the peer did in the time it was given.
struct Replayed {
    commit: Commit,
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
    let one = measure::rebuild(&url, &["payment_methods"]).await?;
    let all = measure::rebuild(&url, &[]).await?;
    let time = Duration::from_secs(arguments.seconds);
    let commits = match place.engine() {
        Engine::Sqlite => SQLITE_COMMITS,
        Engine::Postgres => POSTGRES_COMMITS,
    };
    let mut replayed = Vec::new();
    for commit in commits {
        replayed.push(replay_stock(place.engine(), &url, *commit, time).await?);
    }
    report(place, &counts, (&one, &all), &replayed);
    Ok(())
}

async fn replay_stock(engine: Engine, url: &str, commit: Commit, time: Duration) -> Result<Replayed, Fault> {
    let elapsed = match engine {
        Engine::Sqlite => {
            let pool = stock::sqlite(url, POOL, commit).await?;
            stock::create_sqlite_view(&pool).await?;
            let views = SqliteViewRepository::<CustomerView, Customer>::new(VIEW, pool.clone());
            let elapsed = replay(SqliteEventRepository::new(pool.clone()), views, time).await?;
            pool.close().await;
            elapsed
        }
        Engine::Postgres => {
            let pool = stock::postgres(url, POOL, commit).await?;
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
    Ok(Replayed { commit, events, elapsed })
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

/// A line of the table: what was folded in what time.
struct Line {
    what: String,
    folded: u64,
    elapsed: Duration,
    /// Events of the whole log that were gone over.
    log: Option<u64>,
    peak_kib: Option<u64>,
    ratio: Option<f64>,
}

impl Line {
    fn cells(&self) -> Vec<String> {
        vec![
            self.what.clone(),
            table::count(self.folded),
            format!("{:.2} s", self.elapsed.as_secs_f64()),
            table::rate(per_second(self.folded, self.elapsed)),
            self.log.map(|log| table::rate(per_second(log, self.elapsed))).unwrap_or_default(),
            self.peak_kib.map(|kib| format!("{:.0} MiB", mebibytes(kib))).unwrap_or_default(),
            self.ratio.map(table::times).unwrap_or_default(),
        ]
    }
}

fn ours(what: &str, folded: u64, log: u64, measured: &Measured) -> Line {
    let elapsed = Duration::from_micros(measured.micros);
    let (log, peak_kib) = (Some(log), Some(measured.peak_kib));
    Line { what: what.to_owned(), folded, elapsed, log, peak_kib, ratio: None }
}

fn report(place: &Place, counts: &Counts, (one, all): (&Measured, &Measured), stock: &[Replayed]) {
    let one = ours("Daybook, payment methods", counts.customers, counts.log, one);
    let all = ours("Daybook, all projections", counts.log, counts.log, all);
    let rate = per_second(one.folded, one.elapsed);
    let mut rows = vec![one.cells()];
    for peer in stock {
        let what = match peer.commit {
            Commit::Durable => "QueryReplay, one view of customers",
            Commit::Relaxed => "QueryReplay, one view, commits not waiting for the disk",
        };
        let ratio = Some(ratio(rate, per_second(peer.events, peer.elapsed)));
        let (folded, elapsed) = (peer.events, peer.elapsed);
        rows.push(Line { what: what.to_owned(), folded, elapsed, log: None, peak_kib: None, ratio }.cells());
    }
    rows.push(all.cells());
    let notes = [
        "ratio: how many times the peer's rate of folded customer events Daybook's is",
        "Daybook's time includes reading the rest of the log, writing the rows and the swap;",
        "the peer reads customer events only, and was stopped after --seconds",
    ];
    let header = ["", "folded", "time", "folded/s", "of the log/s", "peak memory", "ratio"];
    table::print(&format!("rebuild, {}, {} events", place.word(), table::count(counts.log)), &header, &rows, &notes);
    let peer = |replayed: Option<&Replayed>| replayed.map_or(0.0, |peer| per_second(peer.events, peer.elapsed));
    let (first, last) = (peer(stock.first()), peer(stock.last()));
    let peak = |line: &Line| table::figure(mebibytes(line.peak_kib.unwrap_or_default()));
    table::print_json(&json!({
        "bench": "rebuild",
        "engine": place.word(),
        "projection": "payment_methods",
        "events": counts.log,
        "ours": table::figure(rate),
        "stock": table::figure(first),
        "ratio": table::figure(ratio(rate, first)),
        "stock_relaxed": table::figure(last),
        "ratio_relaxed": table::figure(ratio(rate, last)),
        "log_events_per_s": table::figure(per_second(counts.log, one.elapsed)),
        "all_log_events_per_s": table::figure(per_second(counts.log, all.elapsed)),
        "peak_mib": peak(&one),
        "all_peak_mib": peak(&all),
    }));
}
