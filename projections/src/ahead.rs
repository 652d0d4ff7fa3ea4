//! The projector's way while nothing goes wrong: a batch is folded while the one before it is written and the next is
//! read, on rows that stay in hand from batch to batch. That they are the stored ones is known because whoever wrote
//! others would have moved a checkpoint, and then nothing of ours is written (rule P1).
//!
//! Whatever goes wrong is not dealt with here: the batch is left to the careful way (see `batch`).

use store::{CheckpointMove, Ledger, StoreError, TableWrite, Written};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::batch::Follower;
use crate::positions::{Progress, Reached};
use crate::projection::{Folding, FoldingError, Source, fold_together};
use crate::reading::{Stretch, read};

/// Bytes of rows in hand, about. Beyond them all are let go, and loaded again when they are touched.
const MAX_WEIGHT: usize = 48 * 1024 * 1024;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Everything up to this position is folded and is being written.
    Folded(i64),
    /// All of the log is written.
    AtEnd,
    /// Somebody else moved a checkpoint.
    LostRace,
}

type Reading = JoinHandle<Result<Option<Stretch>, StoreError>>;

#[derive(Debug, Default)]
pub(crate) struct Ahead {
    /// Whose rows are in hand, and where they stand with them.
    followers: Vec<Follower>,
    foldings: Vec<Folding>,
    kinds: Vec<&'static str>,
    writing: Option<JoinHandle<Result<Written, StoreError>>>,
    /// The stretch after a position.
    coming: Option<(i64, Reading)>,
}

impl Ahead {
    /// Folds the next events into the followers, which stand at one position. After an error the rows in hand are gone,
    /// and what was being written is waited for by `settle`.
    pub async fn step(
        &mut self,
        ledger: &Ledger,
        followers: &[Follower],
        limit: i64,
        reached: &watch::Sender<Reached>,
    ) -> Result<Stepped, FoldingError> {
        self.hold(followers);
        let stepped = self.fold(ledger, limit, reached).await;
        if !matches!(stepped, Ok(Stepped::Folded(_) | Stepped::AtEnd)) {
            self.let_go();
        }
        stepped
    }

    /// Waits for what is being written.
    pub async fn settle(&mut self) -> Result<Written, StoreError> {
        let Some(writing) = self.writing.as_mut() else { return Ok(Written::Yes) };
        let written = writing.await;
        self.writing = None;
        written.map_err(|error| StoreError::Unavailable(format!("a batch of rows was not written: {error}")))?
    }

    /// Takes the followers in hand; the rows are theirs already where they are the same and stand where these do.
    fn hold(&mut self, followers: &[Follower]) {
        let same = |(held, given): (&Follower, &Follower)| {
            held.projection.name == given.projection.name
                && (held.epoch, held.position) == (given.epoch, given.position)
        };
        if self.followers.len() == followers.len() && self.followers.iter().zip(followers).all(same) {
            return;
        }
        self.let_go();
        self.followers = followers.to_vec();
        self.foldings = followers.iter().map(|follower| follower.projection.open(Source::Stored)).collect();
        self.kinds = followers.iter().flat_map(|follower| &follower.projection.reads).copied().collect();
        self.kinds.sort_unstable();
        self.kinds.dedup();
    }

    fn let_go(&mut self) {
        self.followers.clear();
        self.foldings.clear();
        if let Some((_, coming)) = self.coming.take() {
            coming.abort();
        }
    }

    async fn fold(
        &mut self,
        ledger: &Ledger,
        limit: i64,
        reached: &watch::Sender<Reached>,
    ) -> Result<Stepped, FoldingError> {
        let Some(after) = self.followers.first().map(|follower| follower.position) else { return Ok(Stepped::AtEnd) };
        let Some(Stretch { records, last, full }) = self.next(ledger, after, limit).await? else {
            let written = self.settle().await?;
            return Ok(if written == Written::Yes { Stepped::AtEnd } else { Stepped::LostRace });
        };
        if full {
            let (ledger, kinds) = (ledger.clone(), self.kinds.clone());
            self.coming = Some((last, tokio::spawn(async move { read(&ledger, &kinds, last, limit).await })));
        }
        fold_together(&mut self.foldings, ledger, "", &records).await?;
        if self.settle().await? == Written::LostRace {
            return Ok(Stepped::LostRace);
        }
        self.write(ledger, last, reached);
        if self.foldings.iter().map(Folding::weight).sum::<usize>() > MAX_WEIGHT {
            if self.settle().await? == Written::LostRace {
                return Ok(Stepped::LostRace);
            }
            self.foldings.iter_mut().for_each(Folding::release);
        }
        Ok(Stepped::Folded(last))
    }

    async fn next(&mut self, ledger: &Ledger, after: i64, limit: i64) -> Result<Option<Stretch>, StoreError> {
        match self.coming.take() {
            Some((place, coming)) if place == after => {
                let interrupted = |error| StoreError::Unavailable(format!("reading was interrupted: {error}"));
                coming.await.map_err(interrupted)?
            }
            Some(_) | None => read(ledger, &self.kinds, after, limit).await,
        }
    }

    /// Begins to write what was folded up to there, and says so when it is written.
    fn write(&mut self, ledger: &Ledger, last: i64, reached: &watch::Sender<Reached>) {
        let writes: Vec<TableWrite> = self.foldings.iter_mut().flat_map(|folding| folding.take_writes("")).collect();
        let mut moves = Vec::with_capacity(self.followers.len());
        for follower in &mut self.followers {
            moves.push(follower.move_to(last));
            follower.position = last;
        }
        let (ledger, reached) = (ledger.clone(), reached.clone());
        self.writing = Some(tokio::spawn(async move {
            let written = ledger.write_rows(&writes, &moves).await?;
            if written == Written::Yes {
                note(&reached, &moves);
            }
            Ok(written)
        }));
    }
}

/// Tells who waits for these projections how far they are.
pub(crate) fn note(reached: &watch::Sender<Reached>, moves: &[CheckpointMove]) {
    reached.send_modify(|reached| {
        for moved in moves {
            reached.set(&moved.name, Progress { position: moved.to, goes_on: true });
        }
    });
}
