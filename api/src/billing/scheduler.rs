//! What makes the due things happen: it looks at the timers' projection, and runs each customer's in a lane of its own.
//! On many nodes one holds the lease; two at once would do no harm, since a step is written only where it was planned.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::billing::Subject;
use domain::id::{CampaignId, CustomerId, InvoiceId, PaymentId, PaymentMethodId, SubscriptionId, TenantId};
use domain::time::to_micros;
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use projections::Positions;
use projections::timers::{TimerRow, due_timers, timers_due};
use store::{Ledger, StoreError};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::clock::look_at_clock;
use super::lane::{self, Ran};
use super::load::Loader;

/// The scheduler's row among the checkpoints, by which it holds its lease.
pub const NAME: &str = "scheduler";
/// Timers read at a time.
const PAGE: i64 = 4_000;
/// Customers billed at once: enough to fill the group commit, which a step waits for as a whole, and to work out the next
/// steps meanwhile.
const LANES: usize = 1_024;
/// How often the timers are looked at; a minute's resolution would do for billing, and a second shows it.
const POLL: Duration = Duration::from_millis(500);
/// Pause after an error of the store.
const BACK_OFF: Duration = Duration::from_millis(500);
/// How long the lease of a scheduler that died keeps others waiting.
const LEASE_MS: i64 = 10_000;
/// How long a lease is relied on before it is renewed.
const HOLD: Duration = Duration::from_secs(3);
/// How long a customer of whom something was refused is left alone; somebody has to look at it.
const STUCK_FOR: Duration = Duration::from_mins(1);
/// How long a round waits for the timers to show what it wrote.
const CATCH_UP: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Scheduler {
    ledger: Ledger,
    positions: Positions,
    owner: String,
    wake: watch::Sender<()>,
    /// Until when the lease in hand is relied on.
    held_until: Mutex<Option<Instant>>,
    tenants: BTreeMap<TenantId, Tenant>,
}

/// What is known of a tenant between two looks.
#[derive(Debug, Default)]
struct Tenant {
    /// One round at a time.
    round: Mutex<()>,
    /// Customers of whom something was refused, and when they are tried again.
    stuck: Mutex<BTreeMap<String, Instant>>,
}

impl Scheduler {
    /// A scheduler of the tenants that are billed here.
    pub fn new(ledger: Ledger, positions: Positions, tenants: Vec<TenantId>) -> Self {
        let tenants = tenants.into_iter().map(|tenant| (tenant, Tenant::default())).collect();
        let owner = store::ids::fresh().to_string();
        Self { ledger, positions, owner, wake: watch::Sender::new(()), held_until: Mutex::new(None), tenants }
    }

    /// Bills what falls due until told to stop, every tenant by itself: none waits for another whose clock has leapt.
    pub async fn run(&self, stop: CancellationToken) {
        join_all(self.tenants.keys().map(|tenant| self.follow(tenant, &stop))).await;
    }

    /// Errors of the store are waited out.
    async fn follow(&self, tenant: &TenantId, stop: &CancellationToken) {
        let mut woken = self.wake.subscribe();
        loop {
            let wait = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.turn(tenant) => match outcome {
                    Ok(()) => POLL,
                    Err(error) => {
                        tracing::warn!(%tenant, %error, "the scheduler waits for the store");
                        BACK_OFF
                    }
                },
            };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = woken.changed() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Looks at the timers soon.
    pub fn wake(&self) {
        self.wake.send_replace(());
    }

    /// How much is due of a tenant now.
    pub async fn due(&self, tenant: &TenantId) -> Result<i64, StoreError> {
        let now = look_at_clock(&self.ledger, tenant).await?;
        timers_due(self.ledger.pool(), tenant.as_str(), to_micros(now)).await
    }

    /// Carries out all that is due of a tenant by its clock, and waits until it is projected.
    pub async fn advance(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let Some(known) = self.tenants.get(tenant) else { return Ok(()) };
        let _alone = known.round.lock().await;
        self.all_rounds(tenant).await
    }

    async fn turn(&self, tenant: &TenantId) -> Result<(), StoreError> {
        // Whoever holds the lease: requests to this process ask for the tenant's time, too.
        look_at_clock(&self.ledger, tenant).await?;
        let Some(known) = self.tenants.get(tenant) else { return Ok(()) };
        let Ok(_alone) = known.round.try_lock() else { return Ok(()) };
        if self.holds_lease().await? { self.all_rounds(tenant).await } else { Ok(()) }
    }

    async fn holds_lease(&self) -> Result<bool, StoreError> {
        let mut held_until = self.held_until.lock().await;
        if held_until.is_some_and(|until| Instant::now() < until) {
            return Ok(true);
        }
        let until = Instant::now() + HOLD;
        self.ledger.register_checkpoint(NAME, 1).await?;
        let held = self.ledger.acquire_lease(NAME, &self.owner, LEASE_MS).await?;
        *held_until = held.then_some(until);
        Ok(held)
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
            self.leave_out_stuck(tenant, &mut lanes).await;
            if loader.is_none() {
                loader = Some(Loader::new(&self.ledger, tenant).await?.trusting());
            }
            if let Some(loader) = &loader {
                let ran = self.run_lanes(loader, lanes, now).await?;
                total.steps += ran.steps;
                total.position = total.position.max(ran.position);
            }
            if !full {
                return Ok(total);
            }
        }
    }

    /// Every customer in a lane of its own; what cannot be billed of one holds up no other.
    async fn run_lanes(
        &self,
        loader: &Loader,
        lanes: BTreeMap<String, Vec<Subject>>,
        now: Timestamp,
    ) -> Result<Ran, StoreError> {
        let mut total = Ran::default();
        let lanes = stream::iter(lanes.into_iter().map(|(customer, subjects)| async move {
            let ran = match CustomerId::parse(&customer) {
                Ok(customer) => lane::run(loader, &customer, subjects, now).await,
                Err(_) => Ok(Ran::default()),
            };
            (customer, ran)
        }));
        let mut running = lanes.buffer_unordered(LANES);
        while let Some((customer, ran)) = running.next().await {
            let ran = match ran {
                Ok(ran) => ran,
                Err(error @ StoreError::Unavailable(_)) => return Err(error),
                Err(error) => {
                    tracing::error!(tenant = %loader.tenant(), customer, %error, "a customer cannot be billed");
                    Ran { stuck: 1, ..Ran::default() }
                }
            };
            if ran.stuck > 0 {
                self.put_off(loader.tenant(), customer).await;
            }
            total.steps += ran.steps;
            total.position = total.position.max(ran.position);
        }
        Ok(total)
    }

    async fn put_off(&self, tenant: &TenantId, customer: String) {
        if let Some(known) = self.tenants.get(tenant) {
            known.stuck.lock().await.insert(customer, Instant::now() + STUCK_FOR);
        }
    }

    async fn leave_out_stuck(&self, tenant: &TenantId, lanes: &mut BTreeMap<String, Vec<Subject>>) {
        if let Some(known) = self.tenants.get(tenant) {
            let mut stuck = known.stuck.lock().await;
            let now = Instant::now();
            stuck.retain(|_, until| now < *until);
            lanes.retain(|customer, _| !stuck.contains_key(customer));
        }
    }
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
