//! What do events of the sandbox look like in tests?

use super::at;
use crate::sandbox::{Outcome, SandboxChange, SandboxEvent};

/// One event of every kind.
pub fn events() -> Vec<SandboxEvent> {
    use SandboxChange as C;
    let event = |change| SandboxEvent { at: at("2024-03-01T00:00:00Z"), change };
    vec![
        event(C::SandboxClockSet { now: at("2024-03-01T00:00:00Z") }),
        event(C::SandboxOutcomesScripted { outcomes: vec![Outcome::InsufficientFunds, Outcome::Succeed] }),
        event(C::SandboxOutcomeUsed { outcome: Outcome::InsufficientFunds }),
    ]
}
