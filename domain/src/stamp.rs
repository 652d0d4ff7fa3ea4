//! Which of several reports about one object is the newest, whatever the order they arrive in (decision B13).
//!
//! A report's place is decided by, in turn: its phase (monotone facts win: a settled payment stays settled), the
//! second it was created in, the chain of `previous_attributes` among reports of that second, the rank of its event
//! type, and its event id. So the newest is a function of the set of reports and never of their order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;

/// Reports of one second that are kept to decide their order by chain. Stripe sends a handful; the bound keeps a
/// hostile stream of equal seconds from growing the state.
const MAX_TIES: usize = 32;

/// Where a report came from and what decides its place among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// 0 while the object can still change freely, more once a monotone fact holds (deleted, paid, settled).
    #[serde(default, skip_serializing_if = "is_default")]
    pub phase: u8,
    /// When the change happened, to the second.
    pub created: Timestamp,
    /// Later steps of an object's life have a higher rank: created, updated, finalized, paid.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rank: u8,
    /// The foreign event's id.
    pub event: String,
    /// A hash of the reported snapshot, and of the snapshot before the change where the report says what changed.
    pub digest: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// A stable 64-bit hash (FNV-1a) of a snapshot's JSON, for recognising a predecessor; not a security measure.
pub fn digest<T: Serialize>(snapshot: &T) -> u64 {
    let bytes = serde_json::to_vec(snapshot).unwrap_or_default();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// What a new report did to the known state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absorbed {
    /// Its event was known already: nothing to record.
    Repeated,
    /// The state is now what some report of its second says, usually this one.
    Changed,
    /// A newer report was known: history gained a report, the state stayed.
    Superseded,
}

/// The newest report of an object, with those it still competes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest<S> {
    ties: Vec<(Stamp, S)>,
}

impl<S> Default for Latest<S> {
    fn default() -> Self {
        Self { ties: Vec::new() }
    }
}

impl<S: Clone> Latest<S> {
    /// Takes one more report into account.
    pub fn absorb(&mut self, stamp: Stamp, snapshot: S) -> Absorbed {
        let Some((newest, _)) = self.ties.first() else {
            self.ties.push((stamp, snapshot));
            return Absorbed::Changed;
        };
        let order = (stamp.phase, stamp.created).cmp(&(newest.phase, newest.created));
        match order {
            std::cmp::Ordering::Less => Absorbed::Superseded,
            std::cmp::Ordering::Greater => {
                self.ties = vec![(stamp, snapshot)];
                Absorbed::Changed
            }
            std::cmp::Ordering::Equal => self.absorb_tie(stamp, snapshot),
        }
    }

    fn absorb_tie(&mut self, stamp: Stamp, snapshot: S) -> Absorbed {
        if self.ties.iter().any(|(known, _)| known.event == stamp.event) {
            return Absorbed::Repeated;
        }
        let before = self.current_index();
        let before_event = before.and_then(|index| self.ties.get(index)).map(|tie| tie.0.event.clone());
        self.ties.push((stamp, snapshot));
        self.ties.sort_by(|a, b| (a.0.rank, &a.0.event).cmp(&(b.0.rank, &b.0.event)));
        if self.ties.len() > MAX_TIES {
            self.ties.remove(0);
        }
        let after_event = self.current_index().and_then(|index| self.ties.get(index)).map(|tie| tie.0.event.clone());
        if before_event == after_event { Absorbed::Superseded } else { Absorbed::Changed }
    }

    /// The newest snapshot, `None` before the first report.
    pub fn current(&self) -> Option<&S> {
        self.current_index().and_then(|index| self.ties.get(index)).map(|tie| &tie.1)
    }

    /// The newest report's stamp.
    pub fn stamp(&self) -> Option<&Stamp> {
        self.current_index().and_then(|index| self.ties.get(index)).map(|tie| &tie.0)
    }

    pub fn is_empty(&self) -> bool {
        self.ties.is_empty()
    }

    /// The end of the chain that holds the highest report by rank and id. Chains are walked from reports that follow
    /// no other; where all follow one another (a change and its reversal in one second), from the lowest.
    fn current_index(&self) -> Option<usize> {
        let top = self.ties.len().checked_sub(1)?;
        let starts = (0..=top).filter(|index| !self.follows_another(*index));
        let others = (0..=top).filter(|index| self.follows_another(*index));
        starts.chain(others).map(|start| self.chain_from(start)).find(|chain| chain.contains(&top))?.last().copied()
    }

    /// The reports that follow one another from that one on, the highest where several follow the same.
    fn chain_from(&self, start: usize) -> Vec<usize> {
        let mut chain = vec![start];
        while let Some(next) = (0..self.ties.len())
            .rev()
            .find(|index| !chain.contains(index) && chain.last().is_some_and(|last| self.follows(*index, *last)))
        {
            chain.push(next);
        }
        chain
    }

    fn follows_another(&self, index: usize) -> bool {
        (0..self.ties.len()).any(|other| other != index && self.follows(index, other))
    }

    /// Whether the one report changed what the other says.
    fn follows(&self, index: usize, other: usize) -> bool {
        match (self.ties.get(index), self.ties.get(other)) {
            (Some((stamp, _)), Some((before, _))) => {
                stamp.before == Some(before.digest) && stamp.digest != before.digest
            }
            (None, _) | (_, None) => false,
        }
    }
}

#[cfg(test)]
#[path = "stamp_tests.rs"]
mod tests;
