//! How the projections stand, for people: position, lag, and why one is not going on (rule P4).

use store::{Checkpoint, Failure, Ledger, StoreError};

use crate::projection::Projection;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub name: &'static str,
    /// The version that this build folds.
    pub version: i64,
    pub position: i64,
    /// The ledger's last position.
    pub head: i64,
    /// Events that it has not taken in.
    pub lag: i64,
    pub state: State,
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Running,
    /// It met a poison event and waits to be resumed.
    Paused,
    /// Its stored rows were folded by another version; it waits to be rebuilt.
    Outdated,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Outdated => "outdated",
        }
    }
}

/// The status of each projection, in their order. One that never ran stands at position 0.
pub async fn statuses(ledger: &Ledger, projections: &[Projection]) -> Result<Vec<Status>, StoreError> {
    // The checkpoints are read first, so no lag comes out negative.
    let checkpoints = ledger.checkpoints().await?;
    let head = ledger.head().await?;
    let status = |projection: &Projection| {
        let checkpoint = checkpoints.iter().find(|checkpoint| checkpoint.name == projection.name);
        let position = checkpoint.map_or(0, |checkpoint| checkpoint.position);
        Status {
            name: projection.name,
            version: projection.version,
            position,
            head,
            lag: head.saturating_sub(position),
            state: checkpoint.map_or(State::Running, |checkpoint| state_of(projection, checkpoint)),
            failure: checkpoint.and_then(|checkpoint| checkpoint.failure.clone()),
        }
    };
    Ok(projections.iter().map(status).collect())
}

pub(crate) fn state_of(projection: &Projection, checkpoint: &Checkpoint) -> State {
    if checkpoint.version != projection.version {
        State::Outdated
    } else if checkpoint.state != "running" {
        State::Paused
    } else {
        State::Running
    }
}
