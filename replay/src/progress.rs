//! How far a pass over the log is, and how a person or a program at stderr is told: a bar on a terminal, JSON lines
//! elsewhere. Positions are contiguous, so the percentage is exact.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::printing::per_second;

/// Programs that read lines want to know that it goes on, not every page.
const LINE_INTERVAL: Duration = Duration::from_secs(1);
const BAR: &str = "{msg:9} {wide_bar} {percent:>3}% {human_pos}/{human_len} {prefix} events/s ETA {eta}";

/// What a pass is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Folding the log into side tables.
    Fold,
    /// Writing the rows still in memory.
    Write,
    /// Taking in what came meanwhile, and swapping.
    Swap,
    /// Checking the log.
    Verify,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fold => "folding",
            Self::Write => "writing",
            Self::Swap => "swapping",
            Self::Verify => "verifying",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    pub position: i64,
    /// The ledger's last position, as far as known.
    pub head: i64,
    pub elapsed: Duration,
}

/// A line for programs.
#[derive(Debug, Serialize)]
struct Line {
    phase: Phase,
    position: i64,
    head: i64,
    percent: i64,
    events_per_second: i64,
    /// Absent while nothing is known of the speed.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_seconds: Option<i64>,
    elapsed_ms: u64,
}

impl Line {
    fn of(progress: &Progress) -> Self {
        let Progress { phase, position, head, elapsed } = *progress;
        let rate = per_second(position, elapsed);
        let left = head.saturating_sub(position).max(0);
        Self {
            phase,
            position,
            head,
            percent: i64::try_from(i128::from(position) * 100 / i128::from(head.max(1))).unwrap_or(100).min(100),
            events_per_second: rate,
            eta_seconds: (rate > 0).then(|| left / rate + i64::from(left % rate > 0)),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Tells stderr.
pub(crate) enum Reporter {
    Bar(ProgressBar),
    Lines { last: Option<Instant>, unsaid: Option<Progress> },
    Quiet,
}

impl Reporter {
    pub fn new(quiet: bool) -> Self {
        if quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { last: None, unsaid: None };
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    pub fn show(&mut self, progress: &Progress) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(u64::try_from(progress.head).unwrap_or_default());
                bar.set_position(u64::try_from(progress.position).unwrap_or_default());
                bar.set_prefix(crate::printing::grouped(per_second(progress.position, progress.elapsed)));
                bar.set_message(progress.phase.as_str());
            }
            Self::Lines { last, unsaid } => {
                if last.is_none_or(|last| last.elapsed() >= LINE_INTERVAL) {
                    *last = Some(Instant::now());
                    *unsaid = None;
                    say(progress);
                } else {
                    *unsaid = Some(*progress);
                }
            }
            Self::Quiet => {}
        }
    }

    /// Says the last word, whether the pass came to its end or not.
    pub fn finish(&mut self) {
        match self {
            Self::Bar(bar) => bar.abandon(),
            Self::Lines { unsaid, .. } => {
                if let Some(progress) = unsaid.take() {
                    say(&progress);
                }
            }
            Self::Quiet => {}
        }
    }
}

fn say(progress: &Progress) {
    if let Ok(line) = serde_json::to_string(&Line::of(progress)) {
        // Progress that nobody can read is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_rate_percentage_and_time_left() {
        let cases = [
            (
                Progress { phase: Phase::Fold, position: 250, head: 1_000, elapsed: Duration::from_millis(500) },
                r#"{"phase":"fold","position":250,"head":1000,"percent":25,"events_per_second":500,"eta_seconds":2,"elapsed_ms":500}"#,
            ),
            (
                Progress { phase: Phase::Swap, position: 0, head: 0, elapsed: Duration::ZERO },
                r#"{"phase":"swap","position":0,"head":0,"percent":0,"events_per_second":0,"elapsed_ms":0}"#,
            ),
            (
                Progress { phase: Phase::Verify, position: 3, head: 2, elapsed: Duration::from_secs(1) },
                r#"{"phase":"verify","position":3,"head":2,"percent":100,"events_per_second":3,"eta_seconds":0,"elapsed_ms":1000}"#,
            ),
        ];
        for (progress, expected) in cases {
            assert_eq!(serde_json::to_string(&Line::of(&progress)).unwrap(), expected);
        }
    }

    #[test]
    fn the_bar_has_a_valid_template() {
        ProgressStyle::with_template(BAR).unwrap();
    }
}
