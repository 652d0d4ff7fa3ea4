//! What makes things follow from what happened: it reads the log from its checkpoint, asks the policies, and runs
//! their commands through the funnel. Live, retry and crash recovery are this one path.
//!
//! It works on several customers at once and in order within one (rule P7). Its checkpoint is the finished prefix, and
//! the ids of the events it causes are derived from their cause, so that what is repeated after a crash writes nothing.

mod consequence;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use store::{CheckpointMove, Entry, Failure, Ledger, StoreError, Written};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The reactor's row among the checkpoints.
pub const NAME: &str = "reactor";
/// Entries read at a time; what is repeated after a crash is at most this.
const PAGE: i64 = 1024;
/// Customers worked on at once: enough to fill the group commit, few enough to leave the machine to others.
const LANES: usize = 64;
/// The same during a burst of deliveries, which come first.
const BURST_PAGE: i64 = 64;
const BURST_LANES: usize = 8;
/// How often the log is looked at without a wake-up, for what other processes wrote.
const POLL: Duration = Duration::from_millis(100);
/// How long the lease of a reactor that died keeps others waiting.
const LEASE_MS: i64 = 10_000;
/// How long a lease is relied on before it is renewed.
const HOLD: Duration = Duration::from_secs(3);
/// Pause after an error of the store.
const BACK_OFF: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub struct Reactor {
    ledger: Ledger,
    owner: String,
    finished: watch::Sender<i64>,
    held: Mutex<Option<Holding>>,
}

/// The lease in hand, and where the checkpoint stands as long as nobody else has it.
#[derive(Debug)]
struct Holding {
    position: i64,
    epoch: i64,
    until: Instant,
}

/// What one turn came to.
enum Turn {
    Moved,
    Idle,
    /// Another process has the lease, or the reactor is paused by a poison event.
    Standby,
}

impl Reactor {
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger, owner: store::ids::fresh().to_string(), finished: watch::Sender::new(0), held: Mutex::new(None) }
    }

    /// The position up to which everything has been reacted to.
    pub fn finished(&self) -> watch::Receiver<i64> {
        self.finished.subscribe()
    }

    /// Reacts until told to stop. Errors of the store are waited out.
    pub async fn run(&self, stop: CancellationToken) {
        let mut wake = self.ledger.watch();
        loop {
            let began = Instant::now();
            let turn = tokio::select! {
                () = stop.cancelled() => return,
                turn = self.turn() => turn,
            };
            let wait = match turn {
                Ok(Turn::Moved) => {
                    self.ledger.intake().give_way(began.elapsed()).await;
                    continue;
                }
                Ok(Turn::Idle | Turn::Standby) => POLL,
                Err(error) => {
                    tracing::warn!(%error, "the reactor waits for the store");
                    BACK_OFF
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = wake.changed() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Reacts to all that is in the log, its own consequences included, and returns.
    pub async fn drain(&self) -> Result<(), StoreError> {
        while let Turn::Moved = self.turn().await? {}
        Ok(())
    }

    /// Counts everything up to a position as reacted to: for history that was written together with what follows from
    /// it. False where another reactor is at work or stands somewhere else.
    pub async fn skip_to(&self, position: i64) -> Result<bool, StoreError> {
        self.ledger.register_checkpoint(NAME, 1).await?;
        if !self.ledger.acquire_lease(NAME, &self.owner, LEASE_MS).await? {
            return Ok(false);
        }
        let checkpoints = self.ledger.checkpoints().await?;
        let Some(checkpoint) = checkpoints.into_iter().find(|checkpoint| checkpoint.name == NAME) else {
            return Ok(false);
        };
        let (from, epoch) = (checkpoint.position, checkpoint.epoch);
        if position <= from {
            return Ok(true);
        }
        let moved = CheckpointMove { name: NAME.to_owned(), epoch, from, to: position };
        Ok(matches!(self.ledger.write_rows(&[], &[moved]).await?, Written::Yes))
    }

    async fn turn(&self) -> Result<Turn, StoreError> {
        let mut held = self.held.lock().await;
        let holding = match held.take().filter(|holding| Instant::now() < holding.until) {
            Some(holding) => holding,
            None => match self.take_lease().await? {
                Some(holding) => holding,
                None => return Ok(Turn::Standby),
            },
        };
        self.finished.send_replace(holding.position);
        let (page, lanes) = if self.ledger.intake().is_burst() { (BURST_PAGE, BURST_LANES) } else { (PAGE, LANES) };
        let read = self.ledger.read_kinds(holding.position, page, &consequence::READS).await?;
        if read.present == 0 {
            *held = Some(holding);
            return Ok(Turn::Idle);
        }
        if let Err(poison) = self.react_to_all(read.entries, lanes).await? {
            self.ledger.pause_checkpoint(NAME, &poison).await?;
            return Ok(Turn::Standby);
        }
        let last = holding.position + read.present;
        let moved = CheckpointMove { name: NAME.to_owned(), epoch: holding.epoch, from: holding.position, to: last };
        if matches!(self.ledger.write_rows(&[], &[moved]).await?, Written::Yes) {
            self.finished.send_replace(last);
            *held = Some(Holding { position: last, ..holding });
        }
        Ok(Turn::Moved)
    }

    /// Takes or renews the lease and looks where the checkpoint stands; `None` where another process holds the lease or
    /// the reactor is paused.
    async fn take_lease(&self) -> Result<Option<Holding>, StoreError> {
        let until = Instant::now() + HOLD;
        self.ledger.register_checkpoint(NAME, 1).await?;
        if !self.ledger.acquire_lease(NAME, &self.owner, LEASE_MS).await? {
            return Ok(None);
        }
        let checkpoints = self.ledger.checkpoints().await?;
        let Some(checkpoint) = checkpoints.into_iter().find(|checkpoint| checkpoint.name == NAME) else {
            return Ok(None);
        };
        self.finished.send_replace(checkpoint.position);
        let holding = Holding { position: checkpoint.position, epoch: checkpoint.epoch, until };
        Ok(checkpoint.failure.is_none().then_some(holding))
    }

    /// The page's entries by lane, the lanes at once. The outer error is the store's and passes; the inner one is an
    /// event that cannot be read.
    async fn react_to_all(&self, entries: Vec<Entry>, at_once: usize) -> Result<Result<(), Failure>, StoreError> {
        let mut lanes: BTreeMap<(String, String), Vec<consequence::Cause>> = BTreeMap::new();
        for entry in entries {
            match consequence::Cause::of(&self.ledger, entry).await? {
                Ok(Some(cause)) => lanes.entry(cause.lane()).or_default().push(cause),
                Ok(None) => {}
                Err(poison) => return Ok(Err(poison)),
            }
        }
        let lanes = stream::iter(lanes.into_values().map(|causes| self.react_in_order(causes)));
        let mut running = lanes.buffer_unordered(at_once);
        while let Some(done) = running.next().await {
            if let Err(poison) = done? {
                return Ok(Err(poison));
            }
        }
        Ok(Ok(()))
    }

    async fn react_in_order(&self, causes: Vec<consequence::Cause>) -> Result<Result<(), Failure>, StoreError> {
        for cause in causes {
            match consequence::react(&self.ledger, &cause).await {
                Ok(()) => {}
                Err(error @ (StoreError::Unavailable(_) | StoreError::Overloaded)) => return Err(error),
                // Trying again will not mend it; the reactor stops here and says where (rule P4).
                Err(error) => return Ok(Err(cause.poison(&error))),
            }
        }
        Ok(Ok(()))
    }
}
