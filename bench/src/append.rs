//! How many commands a second become durable events? Ours go through the whole funnel (seal, decide, hash, append);
//! the peer seals and decides the same and appends through stock cqrs-es without queries.

use std::sync::Arc;
use std::time::Duration;

use cqrs_es::persist::PersistedEventRepository;
use domain::command::Command;
use domain::customer::{Customer, Profile};
use domain::id::{CustomerId, TenantId};
use domain::issued::Issued;
use postgres_es::PostgresEventRepository;
use serde_json::json;
use sqlite_es::SqliteEventRepository;
use store::{Clock, Engine, Ledger, Options, SubjectSealer};

use crate::customers::{self, MASTER_KEY};
use crate::load::{each, hammer};
use crate::place::Place;
use crate::rates::{per_second, ratio};
use crate::stock::{self, Commit, Framework};
use crate::{Arguments, Fault, table};

/// So many that no stream gets long while the peer is measured; it loads a stream whole for every command.
const CUSTOMERS: usize = 5_000;
const CALLERS: [usize; 3] = [1, 64, 256];
/// The peer is measured with its library's own default of ten connections, and with what suits it better: one writer
/// on SQLite, where ten get in each other's way, and a connection for every other caller on PostgreSQL.
const SQLITE_POOLS: [u32; 2] = [1, 10];
const POSTGRES_POOLS: [u32; 2] = [10, 32];

/// Turns that each side has.
const TURNS: u32 = 4;

/// Daybook with its customers.
struct Ours {
    ledger: Ledger,
    tenant: TenantId,
    prepared: Arc<Vec<Prepared>>,
}

/// A customer with what is needed to change it.
struct Prepared {
    id: CustomerId,
    profile: Profile,
    sealer: SubjectSealer,
}

/// A peer on a pool of so many connections.
struct Peer<R: PersistedEventRepository> {
    connections: u32,
    framework: Arc<Framework<R, Customer>>,
}

/// Commands done in some time.
#[derive(Clone, Copy, Default)]
struct Done {
    calls: u64,
    elapsed: Duration,
}

impl Done {
    fn add(&mut self, (calls, elapsed): (u64, Duration)) {
        self.calls += calls;
        self.elapsed += elapsed;
    }

    fn rate(self) -> f64 {
        per_second(self.calls, self.elapsed)
    }
}

/// A figure of the peer.
struct Stock {
    callers: usize,
    connections: u32,
    rate: f64,
}

pub async fn run(place: &mut Place, arguments: &Arguments) -> Result<(), Fault> {
    let time = Duration::from_secs(arguments.seconds);
    let ledger = Ledger::open(&place.database("append_ours").await?, Options::new(MASTER_KEY)).await?;
    let tenant = customers::tenant()?;
    let prepared = Arc::new(prepare(&ledger, &tenant).await?);
    let ours = Ours { ledger, tenant, prepared };
    let (ours_rates, stock) = match place.engine() {
        Engine::Sqlite => {
            let mut peers = Vec::new();
            for connections in SQLITE_POOLS {
                let url = place.database(&format!("append_stock{connections}")).await?;
                let pool = stock::sqlite(&url, connections, Commit::Durable).await?;
                stock::create_sqlite_events(&pool).await?;
                peers.push(peer(SqliteEventRepository::new(pool), &ours.prepared, connections).await?);
            }
            take_turns(&ours, &peers, time).await?
        }
        Engine::Postgres => {
            let mut peers = Vec::new();
            for connections in POSTGRES_POOLS {
                let url = place.database(&format!("append_stock{connections}")).await?;
                let pool = stock::postgres(&url, connections, Commit::Durable).await?;
                stock::create_postgres_events(&pool).await?;
                peers.push(peer(PostgresEventRepository::new(pool), &ours.prepared, connections).await?);
            }
            take_turns(&ours, &peers, time).await?
        }
    };
    ours.ledger.shutdown().await;
    report(place, &ours_rates, &stock);
    Ok(())
}

/// Daybook and its peers take turns, so that a slow moment of the machine meets all of them.
async fn take_turns<R: PersistedEventRepository + 'static>(
    ours: &Ours,
    peers: &[Peer<R>],
    time: Duration,
) -> Result<(Vec<(usize, f64)>, Vec<Stock>), Fault> {
    let (mut rates, mut stock) = (Vec::new(), Vec::new());
    let mut turn = 0;
    for callers in CALLERS {
        let mut own = Done::default();
        let mut theirs = vec![Done::default(); peers.len()];
        for _ in 0..TURNS {
            turn += 1;
            own.add(measure_ours(ours, turn, callers, time / TURNS).await?);
            // Beyond 64 callers the peer does not gain.
            if callers <= 64 {
                for (peer, done) in peers.iter().zip(&mut theirs) {
                    done.add(measure_stock(peer, &ours.prepared, (turn, callers), time / TURNS).await?);
                }
            }
        }
        rates.push((callers, own.rate()));
        if callers <= 64 {
            let figures = peers.iter().zip(&theirs);
            stock.extend(figures.map(|(peer, done)| Stock {
                callers,
                connections: peer.connections,
                rate: done.rate(),
            }));
        }
    }
    Ok((rates, stock))
}

/// Makes the customers through the ledger.
async fn prepare(ledger: &Ledger, tenant: &TenantId) -> Result<Vec<Prepared>, Fault> {
    let mut prepared = Vec::with_capacity(CUSTOMERS);
    for number in 0..CUSTOMERS {
        let id = customers::customer_id(number)?;
        let sealer = customers::sealer(ledger, tenant, &id).await?;
        let profile = customers::profile(&sealer, number);
        prepared.push(Prepared { id, profile, sealer });
    }
    let prepared = Arc::new(prepared);
    let (handle, of) = (ledger.clone(), tenant.clone());
    let shared = Arc::clone(&prepared);
    each(CUSTOMERS, 64, move |number| {
        let (ledger, tenant, prepared) = (handle.clone(), of.clone(), Arc::clone(&shared));
        async move {
            let Some(customer) = prepared.get(number) else { return Ok(()) };
            let create = customers::create(&customer.id, customer.profile.clone());
            let commands = vec![Command::Customer(customer.id.clone(), create)];
            ledger.execute(customers::request(&tenant, ledger.clock().now(), commands, true)).await?;
            Ok(())
        }
    })
    .await?;
    Arc::into_inner(prepared).ok_or_else(|| "a caller is still running".into())
}

/// The customer of a caller's next command: each caller has customers of its own, so nobody meets a conflict.
fn chosen(prepared: &[Prepared], callers: usize, caller: usize, done: usize) -> Result<&Prepared, Fault> {
    let each = prepared.len() / callers;
    prepared.get(caller * each + done % each).ok_or_else(|| "more callers than customers".into())
}

/// A number that no earlier turn set, since a command that changes nothing writes nothing.
fn phone(turn: u32, caller: usize, done: usize) -> String {
    format!("+1 {turn:03} {caller:04} {done:07}")
}

async fn measure_ours(ours: &Ours, turn: u32, callers: usize, time: Duration) -> Result<(u64, Duration), Fault> {
    let (ledger, tenant, prepared) = (ours.ledger.clone(), ours.tenant.clone(), Arc::clone(&ours.prepared));
    hammer(callers, time, move |caller, done| {
        let (ledger, tenant, prepared) = (ledger.clone(), tenant.clone(), Arc::clone(&prepared));
        async move {
            let customer = chosen(&prepared, callers, caller, done)?;
            let sealer = customers::sealer(&ledger, &tenant, &customer.id).await?;
            let phone = phone(turn, caller, done);
            let profile = customers::with_phone(customer.profile.clone(), &sealer, &phone);
            let commands = vec![Command::Customer(customer.id.clone(), customers::update(profile))];
            let receipt = ledger.execute(customers::request(&tenant, ledger.clock().now(), commands, false)).await?;
            if receipt.events.len() == 1 { Ok(()) } else { Err("a command did not write one event".into()) }
        }
    })
    .await
}

/// The peer with customers of its own.
async fn peer<R: PersistedEventRepository + 'static>(
    repository: R,
    prepared: &Arc<Vec<Prepared>>,
    connections: u32,
) -> Result<Peer<R>, Fault> {
    let framework: Arc<Framework<R, Customer>> = Arc::new(stock::framework(repository));
    let (shared, customers) = (Arc::clone(&framework), Arc::clone(prepared));
    each(CUSTOMERS, 64, move |number| {
        let (framework, prepared) = (Arc::clone(&shared), Arc::clone(&customers));
        async move {
            let Some(customer) = prepared.get(number) else { return Ok(()) };
            let command = customers::create(&customer.id, customer.profile.clone());
            framework.execute(customer.id.as_str(), Issued { now: Clock::Real.now(), command }).await?;
            Ok(())
        }
    })
    .await?;
    Ok(Peer { connections, framework })
}

async fn measure_stock<R: PersistedEventRepository + 'static>(
    peer: &Peer<R>,
    prepared: &Arc<Vec<Prepared>>,
    (turn, callers): (u32, usize),
    time: Duration,
) -> Result<(u64, Duration), Fault> {
    let (framework, prepared) = (Arc::clone(&peer.framework), Arc::clone(prepared));
    hammer(callers, time, move |caller, done| {
        let (framework, prepared) = (Arc::clone(&framework), Arc::clone(&prepared));
        async move {
            let customer = chosen(&prepared, callers, caller, done)?;
            let phone = phone(turn, caller, done);
            let profile = customers::with_phone(customer.profile.clone(), &customer.sealer, &phone);
            let issued = Issued { now: Clock::Real.now(), command: customers::update(profile) };
            framework.execute(customer.id.as_str(), issued).await?;
            Ok(())
        }
    })
    .await
}

/// The peer's best figure for so many callers.
fn best(stock: &[Stock], callers: usize) -> f64 {
    stock.iter().filter(|one| one.callers == callers).fold(0.0, |best, one| one.rate.max(best))
}

fn report(place: &Place, ours: &[(usize, f64)], stock: &[Stock]) {
    let mut rows = Vec::new();
    for (callers, rate) in ours {
        // Beyond 64 callers the peer does not gain; its best figure stands for it.
        let peer = best(stock, (*callers).min(64));
        rows.push(vec![format!("Daybook, {callers} callers"), table::rate(*rate), table::times(ratio(*rate, peer))]);
    }
    for one in stock {
        let what = format!("stock cqrs-es, {} callers, {} connections", one.callers, one.connections);
        rows.push(vec![what, table::rate(one.rate), String::new()]);
    }
    let notes = [
        "one event a command, durable; both decide, seal a phone number, and hold 5,000 customers",
        "ratio: to the better of the two peers with as many callers (for 256: with 64)",
    ];
    table::print(&format!("append, {}", place.word()), &["", "events/s", "ratio"], &rows, &notes);
    let of = |callers: usize| ours.iter().find(|one| one.0 == callers).map_or(0.0, |one| one.1);
    let pair = |callers: usize| {
        let (ours, stock) = (of(callers), best(stock, callers.min(64)));
        json!({ "ours": table::figure(ours), "stock": table::figure(stock), "ratio": table::figure(ratio(ours, stock)) })
    };
    table::print_json(&json!({
        "bench": "append",
        "engine": place.word(),
        "callers": 64,
        "ours": table::figure(of(64)),
        "stock": table::figure(best(stock, 64)),
        "ratio": table::figure(ratio(of(64), best(stock, 64))),
        "one_caller": pair(1),
        "callers_256": pair(256),
    }));
}
