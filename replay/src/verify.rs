//! `daybook audit verify`: the whole log checked, with progress. What is checked, and how, is `store`'s business.

use std::time::Instant;

use store::Ledger;

use crate::error::ReplayError;
use crate::printing::{grouped, line, per_second};
use crate::progress::{Phase, Progress, Reporter};

pub(crate) async fn print(ledger: &Ledger, quiet: bool) -> Result<(), ReplayError> {
    let started = Instant::now();
    let mut reporter = Reporter::new(quiet);
    let verified = ledger
        .verify(&mut |position, head| {
            reporter.show(&Progress { phase: Phase::Verify, position, head, elapsed: started.elapsed() });
        })
        .await;
    reporter.finish();
    let events = verified?.events;
    let rate = grouped(per_second(events, started.elapsed()));
    line(&format!("verified {} events: positions, sequences, entry hashes ({rate} events/s)", grouped(events)));
    Ok(())
}
