//! What drives Stripe: it reads the calls that operations put into the log, asks Stripe, and records what it answered.
//! Live, retry and crash recovery are this one path, and no other code makes Stripe do anything for a customer.
//!
//! It works on several customers at once and in order within one. Its checkpoint is the finished prefix: a call whose
//! answer is not in the log is asked again under the same key, which does nothing twice.

mod ask;
pub(crate) mod claims;
mod due;
pub(crate) mod people;
mod plain;
mod settle;
pub(crate) mod subscriptions;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::id::TenantId;
use store::{CheckpointMove, Failure, Ledger, StoreError, Written};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::due::{Due, Lane};
use crate::settings::TenantSettings;
use crate::stripe::client::{NoClient, StripeClient, Timing};

/// The dispatcher's row among the checkpoints.
pub const NAME: &str = "processor";
/// Entries read at a time.
const PAGE: i64 = 1024;
/// Calls that wait for their answer. Where so many are open, Stripe is away, and more need not be known.
const MAX_OPEN: usize = 4096;
/// Requests to Stripe at once: a quarter of what Stripe takes of a live account each second.
const AT_ONCE: usize = 25;
/// Before a request that came to nothing is tried the second time of a round.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// How often the log is looked at without a wake-up, for what other processes wrote.
const POLL: Duration = Duration::from_millis(100);
/// How long the lease of a dispatcher that died keeps others waiting.
const LEASE_MS: i64 = 10_000;
/// How long a lease is relied on before it is renewed.
const HOLD: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub struct Dispatcher {
    ledger: Ledger,
    accounts: BTreeMap<TenantId, StripeClient>,
    owner: String,
    at_once: Arc<Semaphore>,
}

/// The lease in hand and the calls known to be open. Dropping it stops the work on them.
struct Session {
    position: i64,
    epoch: i64,
    until: Instant,
    /// Everything up to here has been read.
    read: i64,
    open: BTreeSet<i64>,
    /// Calls behind the one of their lane that is worked on.
    lanes: HashMap<Lane, VecDeque<Due>>,
    running: JoinSet<Ended>,
    ended: Vec<Result<Ended, JoinError>>,
}

/// A call that was carried through, or why its lane cannot go on.
type Ended = Result<(Lane, i64), Failure>;

impl Dispatcher {
    pub fn new(ledger: Ledger, tenants: &BTreeMap<TenantId, TenantSettings>) -> Result<Self, NoClient> {
        let mut accounts = BTreeMap::new();
        for (tenant, settings) in tenants {
            if let Some(account) = &settings.stripe {
                // The log brings a call back as often as it takes, so one round is short.
                let timing =
                    Timing { timeout: account.timeout, max_tries: 2, first_wait: FIRST_WAIT, ..Timing::default() };
                accounts.insert(tenant.clone(), StripeClient::new(account, timing)?);
            }
        }
        let owner = store::ids::fresh().to_string();
        Ok(Self { ledger, accounts, owner, at_once: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Works until told to stop, and then leaves what it is at, as a crash would. Errors of the store are waited out.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut wake = self.ledger.watch();
        let mut session = None;
        loop {
            let turn = tokio::select! {
                () = stop.cancelled() => return,
                turn = self.turn(&mut session) => turn,
            };
            match turn {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "the dispatcher of calls to Stripe waits for the store");
                    session = None;
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                _ = wake.changed() => {}
                () = something_ended(session.as_mut()) => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Reads on, starts what is due and moves the checkpoint; true where there may be more to read.
    async fn turn(&self, session: &mut Option<Session>) -> Result<bool, StoreError> {
        if session.as_ref().is_none_or(|session| session.until <= Instant::now()) && !self.hold(session).await? {
            return Ok(false);
        }
        let Some(held) = session.as_mut() else { return Ok(false) };
        let mut has_more = false;
        if held.open.len() < MAX_OPEN {
            let read = self.ledger.read_kinds(held.read, PAGE, &[due::READS]).await?;
            for entry in read.entries {
                match Due::of(entry) {
                    Ok(Some(due)) => self.take(held, due),
                    Ok(None) => {}
                    Err(poison) => return self.pause(session, &poison).await,
                }
            }
            held.read += read.present;
            has_more = read.present == PAGE;
        }
        while let Some(ended) = held.ended.pop().or_else(|| held.running.try_join_next()) {
            match ended {
                Ok(Ok((lane, position))) => self.next_of(held, &lane, position),
                Ok(Err(poison)) => return self.pause(session, &poison).await,
                Err(error) => {
                    tracing::error!(%error, "a call to Stripe was not carried through; all open ones begin anew");
                    *session = None;
                    return Ok(false);
                }
            }
        }
        let finished = held.open.first().map_or(held.read, |first| first - 1);
        if finished > held.position {
            let (from, epoch) = (held.position, held.epoch);
            let moved = CheckpointMove { name: NAME.to_owned(), epoch, from, to: finished };
            if !matches!(self.ledger.write_rows(&[], &[moved]).await?, Written::Yes) {
                *session = None;
                return Ok(false);
            }
            held.position = finished;
        }
        Ok(has_more)
    }

    /// Takes or renews the lease. False where another process has it, or the dispatcher is paused; then nothing is
    /// worked on here.
    async fn hold(&self, session: &mut Option<Session>) -> Result<bool, StoreError> {
        let until = Instant::now() + HOLD;
        self.ledger.register_checkpoint(NAME, 1).await?;
        if !self.ledger.acquire_lease(NAME, &self.owner, LEASE_MS).await? {
            *session = None;
            return Ok(false);
        }
        if let Some(held) = session {
            held.until = until;
            return Ok(true);
        }
        let checkpoints = self.ledger.checkpoints().await?;
        let own = checkpoints.into_iter().find(|checkpoint| checkpoint.name == NAME);
        *session = own.filter(|checkpoint| checkpoint.failure.is_none()).map(|checkpoint| Session {
            position: checkpoint.position,
            epoch: checkpoint.epoch,
            until,
            read: checkpoint.position,
            open: BTreeSet::new(),
            lanes: HashMap::new(),
            running: JoinSet::new(),
            ended: Vec::new(),
        });
        Ok(session.is_some())
    }

    async fn pause(&self, session: &mut Option<Session>, poison: &Failure) -> Result<bool, StoreError> {
        *session = None;
        self.ledger.pause_checkpoint(NAME, poison).await?;
        Ok(false)
    }

    /// Starts a call, or puts it behind the one of its lane that is worked on.
    fn take(&self, session: &mut Session, due: Due) {
        session.open.insert(due.position);
        if let Some(waiting) = session.lanes.get_mut(&due.lane()) {
            waiting.push_back(due);
        } else {
            session.lanes.insert(due.lane(), VecDeque::new());
            self.start(session, due);
        }
    }

    fn next_of(&self, session: &mut Session, lane: &Lane, position: i64) {
        session.open.remove(&position);
        match session.lanes.get_mut(lane).and_then(VecDeque::pop_front) {
            Some(due) => self.start(session, due),
            None => {
                session.lanes.remove(lane);
            }
        }
    }

    fn start(&self, session: &mut Session, due: Due) {
        let (ledger, at_once) = (self.ledger.clone(), Arc::clone(&self.at_once));
        let client = self.accounts.get(&due.tenant).cloned();
        session.running.spawn(async move {
            settle::settle(&ledger, client.as_ref(), &at_once, &due).await.map_err(|error| due.poison(&error))?;
            Ok((due.lane(), due.position))
        });
    }
}

/// Waits for a call that is worked on to end; for ever where there is none.
async fn something_ended(session: Option<&mut Session>) {
    let Some(session) = session else { return std::future::pending().await };
    match session.running.join_next().await {
        Some(ended) => session.ended.push(ended),
        None => std::future::pending().await,
    }
}
