//! How much of an amount is earned by a tick? `R(d) = amount × elapsed ÷ total`, rounded once, so that the slices are
//! differences and sum to the amount. A reversal takes a part of what is not yet earned; the rest is spread anew over the
//! time that is left. What was earned is never touched here: giving that back is a posting of its own.

use serde::{Deserialize, Serialize};

use crate::money::round_ratio;

/// An amount spread evenly over `[start, end)`, earned only until `stop`, where something changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Segment {
    pub amount_minor: i64,
    pub start: i64,
    pub end: i64,
    pub stop: i64,
}

impl Segment {
    /// What is earned before the tick.
    pub fn recognized(&self, tick: i64) -> i64 {
        let tick = tick.min(self.stop);
        if tick < self.start {
            return 0;
        }
        if tick >= self.end {
            return self.amount_minor;
        }
        let elapsed = i128::from(tick) - i128::from(self.start);
        let whole = i128::from(self.end) - i128::from(self.start);
        round_ratio(i128::from(self.amount_minor) * elapsed, whole).unwrap_or(0)
    }

    /// What it comes to in the end.
    pub fn whole(&self) -> i64 {
        self.recognized(self.stop)
    }
}

/// How one amount is earned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    segments: Vec<Segment>,
}

impl Schedule {
    /// Evenly over `[start, end)`.
    pub fn straight(amount_minor: i64, start: i64, end: i64) -> Self {
        let end = end.max(start);
        Self { segments: vec![Segment { amount_minor, start, end, stop: end }] }
    }

    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What is earned before the tick.
    pub fn recognized(&self, tick: i64) -> i64 {
        self.segments.iter().map(|segment| segment.recognized(tick)).fold(0, i64::saturating_add)
    }

    /// What it comes to in the end, without what was reversed.
    pub fn whole(&self) -> i64 {
        self.segments.iter().map(Segment::whole).fold(0, i64::saturating_add)
    }

    /// What is still to be earned from the tick on.
    pub fn remaining(&self, tick: i64) -> i64 {
        self.whole().saturating_sub(self.recognized(tick))
    }

    /// Takes a part of what remains at the tick; below zero gives it back. The rest is earned evenly in the time left,
    /// at once where none is.
    pub fn reverse(&mut self, tick: i64, minor: i64) {
        if minor == 0 {
            return;
        }
        let left = self.remaining(tick).saturating_sub(minor);
        let end = self.segments.iter().map(|segment| segment.end).max().unwrap_or(tick);
        let begin = self.segments.iter().map(|segment| segment.start).min().unwrap_or(tick);
        let start = tick.max(begin);
        self.segments.retain(|segment| segment.start < tick);
        for segment in &mut self.segments {
            segment.stop = segment.stop.min(tick);
        }
        if left != 0 {
            let end = end.max(start);
            self.segments.push(Segment { amount_minor: left, start, end, stop: end });
        }
    }
}
