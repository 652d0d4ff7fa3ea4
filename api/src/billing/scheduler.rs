//! What makes the due things happen: it looks at the timers' projection, and runs each customer's in a lane of its own.
//! On many nodes one holds the lease; two at once would do no harm, since a step is written only where it was planned.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::billing::Subject;
use domain::id::{CampaignId, CustomerId, InvoiceId, PaymentId, PaymentMethodId, SubscriptionId, TenantId};
use domain::time::to_micros;
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use projections::Positions;
use projections::timers::{TimerRow, due_timers, timers_due};
use store::{Ledger, StoreError};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use super::clock::look_at_clock;
use super::lane::{self, Ran};
use super::load::Loader;

/// The scheduler's row among the checkpoints, by which it holds its lease.
pub const NAME: &str = "scheduler";
/// Timers read at a time.
const PAGE: i64 = 2_000;
/// Customers billed at once: enough to fill the group commit, which a step waits for as a whole.
const LANES: usize = 256;
/// How often the timers are looked at; a minute's resolution would do for billing, and a second shows it.
const POLL: Duration = Duration::from_millis(500);
/// Pause after an error of the store.
const BACK_OFF: Duration = Duration::from_millis(500);
/// How long the lease of a scheduler that died keeps others waiting.
const LEASE_MS: i64 = 10_000;
/// How long a round waits for the timers to show what it wrote.
const CATCH_UP: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Scheduler {
    ledger: Ledger,
    positions: Positions,
    tenants: Vec<TenantId>,
    owner: String,
    wake: Notify,
    /// One round a tenant at a time.
    rounds: BTreeMap<TenantId, Arc<Mutex<()>>>,
}

impl Scheduler {
    /// A scheduler of the tenants that are billed here.
    pub fn new(ledger: Ledger, positions: Positions, tenants: Vec<TenantId>) -> Self {
        let rounds = tenants.iter().map(|tenant| (tenant.clone(), Arc::new(Mutex::new(())))).collect();
        Self { ledger, positions, tenants, owner: store::ids::fresh().to_string(), wake: Notify::new(), rounds }
    }

    /// Bills what falls due until told to stop. Errors of the store are waited out.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            let wait = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.turn() => match outcome {
                    Ok(()) => POLL,
                    Err(error) => {
                        tracing::warn!(%error, "the scheduler waits for the store");
                        BACK_OFF
                    }
                },
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Looks at the timers soon.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// How much is due of a tenant now.
    pub async fn due(&self, tenant: &TenantId) -> Result<i64, StoreError> {
        let now = look_at_clock(&self.ledger, tenant).await?;
        timers_due(self.ledger.pool(), tenant.as_str(), to_micros(now)).await
    }

    /// Carries out all that is due of a tenant by its clock, and waits until it is projected.
    pub async fn advance(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let Some(round) = self.rounds.get(tenant) else { return Ok(()) };
        let _alone = round.lock().await;
        self.all_rounds(tenant).await
    }

    async fn turn(&self) -> Result<(), StoreError> {
        // Whoever holds the lease: requests to this process ask for the tenant's time, too.
        for tenant in &self.tenants {
            look_at_clock(&self.ledger, tenant).await?;
        }
        self.ledger.register_checkpoint(NAME, 1).await?;
        if !self.ledger.acquire_lease(NAME, &self.owner, LEASE_MS).await? {
            return Ok(());
        }
        for tenant in &self.tenants {
            let Some(round) = self.rounds.get(tenant) else { continue };
            let Ok(_alone) = round.try_lock() else { continue };
            match self.all_rounds(tenant).await {
                Ok(()) => {}
                Err(error @ StoreError::Unavailable(_)) => return Err(error),
                Err(error) => tracing::error!(%tenant, %error, "a tenant cannot be billed; the others go on"),
            }
        }
        Ok(())
    }

    async fn all_rounds(&self, tenant: &TenantId) -> Result<(), StoreError> {
        loop {
            // Timers that events before this have set must be there.
            let head = self.ledger.head().await?;
            self.positions.wait_for(&["timers"], head, CATCH_UP).await;
            let ran = self.round(tenant).await?;
            if ran.steps == 0 {
                return Ok(());
            }
        }
    }

    /// Everything that is due now, page by page.
    async fn round(&self, tenant: &TenantId) -> Result<Ran, StoreError> {
        let now = look_at_clock(&self.ledger, tenant).await?;
        let mut total = Ran::default();
        let mut after = String::new();
        let mut loader = None;
        loop {
            let rows = due_timers(self.ledger.pool(), tenant.as_str(), to_micros(now), &after, PAGE).await?;
            let full = i64::try_from(rows.len()).is_ok_and(|found| found >= PAGE);
            let mut lanes = by_customer(rows);
            // The last customer of a full page may have more than the page shows.
            if full && lanes.len() > 1 {
                lanes.pop_last();
            }
            let Some((last, _)) = lanes.last_key_value() else { return Ok(total) };
            after.clone_from(last);
            if loader.is_none() {
                loader = Some(Loader::new(&self.ledger, tenant).await?);
            }
            if let Some(loader) = &loader {
                let ran = run_lanes(loader, lanes, now).await?;
                total.steps += ran.steps;
                total.position = total.position.max(ran.position);
            }
            if !full {
                return Ok(total);
            }
        }
    }
}

async fn run_lanes(loader: &Loader, lanes: BTreeMap<String, Vec<Subject>>, now: Timestamp) -> Result<Ran, StoreError> {
    let mut total = Ran::default();
    let lanes = stream::iter(lanes.into_iter().map(|(customer, subjects)| async move {
        match CustomerId::parse(&customer) {
            Ok(customer) => lane::run(loader, &customer, subjects, now).await,
            Err(_) => Ok(Ran::default()),
        }
    }));
    let mut running = lanes.buffer_unordered(LANES);
    while let Some(ran) = running.next().await {
        let ran = match ran {
            Ok(ran) => ran,
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            Err(error) => {
                tracing::error!(tenant = %loader.tenant(), %error, "a customer cannot be billed; the others go on");
                Ran { stuck: 1, ..Ran::default() }
            }
        };
        total.steps += ran.steps;
        total.position = total.position.max(ran.position);
        total.stuck += ran.stuck;
    }
    Ok(total)
}

fn by_customer(rows: Vec<TimerRow>) -> BTreeMap<String, Vec<Subject>> {
    let mut lanes: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
    for row in rows {
        if let Some(subject) = subject(&row) {
            lanes.entry(row.customer_id).or_default().push(subject);
        }
    }
    lanes
}

fn subject(row: &TimerRow) -> Option<Subject> {
    let id = row.subject_id.as_str();
    match row.subject_type.as_str() {
        "subscription" => SubscriptionId::parse(id).ok().map(Subject::Subscription),
        "invoice" => InvoiceId::parse(id).ok().map(Subject::Invoice),
        "payment" => PaymentId::parse(id).ok().map(Subject::Payment),
        "campaign" => CampaignId::parse(id).ok().map(Subject::Campaign),
        "card" => PaymentMethodId::parse(id).ok().map(Subject::Card),
        _ => None,
    }
}
