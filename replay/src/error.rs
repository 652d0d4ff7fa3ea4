//! Why a replay or an audit did not come to its end. The text is all that a person sees of it.

use projections::Poison;
use store::{StoreError, VerifyError};

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("there is no projection {name:?}; there are {known}")]
    UnknownProjection { name: String, known: String },
    #[error(
        "projection {projection} cannot take in event {} of type {}: {}; the live rows are as they were",
        .poison.position, .poison.event_type, .poison.reason
    )]
    Poison { projection: &'static str, poison: Poison },
    /// Another rebuild of the projection is at work, or one was killed less than a lease ago.
    #[error("projection {projection} is being rebuilt; if that rebuild was killed, try again in {seconds} s")]
    UnderWay { projection: &'static str, seconds: u64 },
    /// The lease ran out and somebody else has taken it.
    #[error("another rebuild of projection {projection} has taken over")]
    TakenOver { projection: &'static str },
    #[error("projection {projection} moves on faster than its rebuild can follow ({attempts} attempts to swap)")]
    NeverCaughtUp { projection: &'static str, attempts: u32 },
    #[error("stream {0:?}: expected tenant/type/id, or type/id with --tenant")]
    MalformedStream(String),
    #[error("there is no aggregate type {name:?}; there are {known}")]
    UnknownType { name: String, known: String },
    #[error("there is no stream {0}")]
    UnknownStream(String),
    #[error("stream {stream} begins later, at position {position}")]
    NotYet { stream: String, position: i64 },
    #[error("position {position} is beyond the head of the ledger, which is {head}")]
    BeyondHead { position: i64, head: i64 },
    #[error("the state cannot be printed: {0}")]
    Print(#[from] serde_json::Error),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
