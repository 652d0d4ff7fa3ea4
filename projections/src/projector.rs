//! Who keeps the read models up to date: reads the log in batches, folds each into all projections that stand before
//! it, and moves their checkpoints in the transaction that writes their rows (rules P1, P3 and P4).

use std::collections::BTreeMap;
use std::time::Duration;

use store::{Checkpoint, CheckpointMove, Ledger, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::ahead::{Ahead, Stepped, note};
use crate::batch::{Follower, Outcome, is_of_rows, take_in};
use crate::positions::{Positions, Progress, Reached};
use crate::projection::{FoldingError, Projection};
use crate::reading::{Stretch, read};
use crate::status::{State, state_of};

/// The one lease that places the projector on one of many nodes; its row stands among the checkpoints.
pub const LEASE: &str = "projector";

/// Events a batch during a burst of deliveries, which wait while a batch is written where there is one writer.
const BURST_BATCH: i64 = 128;

/// How the projector works; the defaults suit production.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who holds the lease: unique to the process.
    pub owner: String,
    /// Events a batch. Enough to make one statement a table worth it, few enough to commit in some milliseconds.
    pub batch: i64,
    /// How often checkpoints and log are looked at when no wake-up comes; wake-ups are only hints.
    pub poll: Duration,
    /// How long the lease outlives its holder.
    pub lease: Duration,
}

impl Settings {
    pub fn new(owner: impl Into<String>) -> Self {
        Self { owner: owner.into(), batch: 1_000, poll: Duration::from_millis(250), lease: Duration::from_secs(10) }
    }
}

#[derive(Debug)]
pub struct Projector {
    ledger: Ledger,
    projections: Vec<Projection>,
    settings: Settings,
    reached: watch::Sender<Reached>,
    followers: Vec<Follower>,
    ahead: Ahead,
    /// The checkpoints in hand may not be those stored.
    stale: bool,
    /// The next batch cannot be taken in as it is: some projection will be paused.
    careful: bool,
    renew_lease_at: Option<Instant>,
}

/// What a turn came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Something was taken in; there may be more.
    Advanced,
    CaughtUp,
}

impl Projector {
    pub fn new(ledger: Ledger, projections: Vec<Projection>, settings: Settings) -> (Self, Positions) {
        let (reached, positions) = Positions::channel();
        let projector = Self {
            ledger,
            projections,
            settings,
            reached,
            followers: Vec::new(),
            ahead: Ahead::default(),
            stale: true,
            careful: false,
            renew_lease_at: None,
        };
        (projector, positions)
    }

    /// Follows the log until `shutdown` is ready. Failures of the database are waited out.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send) {
        tokio::pin!(shutdown);
        let mut woken = self.ledger.watch();
        let mut poll = tokio::time::interval(self.settings.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            let began = Instant::now();
            // A turn that is dropped half way was not committed, or was and will be read from the checkpoints.
            let turn = tokio::select! {
                () = &mut shutdown => return,
                turn = self.turn() => turn,
            };
            match turn {
                Ok(Turn::Advanced) => {
                    failing = false;
                    self.ledger.intake().give_way(began.elapsed()).await;
                    continue;
                }
                Ok(Turn::CaughtUp) => failing = false,
                Err(error) => {
                    self.stale = true;
                    if !failing {
                        tracing::warn!(%error, "the projector waits for the database");
                    }
                    failing = true;
                }
            }
            tokio::select! {
                () = &mut shutdown => return,
                Ok(()) = woken.changed(), if !failing => {}
                _ = poll.tick() => self.stale = true,
            }
        }
    }

    /// Takes in everything up to the head, whoever holds the lease: the checkpoints are the fence.
    pub async fn drain(&mut self) -> Result<(), StoreError> {
        self.stale = true;
        while self.advance().await? == Turn::Advanced {}
        Ok(())
    }

    /// One round without looking at the checkpoints first. Answers whether there may be more.
    #[cfg(test)]
    pub(crate) async fn step(&mut self) -> Result<bool, StoreError> {
        Ok(self.advance().await? == Turn::Advanced)
    }

    /// One turn, if this process holds the lease; otherwise only a look at how far the holder is.
    async fn turn(&mut self) -> Result<Turn, StoreError> {
        if self.holds_lease().await? {
            return self.advance().await;
        }
        self.load_checkpoints().await?;
        Ok(Turn::CaughtUp)
    }

    async fn holds_lease(&mut self) -> Result<bool, StoreError> {
        let now = Instant::now();
        if self.renew_lease_at.is_some_and(|due| now < due) {
            return Ok(true);
        }
        self.renew_lease_at = None;
        if self.followers.is_empty() {
            // Makes sure that there is a lease to take.
            self.load_checkpoints().await?;
        }
        let lease_ms = i64::try_from(self.settings.lease.as_millis()).unwrap_or(i64::MAX);
        let held = self.ledger.acquire_lease(LEASE, &self.settings.owner, lease_ms).await?;
        if held {
            self.renew_lease_at = Some(now + self.settings.lease / 3);
        }
        Ok(held)
    }

    async fn advance(&mut self) -> Result<Turn, StoreError> {
        if self.stale {
            // However that ended, the stored checkpoints tell.
            let _settled = self.ahead.settle().await;
            self.load_checkpoints().await?;
        }
        let together = self.followers.windows(2).all(|pair| matches!(pair, [a, b] if a.position == b.position));
        if !together || self.careful {
            return self.advance_carefully().await;
        }
        let stepped = self.ahead.step(&self.ledger, &self.followers, self.batch(), &self.reached).await;
        match stepped {
            Ok(Stepped::Folded(position)) => {
                self.followers.iter_mut().for_each(|follower| follower.position = position);
                return Ok(Turn::Advanced);
            }
            Ok(Stepped::AtEnd) => return Ok(Turn::CaughtUp),
            Ok(Stepped::LostRace) => {}
            Err(FoldingError::Store(error)) if !is_of_rows(&error) => return Err(error),
            Err(FoldingError::Poison(_) | FoldingError::Store(_)) => self.careful = true,
        }
        self.stale = true;
        Ok(Turn::Advanced)
    }

    /// One batch for each group of projections that stand at one position. Those behind go on by themselves, no
    /// further than to where the next stand, and so join them.
    async fn advance_carefully(&mut self) -> Result<Turn, StoreError> {
        let mut groups: BTreeMap<i64, Vec<Follower>> = BTreeMap::new();
        for follower in &self.followers {
            groups.entry(follower.position).or_default().push(follower.clone());
        }
        let mut advanced = false;
        while let Some((position, group)) = groups.pop_first() {
            let distance = groups.first_key_value().map_or(i64::MAX, |(next, _)| next - position);
            let kinds: Vec<&str> = group.iter().flat_map(|follower| &follower.projection.reads).copied().collect();
            let stretch = read(&self.ledger, &kinds, position, self.batch().min(distance)).await?;
            let Some(Stretch { records, last, .. }) = stretch else { continue };
            advanced = true;
            match take_in(&self.ledger, &group, &records, last).await? {
                Outcome::Moved => self.note(&group, last),
                Outcome::Changed => self.stale = true,
            }
        }
        self.careful = false;
        Ok(if advanced || self.stale { Turn::Advanced } else { Turn::CaughtUp })
    }

    fn batch(&self) -> i64 {
        let most = if self.ledger.intake().is_burst() { BURST_BATCH } else { i64::MAX };
        self.settings.batch.min(most)
    }

    fn note(&mut self, group: &[Follower], position: i64) {
        let moves: Vec<CheckpointMove> = group.iter().map(|follower| follower.move_to(position)).collect();
        for follower in &mut self.followers {
            if moves.iter().any(|moved| moved.name == follower.projection.name) {
                follower.position = position;
            }
        }
        note(&self.reached, &moves);
    }

    async fn load_checkpoints(&mut self) -> Result<(), StoreError> {
        let mut checkpoints = self.ledger.checkpoints().await?;
        let known = |checkpoints: &[Checkpoint], name: &str| checkpoints.iter().any(|stored| stored.name == name);
        if self.projections.iter().any(|projection| !known(&checkpoints, projection.name)) {
            // The lease is kept with the checkpoints, in a row of its own that folds nothing.
            self.ledger.register_checkpoint(LEASE, 0).await?;
            for projection in &self.projections {
                self.ledger.register_checkpoint(projection.name, projection.version).await?;
            }
            checkpoints = self.ledger.checkpoints().await?;
        }
        let mut followers = Vec::new();
        let mut reached = Vec::new();
        for projection in &self.projections {
            let Some(stored) = checkpoints.iter().find(|stored| stored.name == projection.name) else { continue };
            let goes_on = match state_of(projection, stored) {
                State::Running => true,
                State::Paused | State::Outdated => false,
            };
            let position = stored.position;
            reached.push((stored.name.clone(), Progress { position, goes_on }));
            if goes_on {
                followers.push(Follower { projection: projection.clone(), epoch: stored.epoch, position });
            }
        }
        self.followers = followers;
        self.stale = false;
        let reached = Reached::new(reached);
        self.reached.send_if_modified(|known| {
            let changed = *known != reached;
            *known = reached;
            changed
        });
        Ok(())
    }
}
