//! A year of monthly billing: subscriptions of the sandbox renewed, invoiced, charged and posted by the server, on a clock
//! that goes on month by month. Beside it the same rows and events copied by the database itself, which is the floor.

use std::time::{Duration, Instant};

use futures::{TryStreamExt as _, stream};
use serde_json::{Value, json};
use sqlx::{AnyPool, Row as _};
use store::Engine;

use crate::http_client::{Connection, request};
use crate::place::Place;
use crate::rates::{per_second, ratio};
use crate::server::{Server, successful};
use crate::{Arguments, Fault, table};

/// Subscriptions where `--events` says nothing, as the target has it.
const SUBSCRIPTIONS: u64 = 10_000;
/// Months that are billed after the first.
const MONTHS: u64 = 12;
/// Of a hundred subscriptions so many fail each month and are dunned.
const FAILING: u64 = 5;
const CONNECTIONS: usize = 32;

/// What one month came to.
struct Month {
    elapsed: Duration,
    resident_mib: u64,
}

pub async fn run(place: &mut Place, arguments: &Arguments) -> Result<(), Fault> {
    let subscriptions = arguments.events.unwrap_or(SUBSCRIPTIONS);
    let url = place.database("renew").await?;
    let server = Server::start(&url, place.folder()).await?;
    turn_clock(&server, 0).await?;
    let begun = Instant::now();
    subscribe(&server, subscriptions).await?;
    let subscribed = begun.elapsed();
    server.wait_until_drained().await?;
    let mut months = Vec::new();
    for month in 1..=MONTHS {
        let begun = Instant::now();
        turn_clock(&server, month).await?;
        months.push(Month { elapsed: begun.elapsed(), resident_mib: server.resident_mib() });
    }
    let mut connection = Connection::open(server.address).await?;
    let head = server.standing(&mut connection).await?.head;
    drop(server);
    let floor = copy(place.engine(), &url).await?;
    report(place, subscriptions, subscribed, &months, head, floor);
    Ok(())
}

/// The clock stands at the first of each month from January 2024.
async fn turn_clock(server: &Server, month: u64) -> Result<(), Fault> {
    let now = format!("{}-{:02}-01T00:00:00Z", 2024 + month / 12, month % 12 + 1);
    let answer = send(server, "POST", "/ledger/v1/sandbox/clock?wait=true", &json!({ "now": now })).await?;
    match answer.get("due").and_then(Value::as_i64) {
        Some(0) => Ok(()),
        _ => Err(format!("the clock was not turned: {answer}").into()),
    }
}

async fn subscribe(server: &Server, subscriptions: u64) -> Result<(), Fault> {
    stream::iter((0..subscriptions).map(Ok::<u64, Fault>))
        .try_for_each_concurrent(CONNECTIONS, |number| subscribe_one(server, number))
        .await
}

async fn subscribe_one(server: &Server, number: u64) -> Result<(), Fault> {
    let customer = json!({
        "email": format!("customer{number}@example.com"),
        "first_name": "Ada",
        "last_name": "Adams",
        "payment_method_id": "pm_card_visa",
    });
    let customer = send(server, "POST", "/api/v1/customers", &customer).await?;
    let id = customer.get("customer_id").and_then(Value::as_str).ok_or("no customer_id")?;
    let subscription = json!({ "customer_id": id, "plan_id": "community_access" });
    send(server, "POST", "/api/v1/subscriptions", &subscription).await?;
    if number % 100 < FAILING {
        // Each month's charge fails once, and the retry of the campaign succeeds.
        let outcomes: Vec<&str> = (0..MONTHS).flat_map(|_| ["insufficient_funds", "succeed"]).collect();
        send(server, "PUT", &format!("/ledger/v1/sandbox/customers/{id}/outcomes"), &json!(outcomes)).await?;
    }
    Ok(())
}

async fn send(server: &Server, method: &str, path: &str, body: &Value) -> Result<Value, Fault> {
    let mut connection = Connection::open(server.address).await?;
    let headers = [format!("authorization: Bearer {}", server.key)];
    let bytes = request(method, path, &headers, body.to_string().as_bytes());
    let answer = successful(connection.send(&bytes).await?)?;
    Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

/// Copies every table of the database into one of the same columns and key, and says how long that took and how many rows
/// there were.
async fn copy(engine: Engine, url: &str) -> Result<(Duration, u64), Fault> {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(url).await?;
    let listed = match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Engine::Postgres => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'",
    };
    let names: Vec<String> =
        sqlx::query(listed).fetch_all(&pool).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    for name in &names {
        let create = match engine {
            Engine::Sqlite => format!("CREATE TABLE raw_{name} AS SELECT * FROM {name} WHERE 0"),
            Engine::Postgres => format!("CREATE TABLE raw_{name} (LIKE {name} INCLUDING DEFAULTS)"),
        };
        sqlx::query(&create).execute(&pool).await?;
    }
    let begun = Instant::now();
    let mut rows = 0;
    for name in &names {
        let insert = format!("INSERT INTO raw_{name} SELECT * FROM {name}");
        rows += sqlx::query(&insert).execute(&pool).await?.rows_affected();
    }
    let elapsed = begun.elapsed();
    pool.close().await;
    Ok((elapsed, rows))
}

fn report(
    place: &Place,
    subscriptions: u64,
    subscribed: Duration,
    months: &[Month],
    head: i64,
    (floor, rows): (Duration, u64),
) {
    let renewals = subscriptions * MONTHS;
    let whole: Duration = months.iter().map(|month| month.elapsed).sum();
    let rate = per_second(renewals, whole);
    let first = months.first().map_or(0.0, |month| per_second(subscriptions, month.elapsed));
    let last = months.last().map_or(0.0, |month| per_second(subscriptions, month.elapsed));
    let memory = |month: Option<&Month>| month.map_or(0, |month| month.resident_mib);
    let floor_rate = per_second(renewals, floor);
    let cells = |what: &str, rate: f64, ratio: String| vec![what.to_owned(), table::rate(rate), ratio];
    let table_rows = [
        cells("Daybook: renewed, invoiced, charged, dunned, projected", rate, table::times(ratio(rate, floor_rate))),
        cells("of these in the first month", first, String::new()),
        cells("of these in the last month", last, String::new()),
        cells("the database copying the same events and rows", floor_rate, String::new()),
    ];
    let subscribing = format!(
        "{} customers created and subscribed over HTTP in {:.1} s",
        table::count(subscriptions),
        subscribed.as_secs_f64()
    );
    let memory_note = format!(
        "resident after the first month {} MiB, after the last {} MiB; {} events in the log, {} rows in all",
        memory(months.first()),
        memory(months.last()),
        table::count(u64::try_from(head).unwrap_or_default()),
        table::count(rows)
    );
    let title = format!("renew, {}, {} subscriptions for {MONTHS} months", place.word(), table::count(subscriptions));
    table::print(&title, &["", "renewals/s", "of the floor"], &table_rows, &[&subscribing, &memory_note]);
    table::print_json(&json!({
        "bench": "renew",
        "engine": place.word(),
        "subscriptions": subscriptions,
        "renewals_per_s": table::figure(rate),
        "first_month_per_s": table::figure(first),
        "last_month_per_s": table::figure(last),
        "floor_per_s": table::figure(floor_rate),
        "of_the_floor": table::figure(ratio(rate, floor_rate)),
        "resident_mib_first": memory(months.first()),
        "resident_mib_last": memory(months.last()),
        "events": head,
    }));
}
