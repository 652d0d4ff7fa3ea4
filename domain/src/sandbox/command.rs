//! What can be asked of the sandbox.

use jiff::Timestamp;

use super::outcome::Outcome;

#[derive(Debug, Clone)]
pub enum SandboxCommand {
    /// Sets the tenant's clock; backwards only while `may_go_back`, that is while the tenant is empty.
    SetClock { now: Timestamp, may_go_back: bool },
    /// What the customer's next charges come to, in order; it replaces what was scripted before.
    Script { outcomes: Vec<Outcome> },
    /// One scripted outcome was met by a charge.
    UseOutcome,
}
