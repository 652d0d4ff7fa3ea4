//! A running Daybook: the ledger, its projector and reactor, and what requests need of them.

use std::sync::Arc;
use std::time::Duration;

use domain::catalogue::Processor;
use domain::id::TenantId;
use projections::{Positions, Projector};
use store::{Ledger, Options, StoreError};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::auth::keys::Keys;
use crate::billing::Scheduler;
use crate::catalogue::load_catalogues;
use crate::metrics::Metrics;
use crate::processor::Dispatcher;
use crate::reactor::Reactor;
use crate::sandbox_webhooks::SandboxWebhooks;
use crate::settings::Settings;

/// How long a response waits for the projections to pass the position it wrote. A healthy projector needs
/// milliseconds; a client should not pay for a sick one with more than this.
const READ_YOUR_WRITES: Duration = Duration::from_secs(2);

/// Shared by all requests.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
pub struct Inner {
    pub ledger: Ledger,
    pub settings: Settings,
    pub keys: Keys,
    pub positions: Positions,
    pub metrics: Metrics,
    pub reactor: Arc<Reactor>,
    pub scheduler: Arc<Scheduler>,
    pub sandbox_webhooks: Arc<SandboxWebhooks>,
    dispatcher: Arc<Dispatcher>,
    /// Taken out when background work starts.
    projector: Mutex<Option<Projector>>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The background work of an app; it stops when told to.
#[derive(Debug)]
pub struct Background {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl App {
    /// Opens the ledger (which migrates it), loads the tenants' catalogues and readies everything, without starting background work.
    pub async fn open(settings: Settings, options: Options) -> Result<Self, StoreError> {
        let ledger = Ledger::open(&settings.database_url, options).await?;
        let dispatcher = Dispatcher::new(ledger.clone(), &settings.tenants)
            .map_err(|error| StoreError::Configuration(error.to_string()))?;
        let sandbox_webhooks = SandboxWebhooks::new(ledger.clone(), &settings)
            .map_err(|error| StoreError::Configuration(error.to_string()))?;
        let own = projections::Settings::new(store::ids::fresh().to_string());
        let (projector, positions) = Projector::new(ledger.clone(), projections::all(), own);
        let inner = Inner {
            keys: Keys::new(ledger.pool().clone()),
            metrics: Metrics::new(),
            scheduler: Arc::new(Scheduler::new(ledger.clone(), positions.clone(), billed_here(&settings))),
            sandbox_webhooks: Arc::new(sandbox_webhooks),
            dispatcher: Arc::new(dispatcher),
            positions,
            reactor: Arc::new(Reactor::new(ledger.clone())),
            projector: Mutex::new(Some(projector)),
            ledger,
            settings,
        };
        load_catalogues(&inner.ledger, inner.settings.tenants.keys()).await?;
        Ok(Self(Arc::new(inner)))
    }

    /// Starts the projector, the reactor, the scheduler, the sandbox's webhooks, and what drives Stripe where a tenant is
    /// Stripe's.
    pub async fn start(&self) -> Background {
        let stop = CancellationToken::new();
        let mut tasks = Vec::new();
        if let Some(projector) = self.projector.lock().await.take() {
            let stop = stop.clone();
            tasks.push(tokio::spawn(projector.run(async move { stop.cancelled().await })));
        }
        let reactor = {
            let (reactor, stop) = (Arc::clone(&self.reactor), stop.clone());
            tokio::spawn(async move { reactor.run(stop).await })
        };
        tasks.push(reactor);
        let (scheduler, stopped) = (Arc::clone(&self.scheduler), stop.clone());
        tasks.push(tokio::spawn(async move { scheduler.run(stopped).await }));
        let (sandbox_webhooks, stopped) = (Arc::clone(&self.sandbox_webhooks), stop.clone());
        tasks.push(tokio::spawn(async move { sandbox_webhooks.run(stopped).await }));
        if self.settings.tenants.values().any(|tenant| tenant.processor == Processor::Stripe) {
            let (dispatcher, stopped) = (Arc::clone(&self.dispatcher), stop.clone());
            tasks.push(tokio::spawn(async move { dispatcher.run(stopped).await }));
        }
        Background { stop, tasks }
    }

    /// Reacts to and projects all that is in the log, without background work running.
    pub async fn drain(&self) -> Result<(), StoreError> {
        self.reactor.drain().await?;
        match self.projector.lock().await.as_mut() {
            Some(projector) => projector.drain().await,
            None => Ok(()),
        }
    }

    /// Waits, bounded, until the projections have passed a position.
    pub async fn wait_for(&self, position: i64) {
        self.positions.wait_for(&[], position, READ_YOUR_WRITES).await;
    }

    /// Whether the tenant is one of this server's.
    pub fn serves(&self, tenant: &TenantId) -> bool {
        self.settings.tenants.contains_key(tenant)
    }
}

/// The tenants that the embedded processor bills.
fn billed_here(settings: &Settings) -> Vec<TenantId> {
    let own = settings.tenants.iter().filter(|(_, tenant)| tenant.processor == Processor::Sandbox);
    own.map(|(tenant, _)| tenant.clone()).collect()
}

impl Background {
    /// Ends the tasks where they stand, as a crash would.
    pub fn abort(self) {
        for task in self.tasks {
            task.abort();
        }
    }

    /// Stops the tasks and waits for them to finish what they are at.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a background task did not end well");
            }
        }
    }
}
