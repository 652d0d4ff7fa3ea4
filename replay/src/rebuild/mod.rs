//! Rebuilding projections from the log, beside the running server: one pass over the log for all that were asked for,
//! the same fold as live into side tables (rules A3 and P5), then each takes the place of its live tables. Nothing is
//! visible to readers before that, and what fails or is killed leaves the live tables as they were.

mod lease;
mod pages;
mod pass;
mod report;
mod side;
mod write;

use std::time::Instant;

use projections::Projection;
use store::Ledger;

use crate::error::ReplayError;
use crate::progress::Progress;

pub use report::{Rebuilt, Report};

use lease::Lease;
use pass::Pass;

/// Rows in memory, by their own estimate. Taking them out for writing makes one projection's rows exist twice for a
/// while, so that a million events stay well under 512 MiB.
pub const DEFAULT_MEMORY_BYTES: usize = 128 << 20;
/// Events a page: enough that a page costs no more than its rows, few enough to be nothing in memory.
const PAGE_EVENTS: i64 = 2_000;

#[derive(Debug, Clone)]
pub struct RebuildOptions {
    /// Rows are written out when they take more.
    pub memory_bytes: usize,
    /// Events read at a time.
    pub page_events: i64,
}

impl Default for RebuildOptions {
    fn default() -> Self {
        Self { memory_bytes: DEFAULT_MEMORY_BYTES, page_events: PAGE_EVENTS }
    }
}

/// Rebuilds the named projections, or all where none is named.
pub async fn rebuild(
    ledger: &Ledger,
    names: &[&str],
    options: &RebuildOptions,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report, ReplayError> {
    let chosen = choose(projections::all(), names)?;
    rebuild_projections(ledger, chosen, options, progress).await
}

/// Rebuilds these projections.
pub async fn rebuild_projections(
    ledger: &Ledger,
    projections: Vec<Projection>,
    options: &RebuildOptions,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report, ReplayError> {
    let started = Instant::now();
    for projection in &projections {
        // One that never ran has no checkpoint that a swap could take over.
        ledger.register_checkpoint(projection.name, projection.version).await?;
    }
    let lease = Lease::take(ledger, &projections).await?;
    let mut pass = Pass { ledger, options, lease, sides: Vec::new(), started, progress };
    let rebuilt = match pass.run(projections).await {
        Ok(rebuilt) => rebuilt,
        Err(error) => {
            pass.clean_up().await;
            return Err(error);
        }
    };
    pass.lease.release().await;
    Ok(Report { rebuilt, elapsed: started.elapsed() })
}

fn choose(all: Vec<Projection>, names: &[&str]) -> Result<Vec<Projection>, ReplayError> {
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|projection| projection.name != **name)) {
        let known = all.iter().map(|projection| projection.name).collect::<Vec<_>>().join(", ");
        return Err(ReplayError::UnknownProjection { name: (*unknown).to_owned(), known });
    }
    Ok(all.into_iter().filter(|projection| names.is_empty() || names.contains(&projection.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projections_are_chosen_by_name() {
        type Case<'a> = (&'a [&'a str], Result<&'a [&'a str], &'a str>);
        let cases: [Case<'_>; 4] = [
            (&["invoices"], Ok(&["invoices"])),
            (&["invoices", "customers", "invoices"], Ok(&["customers", "invoices"])),
            (&["invoices", "inwoices"], Err("there is no projection \"inwoices\"; there are customers, ")),
            (&["projector"], Err("there is no projection \"projector\"")),
        ];
        for (names, expected) in cases {
            let chosen = choose(projections::all(), names);
            match (chosen, expected) {
                (Ok(chosen), Ok(expected)) => {
                    assert_eq!(chosen.iter().map(|it| it.name).collect::<Vec<_>>(), expected);
                }
                (Err(error), Err(hint)) => assert!(error.to_string().starts_with(hint), "{error}"),
                (chosen, expected) => panic!("{names:?}: {chosen:?} is not {expected:?}"),
            }
        }
        assert_eq!(choose(projections::all(), &[]).unwrap().len(), projections::all().len());
    }
}
