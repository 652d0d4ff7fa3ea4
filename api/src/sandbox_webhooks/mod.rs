//! What makes the sandbox tell of what it did, as Stripe would: where a tenant has the option on, it reads the log from a
//! checkpoint of its own and sends signed events to the tenant's webhook endpoint (decision B2).
//!
//! They come back as reports of what we billed ourselves, and those change nothing. Bodies and ids follow from the log,
//! so that what is sent late, twice or again after a crash is the same delivery. It writes nothing but its checkpoint,
//! and costs nothing where the option is off.

mod endpoint;
mod shape;
mod spans;
mod told;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use domain::catalogue::Processor;
use domain::id::TenantId;
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use serde_json::Value;
use store::{CheckpointMove, Entry, Failure, Ledger, StoreError, Written};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::endpoint::{Endpoint, NotDelivered};
use self::spans::{next, spans_of};
use crate::settings::Settings;
use crate::stripe::client::NoClient;
use crate::surfaces::webhook_path;

/// Entries read at a time; what is sent again after a crash is at most what they tell of.
const PAGE: i64 = 256;
/// Customers told of at once: fewer than make a burst of deliveries, which the other readers of the log give way to.
const AT_ONCE: usize = 8;
/// How often it is looked whether the option was switched on, and what other processes wrote.
const POLL: Duration = Duration::from_millis(500);
/// Before what did not arrive is sent again; doubled with each time.
const FIRST_BACK_OFF: Duration = Duration::from_millis(250);
const LONGEST_BACK_OFF: Duration = Duration::from_mins(1);
/// How long the lease of a sender that died keeps others waiting.
const LEASE_MS: i64 = 10_000;
/// How long a lease is relied on before it is renewed.
const HOLD: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub struct SandboxWebhooks {
    ledger: Ledger,
    owner: String,
    http: reqwest::Client,
    /// Where this process serves; nothing is sent before it does.
    address: watch::Sender<Option<SocketAddr>>,
    tenants: BTreeMap<TenantId, Told>,
}

/// A tenant's endpoint, and the position up to which it was told of everything.
#[derive(Debug)]
struct Told {
    endpoint: Endpoint,
    position: watch::Sender<i64>,
}

/// The lease in hand, and where the checkpoint stands as long as nobody else has it.
#[derive(Debug, Clone, Copy)]
struct Holding {
    position: i64,
    epoch: i64,
    until: Instant,
}

/// An event that is to be sent.
struct Outgoing {
    id: String,
    kind: &'static str,
    event: Value,
}

/// What one turn came to.
enum Turn {
    Moved,
    /// Everything was told.
    Idle,
    /// The option is off, or another process has the lease, or it is paused by an event that cannot be read.
    Standby,
}

#[derive(Debug, thiserror::Error)]
enum TurnError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{kind} {id} did not arrive: {reason}")]
    NotDelivered { kind: &'static str, id: String, reason: NotDelivered },
}

impl SandboxWebhooks {
    /// For the tenants that the sandbox bills and whose surface takes webhooks.
    pub fn new(ledger: Ledger, settings: &Settings) -> Result<Self, NoClient> {
        let mut tenants = BTreeMap::new();
        for (tenant, own) in settings.tenants.iter().filter(|(_, own)| own.processor == Processor::Sandbox) {
            if let (Some(path), Some(secret)) = (webhook_path(tenant), own.stripe_webhook_secrets.first()) {
                let endpoint = Endpoint { tenant: tenant.clone(), path, secret: secret.clone() };
                tenants.insert(tenant.clone(), Told { endpoint, position: watch::Sender::new(0) });
            }
        }
        let (owner, http) = (store::ids::fresh().to_string(), endpoint::client()?);
        Ok(Self { ledger, owner, http, address: watch::Sender::new(None), tenants })
    }

    /// Says where this process serves, which is where it sends to.
    pub fn serve_at(&self, address: SocketAddr) {
        self.address.send_replace(Some(address));
    }

    /// The position up to which a tenant was told of everything; `None` where it has no endpoint here.
    pub fn told(&self, tenant: &TenantId) -> Option<watch::Receiver<i64>> {
        self.tenants.get(tenant).map(|told| told.position.subscribe())
    }

    /// Sends until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        join_all(self.tenants.values().map(|told| self.follow(told, &stop))).await;
    }

    async fn follow(&self, told: &Told, stop: &CancellationToken) {
        let mut wake = self.ledger.watch();
        let (mut held, mut back_off) = (None, FIRST_BACK_OFF);
        loop {
            let turn = tokio::select! {
                () = stop.cancelled() => return,
                turn = self.turn(told, &mut held) => turn,
            };
            let (wait, awake) = match turn {
                Ok(Turn::Moved) => {
                    back_off = FIRST_BACK_OFF;
                    continue;
                }
                Ok(Turn::Idle) => (POLL, true),
                Ok(Turn::Standby) => (POLL, false),
                Err(error) => {
                    tracing::warn!(tenant = %told.endpoint.tenant, %error, "the sandbox's webhooks wait");
                    let wait = back_off;
                    back_off = (back_off * 2).min(LONGEST_BACK_OFF);
                    (wait, false)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = wake.changed(), if awake => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn turn(&self, told: &Told, held: &mut Option<Holding>) -> Result<Turn, TurnError> {
        let Some(address) = *self.address.borrow() else { return Ok(Turn::Standby) };
        let spans = spans_of(&self.ledger, &told.endpoint.tenant).await?;
        if spans.is_empty() {
            return Ok(Turn::Standby);
        }
        let name = checkpoint_of(&told.endpoint.tenant);
        let holding = match held.take().filter(|holding| Instant::now() < holding.until) {
            Some(holding) => holding,
            None => match self.take_lease(&name).await? {
                Some(holding) => holding,
                None => return Ok(Turn::Standby),
            },
        };
        let Some(span) = next(&spans, holding.position) else {
            *held = Some(holding);
            return Ok(Turn::Standby);
        };
        let most = span.until.map_or(PAGE, |until| PAGE.min(until.saturating_sub(span.from)));
        let read = self.ledger.read_kinds(span.from, most, &told::READS).await?;
        // What came while the option was off is not told.
        told.position.send_replace(span.from);
        if read.present == 0 {
            *held = Some(holding);
            return Ok(Turn::Idle);
        }
        // It may have been switched off since.
        let spans = spans_of(&self.ledger, &told.endpoint.tenant).await?;
        let is_told = |position| spans.iter().any(|span| span.covers(position));
        let own = |entry: &Entry| entry.tenant == told.endpoint.tenant && is_told(entry.position);
        let own = read.entries.into_iter().filter(own).collect();
        if let Err(poison) = self.send_all(&told.endpoint, address, own).await? {
            self.ledger.pause_checkpoint(&name, &poison).await?;
            return Ok(Turn::Standby);
        }
        let to = span.from.saturating_add(read.present);
        let moved = CheckpointMove { name, epoch: holding.epoch, from: holding.position, to };
        if matches!(self.ledger.write_rows(&[], &[moved]).await?, Written::Yes) {
            told.position.send_replace(to);
            *held = Some(Holding { position: to, ..holding });
        }
        Ok(Turn::Moved)
    }

    /// Takes or renews the lease and looks where the checkpoint stands; `None` where another process holds the lease or
    /// the sender is paused.
    async fn take_lease(&self, name: &str) -> Result<Option<Holding>, StoreError> {
        let until = Instant::now() + HOLD;
        self.ledger.register_checkpoint(name, 1).await?;
        if !self.ledger.acquire_lease(name, &self.owner, LEASE_MS).await? {
            return Ok(None);
        }
        let checkpoints = self.ledger.checkpoints().await?;
        let found = checkpoints.into_iter().find(|checkpoint| checkpoint.name == name);
        let running = found.filter(|checkpoint| checkpoint.failure.is_none());
        Ok(running.map(|checkpoint| Holding { position: checkpoint.position, epoch: checkpoint.epoch, until }))
    }

    /// Tells of all of it, several customers at once and each in order. The outer error passes; the inner one is an
    /// event that cannot be read.
    async fn send_all(
        &self,
        endpoint: &Endpoint,
        address: SocketAddr,
        entries: Vec<Entry>,
    ) -> Result<Result<(), Failure>, TurnError> {
        let mut lanes: BTreeMap<String, Vec<Outgoing>> = BTreeMap::new();
        for entry in entries {
            let event = match entry.decode() {
                Ok(event) => event,
                Err(error) => {
                    let (position, event_type) = (entry.position, entry.event_type);
                    return Ok(Err(Failure { position, event_type, reason: error.to_string() }));
                }
            };
            let Some(told) = told::tell(&event, entry.sequence == 1) else { continue };
            let lane = lanes.entry(told.customer).or_default();
            for (number, (kind, object)) in (1_u32..).zip(told.events) {
                // Derived from the event that it tells of: the same again is the same delivery.
                let id = format!("evt_{}{number}", entry.event_id.simple());
                let event = shape::event(&id, kind, event.effective_at(), &object);
                lane.push(Outgoing { id, kind, event });
            }
        }
        let lanes = stream::iter(lanes.into_values().map(|events| self.send_in_order(endpoint, address, events)));
        let mut running = lanes.buffer_unordered(AT_ONCE);
        while let Some(sent) = running.next().await {
            sent?;
        }
        Ok(Ok(()))
    }

    async fn send_in_order(
        &self,
        endpoint: &Endpoint,
        address: SocketAddr,
        events: Vec<Outgoing>,
    ) -> Result<(), TurnError> {
        for Outgoing { id, kind, event } in events {
            endpoint::deliver(&self.ledger, &self.http, address, endpoint, &event)
                .await
                .map_err(|reason| TurnError::NotDelivered { kind, id, reason })?;
        }
        Ok(())
    }
}

/// The sender's row among the checkpoints.
fn checkpoint_of(tenant: &TenantId) -> String {
    format!("sandbox_webhooks/{tenant}")
}
