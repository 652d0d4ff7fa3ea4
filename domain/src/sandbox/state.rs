//! The sandbox as its events leave it: a stream of its own for the clock, and one a customer for its outcomes.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{SandboxChange, SandboxEvent};
use super::outcome::Outcome;

/// The id of the tenant's stream that holds its clock.
pub const CLOCK_ID: &str = "clock";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    pub(super) clock: Option<Timestamp>,
    pub(super) outcomes: VecDeque<Outcome>,
}

impl Sandbox {
    /// The tenant's time; `None` where it was never set and real time counts.
    pub fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// What the next charge comes to, where that was scripted.
    pub fn next_outcome(&self) -> Option<Outcome> {
        self.outcomes.front().copied()
    }

    pub(super) fn apply(&mut self, event: &SandboxEvent) {
        match &event.change {
            SandboxChange::SandboxClockSet { now } => self.clock = Some(*now),
            SandboxChange::SandboxOutcomesScripted { outcomes } => self.outcomes = outcomes.iter().copied().collect(),
            SandboxChange::SandboxOutcomeUsed { .. } => {
                self.outcomes.pop_front();
            }
        }
    }
}
