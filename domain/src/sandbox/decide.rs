//! What a command does to the sandbox.

use jiff::Timestamp;

use super::command::SandboxCommand;
use super::event::{SandboxChange, SandboxEvent};
use super::state::Sandbox;
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;

/// Outcomes that may be scripted at once; more is a mistake in a script.
const MAX_OUTCOMES: usize = 1_000;

impl EventForm for SandboxEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for Sandbox {
    const TYPE: &'static str = "sandbox";
    type Command = SandboxCommand;
    type Event = SandboxEvent;

    fn decide(&self, issued: &Issued<SandboxCommand>) -> Result<Vec<SandboxEvent>, Refusal> {
        let happened = |at, change| Ok(vec![SandboxEvent { at, change }]);
        match &issued.command {
            SandboxCommand::SetClock { now, may_go_back } => {
                if self.clock == Some(*now) {
                    return Ok(Vec::new());
                }
                if !may_go_back && *now < issued.now.max(self.clock.unwrap_or(Timestamp::MIN)) {
                    return Err(Refusal::invalid("now", "lies before the tenant's time, which only goes forward"));
                }
                happened(*now, SandboxChange::SandboxClockSet { now: *now })
            }
            SandboxCommand::Script { outcomes } => {
                if outcomes.len() > MAX_OUTCOMES {
                    return Err(Refusal::invalid("outcomes", format!("must be at most {MAX_OUTCOMES}")));
                }
                happened(issued.now, SandboxChange::SandboxOutcomesScripted { outcomes: outcomes.clone() })
            }
            SandboxCommand::UseOutcome => match self.next_outcome() {
                Some(outcome) => happened(issued.now, SandboxChange::SandboxOutcomeUsed { outcome }),
                None => Ok(Vec::new()),
            },
        }
    }

    fn evolve(&mut self, event: &SandboxEvent) {
        self.apply(event);
    }
}
