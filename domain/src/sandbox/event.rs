//! What can have happened in the sandbox.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::outcome::Outcome;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxEvent {
    /// Business time.
    pub at: Timestamp,
    pub change: SandboxChange,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SandboxChange {
    SandboxClockSet { now: Timestamp },
    SandboxOutcomesScripted { outcomes: Vec<Outcome> },
    SandboxOutcomeUsed { outcome: Outcome },
}
