//! The steps of a rebuild: one pass over the log for all projections, then for each the last rows, what came
//! meanwhile, and the swap.

use std::time::Instant;

use projections::Projection;
use store::{Ledger, Written};

use super::RebuildOptions;
use super::lease::Lease;
use super::pages::{self, Pages};
use super::report::Rebuilt;
use super::side::Side;
use crate::error::ReplayError;
use crate::progress::{Phase, Progress};

/// How often the swap is tried. Each time the live projection was further by what came in a few milliseconds.
const SWAP_ATTEMPTS: u32 = 200;

pub(super) struct Pass<'a> {
    pub ledger: &'a Ledger,
    pub options: &'a RebuildOptions,
    pub lease: Lease,
    /// Those not yet swapped.
    pub sides: Vec<Side>,
    pub started: Instant,
    pub progress: &'a mut (dyn FnMut(Progress) + Send),
}

impl Pass<'_> {
    pub async fn run(&mut self, projections: Vec<Projection>) -> Result<Vec<Rebuilt>, ReplayError> {
        for projection in projections {
            self.lease.keep().await?;
            self.sides.push(Side::create(self.ledger, projection).await?);
        }
        self.fold_log().await?;
        let mut rebuilt = Vec::new();
        while let Some(mut side) = self.sides.pop() {
            let finished = self.finish(&mut side).await;
            match finished {
                Ok(finished) => rebuilt.push(finished),
                Err(error) => {
                    self.sides.push(side);
                    return Err(error);
                }
            }
        }
        rebuilt.reverse();
        Ok(rebuilt)
    }

    /// After a failure: the side tables go, the live ones are as they were.
    pub async fn clean_up(&mut self) {
        for side in self.sides.drain(..) {
            if let Err(error) = side.discard(self.ledger).await {
                // The next rebuild drops them.
                tracing::warn!(projection = side.projection.name, %error, "side tables were left over");
            }
        }
        self.lease.release().await;
    }

    async fn fold_log(&mut self) -> Result<(), ReplayError> {
        let mut head = self.ledger.head().await?;
        let mut reads: Vec<&str> = self.sides.iter().flat_map(|side| side.projection.reads.iter().copied()).collect();
        reads.sort_unstable();
        reads.dedup();
        let mut pages = Pages::start(self.ledger, reads, self.options.page_events, head);
        while let Some(page) = pages.next().await? {
            for side in &mut self.sides {
                side.fold(self.ledger, &page).await?;
            }
            self.bound_memory().await?;
            self.lease.keep().await?;
            head = head.max(page.last);
            self.report(Phase::Fold, page.last, head);
        }
        Ok(())
    }

    /// Writes out the heaviest projections until the rest is well within the bound.
    async fn bound_memory(&mut self) -> Result<(), ReplayError> {
        let total: usize = self.sides.iter().map(Side::weight).sum();
        if total <= self.options.memory_bytes {
            return Ok(());
        }
        loop {
            let total: usize = self.sides.iter().map(Side::weight).sum();
            if total <= self.options.memory_bytes / 2 {
                return Ok(());
            }
            let Some(heaviest) = self.sides.iter_mut().max_by_key(|side| side.weight()) else { return Ok(()) };
            heaviest.write_and_release(self.ledger).await?;
            self.lease.keep().await?;
        }
    }

    async fn finish(&mut self, side: &mut Side) -> Result<Rebuilt, ReplayError> {
        self.report(Phase::Write, side.position, side.position);
        side.write_and_release(self.ledger).await?;
        side.analyze(self.ledger).await?;
        let rows = side.count(self.ledger).await?;
        for _ in 0..SWAP_ATTEMPTS {
            self.lease.keep().await?;
            self.catch_up(side).await?;
            self.report(Phase::Swap, side.position, side.position);
            match side.swap(self.ledger).await? {
                Written::Yes => {
                    let Projection { name, version, .. } = side.projection;
                    return Ok(Rebuilt { name, version, events: side.position, rows, elapsed: self.started.elapsed() });
                }
                Written::LostRace => {}
            }
        }
        Err(ReplayError::NeverCaughtUp { projection: side.projection.name, attempts: SWAP_ATTEMPTS })
    }

    /// Takes in what was appended since, up to the end of the log as one look at it finds it.
    async fn catch_up(&mut self, side: &mut Side) -> Result<(), ReplayError> {
        let (ledger, limit) = (self.ledger, self.options.page_events);
        while let Some(page) = pages::read(ledger, side.position, limit, &side.projection.reads).await? {
            side.fold(ledger, &page).await?;
            side.write(ledger).await?;
            if side.weight() > self.options.memory_bytes / 2 {
                side.write_and_release(ledger).await?;
            }
            self.lease.keep().await?;
            if page.at_end {
                break;
            }
        }
        Ok(())
    }

    fn report(&mut self, phase: Phase, position: i64, head: i64) {
        (self.progress)(Progress { phase, position, head, elapsed: self.started.elapsed() });
    }
}
