//! Figures for Prometheus, under the names of seed 001_. Business figures are read from the read models at each
//! scrape, so that they are the same on every node and survive restarts; scrapes that come soon after one another share
//! one reading, so that nobody can keep the database busy with them.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use store::StoreError;
use tokio::sync::Mutex;

use crate::app::App;

/// How long a reading is given out. Scrapers come every 15 seconds or so; this is for those that come all the time.
const FRESH: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug, Default)]
pub struct Metrics {
    webhooks_received: AtomicU64,
    /// The last reading and its time. Who finds it locked waits for the one that reads.
    last: Mutex<Option<(Timestamp, String)>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TenantLabel {
    tenant: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MoneyLabel {
    tenant: String,
    currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProjectionLabel {
    projection: String,
}

type Count<L> = Family<L, Counter>;
type Level<L> = Family<L, Gauge>;

impl Metrics {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn webhook_received(&self) {
        self.webhooks_received.fetch_add(1, Ordering::Relaxed);
    }

    /// The figures as OpenMetrics text, of now or of a few seconds ago.
    pub async fn scrape(&self, app: &App) -> Result<String, StoreError> {
        let now = app.ledger.clock().now();
        let mut last = self.last.lock().await;
        if let Some((at, text)) = last.as_ref()
            && now.duration_since(*at).abs() < FRESH
        {
            return Ok(text.clone());
        }
        let text = self.read(app).await?;
        *last = Some((now, text.clone()));
        Ok(text)
    }

    /// Money is in minor units, since gauges here are integers.
    async fn read(&self, app: &App) -> Result<String, StoreError> {
        let mut registry = Registry::with_prefix("billing");
        self.register_payments(app, &mut registry).await?;
        register_revenue(app, &mut registry).await?;
        let mut daybook = Registry::with_prefix("daybook");
        self.register_ledger(app, &mut daybook).await?;
        let failed = |error: std::fmt::Error| StoreError::Database(error.to_string());
        let mut text = String::new();
        encode(&mut text, &registry).map_err(failed)?;
        // Each registry ends its text; only the last end counts.
        text.truncate(text.trim_end_matches("# EOF\n").len());
        encode(&mut text, &daybook).map_err(failed)?;
        Ok(text)
    }

    async fn register_payments(&self, app: &App, registry: &mut Registry) -> Result<(), StoreError> {
        let (total, successful, failed) =
            (Count::<TenantLabel>::default(), Count::<TenantLabel>::default(), Count::<TenantLabel>::default());
        for tenant in app.settings.tenants.keys() {
            let counts = projections::payments::attempt_counts(app.ledger.pool(), tenant.as_str()).await?;
            let label = TenantLabel { tenant: tenant.to_string() };
            let count = |number: i64| u64::try_from(number).unwrap_or_default();
            total.get_or_create(&label).inc_by(count(counts.succeeded) + count(counts.failed));
            successful.get_or_create(&label).inc_by(count(counts.succeeded));
            failed.get_or_create(&label).inc_by(count(counts.failed));
        }
        registry.register("payments", "Payment attempts", total);
        registry.register("payments_successful", "Successful payments", successful);
        registry.register("payments_failed", "Failed payments", failed);
        Ok(())
    }

    async fn register_ledger(&self, app: &App, registry: &mut Registry) -> Result<(), StoreError> {
        let head = Gauge::<i64>::default();
        let lag = Level::<ProjectionLabel>::default();
        let paused = Level::<ProjectionLabel>::default();
        let webhooks = Counter::<u64>::default();
        let mut checkpoints = app.ledger.checkpoints().await?;
        checkpoints.retain(|checkpoint| checkpoint.name != projections::LEASE);
        let position = app.ledger.head().await?;
        head.set(position);
        for checkpoint in checkpoints {
            let label = ProjectionLabel { projection: checkpoint.name };
            lag.get_or_create(&label).set(position - checkpoint.position);
            paused.get_or_create(&label).set(i64::from(checkpoint.failure.is_some()));
        }
        webhooks.inc_by(self.webhooks_received.load(Ordering::Relaxed));
        registry.register("head_position", "Position of the last event in the ledger", head);
        registry.register("projection_lag_events", "Events a projection is behind the head", lag);
        registry.register("projection_paused", "1 where a projection is paused by an event it cannot take in", paused);
        registry.register("webhooks_received", "Webhooks accepted since the start of this process", webhooks);
        Ok(())
    }
}

async fn register_revenue(app: &App, registry: &mut Registry) -> Result<(), StoreError> {
    let mrr = Level::<MoneyLabel>::default();
    let customers = Level::<TenantLabel>::default();
    for tenant in app.settings.tenants.keys() {
        let now = domain::time::to_micros(app.ledger.clock().now());
        let current = projections::mrr::totals_at(app.ledger.pool(), tenant.as_str(), now).await?;
        for (currency, mrr_minor) in current.mrr_minor {
            mrr.get_or_create(&MoneyLabel { tenant: tenant.to_string(), currency }).set(mrr_minor);
        }
        customers.get_or_create(&TenantLabel { tenant: tenant.to_string() }).set(current.active_customers);
    }
    registry.register("mrr_current", "Current monthly recurring revenue in minor units", mrr);
    registry.register("customers_active", "Customers with recurring revenue", customers);
    Ok(())
}
