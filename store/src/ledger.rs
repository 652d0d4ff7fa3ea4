//! The handle on a ledger: opened once, cloned freely. Every write goes through `execute` (rule A2).

use std::sync::Arc;
use std::sync::Weak;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Executor};
use tokio::sync::watch;

use crate::append::Expectation;
use crate::appender::Appender;
use crate::cache::{StateCache, StreamKey};

use crate::clock::Clock;
use crate::engine::Backend;
use crate::engine::postgres::Postgres;
use crate::engine::sqlite::Sqlite;
use crate::error::{ExecuteError, StoreError};
use crate::intake::Intake;
use crate::keyring::Keyring;
use crate::request::{Receipt, Request};

/// How often the head is looked up for what other processes have written.
const HEAD_POLL: Duration = Duration::from_millis(50);
/// Locks by which requests that met a conflict take turns; requests of different streams rarely share one.
const TURNS: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// How a ledger is opened.
#[derive(Clone)]
pub struct Options {
    /// Wraps the keys of personal data and blinds e-mail addresses. Losing it loses the personal data.
    pub master_key: [u8; 32],
    pub clock: Clock,
    /// Streams whose folded state is kept in memory.
    pub cache_streams: u64,
    /// Events that may wait for the appender before requests are refused as overload.
    pub queue_events: usize,
    pub max_read_connections: u32,
}

impl Options {
    pub fn new(master_key: [u8; 32]) -> Self {
        Self { master_key, clock: Clock::Real, cache_streams: 50_000, queue_events: 16_384, max_read_connections: 8 }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("clock", &self.clock).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone)]
pub struct Ledger(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub backend: Arc<Backend>,
    pub pool: AnyPool,
    pub clock: Clock,
    pub keyring: Keyring,
    pub cache: StateCache,
    pub appender: Appender,
    pub head: Arc<watch::Sender<i64>>,
    pub turns: Vec<tokio::sync::Mutex<()>>,
    pub intake: Intake,
}

impl Ledger {
    /// Opens `sqlite://path` (made if missing, with its folder) or `postgres://…` and runs the migrations. Several
    /// processes may open one database at once.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        let backend = if url.starts_with("sqlite:") {
            Backend::Sqlite(Sqlite::open(url, options.max_read_connections).await?)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Backend::Postgres(Postgres::open(url, options.max_read_connections).await?)
        } else {
            let expected = "a database URL starts with sqlite:// or postgres://";
            return Err(StoreError::Configuration(expected.to_owned()));
        };
        let backend = Arc::new(backend);
        let pool = any_pool(url, backend.engine(), options.max_read_connections).await?;
        let head = Arc::new(watch::Sender::new(backend.head().await?.position));
        let appender = Appender::start(backend.clone(), options.clock.clone(), head.clone(), options.queue_events)?;
        let inner = Arc::new(Inner {
            keyring: Keyring::new(backend.clone(), options.master_key),
            backend,
            pool,
            clock: options.clock,
            cache: StateCache::new(options.cache_streams),
            appender,
            head,
            turns: (0..TURNS).map(|_| tokio::sync::Mutex::new(())).collect(),
            intake: Intake::default(),
        });
        inner.keyring.check_master_key(&inner.pool, inner.clock.micros()).await?;
        tokio::spawn(follow_head(Arc::downgrade(&inner)));
        Ok(Self(inner))
    }

    /// Loads, decides and appends; on a conflict again. The one way in.
    pub async fn execute(&self, request: Request) -> Result<Receipt, ExecuteError> {
        crate::funnel::execute(self, request, &[]).await
    }

    /// The same for commands that were planned on states loaded before: `Refusal::Superseded` where one of these streams
    /// (type, id, sequence) has gone on since.
    pub async fn execute_planned(
        &self,
        request: Request,
        planned_on: &[(&'static str, String, i64)],
    ) -> Result<Receipt, ExecuteError> {
        let stood = |(kind, id, sequence): &(&'static str, String, i64)| Expectation {
            key: StreamKey::new(kind, &request.tenant, id),
            sequence: *sequence,
        };
        let planned_on: Vec<Expectation> = planned_on.iter().map(stood).collect();
        crate::funnel::execute(self, request, &planned_on).await
    }

    /// What is being delivered to this process from outside.
    pub fn intake(&self) -> &Intake {
        &self.0.intake
    }

    pub fn engine(&self) -> Engine {
        self.0.backend.engine()
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    /// For the reads of read models: one SQL text with `$1` placeholders for both engines.
    pub fn pool(&self) -> &AnyPool {
        &self.0.pool
    }

    /// The position of the last event in the log.
    pub async fn head(&self) -> Result<i64, StoreError> {
        Ok(self.0.backend.head().await?.position)
    }

    /// Changes soon after something was appended, by this process or another. A hint: readers poll behind it.
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.0.head.subscribe()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.backend.head().await.map(|_| ())
    }

    /// Writes what is queued, refuses what comes later, and closes the database.
    pub async fn shutdown(&self) {
        self.0.appender.drain().await;
        self.0.pool.close().await;
        self.0.backend.close().await;
    }
}

async fn any_pool(url: &str, engine: Engine, connections: u32) -> Result<AnyPool, StoreError> {
    sqlx::any::install_default_drivers();
    let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(5));
    let options = options.after_connect(move |connection, _| {
        Box::pin(async move {
            let settings = match engine {
                Engine::Sqlite => {
                    "PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON; PRAGMA recursive_triggers = ON"
                }
                Engine::Postgres => "SET jit = off; SET statement_timeout = 60000",
            };
            connection.execute(settings).await?;
            Ok(())
        })
    });
    Ok(options.connect(url).await?)
}

/// Looks for what other processes wrote, as long as somebody is waiting for it.
async fn follow_head(ledger: Weak<Inner>) {
    let mut ticks = tokio::time::interval(HEAD_POLL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(ledger) = ledger.upgrade() else { return };
        if ledger.appender.is_closed() {
            return;
        }
        if ledger.head.receiver_count() == 0 {
            continue;
        }
        // A database that is away is noticed and reported by those who need it.
        if let Ok(head) = ledger.backend.head().await {
            raise(&ledger.head, head.position);
        }
    }
}

/// Moves the hint forward, never back.
pub(crate) fn raise(head: &watch::Sender<i64>, position: i64) {
    head.send_if_modified(|known| {
        let raised = position > *known;
        if raised {
            *known = position;
        }
        raised
    });
}
