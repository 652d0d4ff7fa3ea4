//! The projector's careful way: one batch of records folded into every projection that stands before it and written in
//! one transaction, before the next is looked at. A projection that cannot take its events in is paused; the others go on.

use futures::future::try_join_all;
use store::{CheckpointMove, Failure, Ledger, StoreError, TableWrite, Written};

use crate::projection::{FoldingError, Poison, Projection, Source, fold_batch};
use crate::record::{Record, before};

/// A projection and where its checkpoint stands.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    pub projection: Projection,
    pub epoch: i64,
    pub position: i64,
}

impl Follower {
    /// Its checkpoint's move to a position.
    pub fn move_to(&self, position: i64) -> CheckpointMove {
        let name = self.projection.name.to_owned();
        CheckpointMove { name, epoch: self.epoch, from: self.position, to: position }
    }
}

/// What came of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All checkpoints are at the batch's end.
    Moved,
    /// Some projection was paused, or somebody else moved a checkpoint: read the checkpoints again.
    Changed,
}

/// What one projection makes of a batch.
struct Folded {
    writes: Vec<TableWrite>,
    movement: Option<CheckpointMove>,
    failure: Option<Failure>,
}

/// Takes records, which follow the followers' common position and are all that they read up to `last`, into all of them.
pub(crate) async fn take_in(
    ledger: &Ledger,
    followers: &[Follower],
    records: &[Record],
    last: i64,
) -> Result<Outcome, StoreError> {
    // At once, so that one folds while the rows of another are read.
    let mut folded = try_join_all(followers.iter().map(|follower| fold(ledger, follower, records, last))).await?;
    match write(ledger, &mut folded).await {
        Ok(Written::Yes) => {}
        Ok(Written::LostRace) => return Ok(Outcome::Changed),
        // One projection's rows are refused by the database; the others must not wait for it.
        Err(error) if is_of_rows(&error) => {
            return write_each(ledger, followers, records, last).await;
        }
        Err(error) => return Err(error),
    }
    let mut outcome = Outcome::Moved;
    for (follower, folded) in followers.iter().zip(&folded) {
        if let Some(failure) = &folded.failure {
            pause(ledger, follower, failure).await?;
            outcome = Outcome::Changed;
        }
    }
    Ok(outcome)
}

/// Folds as far as it goes: to the end, or up to the first event that the projection cannot take in.
async fn fold(
    ledger: &Ledger,
    follower: &Follower,
    mut records: &[Record],
    mut last: i64,
) -> Result<Folded, StoreError> {
    let mut failure = None;
    loop {
        let mut folding = follower.projection.open(Source::Stored);
        match fold_batch(&mut folding, ledger, "", records).await {
            Ok(()) => {
                let movement = (last > follower.position).then(|| follower.move_to(last));
                return Ok(Folded { writes: folding.take_writes(""), movement, failure });
            }
            Err(FoldingError::Poison(poison)) => {
                records = before(records, poison.position);
                last = poison.position - 1;
                failure = Some(Failure::from(poison));
            }
            Err(FoldingError::Store(StoreError::Corrupt { place, reason })) => {
                let poison = first_of(records, format!("corrupt row at {place}: {reason}"));
                return Ok(Folded { writes: Vec::new(), movement: None, failure: poison.map(Failure::from) });
            }
            Err(FoldingError::Store(error)) => return Err(error),
        }
    }
}

async fn write(ledger: &Ledger, folded: &mut [Folded]) -> Result<Written, StoreError> {
    let moves: Vec<CheckpointMove> = folded.iter().filter_map(|folded| folded.movement.clone()).collect();
    if moves.is_empty() {
        return Ok(Written::Yes);
    }
    let writes: Vec<TableWrite> = folded.iter_mut().flat_map(|folded| folded.writes.drain(..)).collect();
    ledger.write_rows(&writes, &moves).await
}

/// Writes each projection in a transaction of its own and pauses those whose rows the database refuses.
async fn write_each(
    ledger: &Ledger,
    followers: &[Follower],
    records: &[Record],
    last: i64,
) -> Result<Outcome, StoreError> {
    for follower in followers {
        let mut folded = [fold(ledger, follower, records, last).await?];
        match write(ledger, &mut folded).await {
            Ok(Written::Yes | Written::LostRace) => {}
            Err(error) if !is_of_rows(&error) => return Err(error),
            Err(error) => {
                let reason = format!("its rows for the events up to {last} were refused: {error}");
                if let Some(poison) = first_of(records, reason) {
                    pause(ledger, follower, &Failure::from(poison)).await?;
                }
                continue;
            }
        }
        for failure in folded.iter().filter_map(|folded| folded.failure.as_ref()) {
            pause(ledger, follower, failure).await?;
        }
    }
    Ok(Outcome::Changed)
}

/// Whether an error says that rows cannot be read or written, and not that the database is away.
pub(crate) fn is_of_rows(error: &StoreError) -> bool {
    match error {
        StoreError::Database(_) | StoreError::Corrupt { .. } | StoreError::Unstorable(_) => true,
        StoreError::Unavailable(_) | StoreError::Overloaded | StoreError::Configuration(_) => false,
    }
}

async fn pause(ledger: &Ledger, follower: &Follower, failure: &Failure) -> Result<(), StoreError> {
    let name = follower.projection.name;
    tracing::error!(
        projection = name,
        position = failure.position,
        event_type = failure.event_type,
        reason = failure.reason,
        "projection paused"
    );
    ledger.pause_checkpoint(name, failure).await
}

fn first_of(records: &[Record], reason: String) -> Option<Poison> {
    records.first().map(|record| Poison::at(record, reason))
}
