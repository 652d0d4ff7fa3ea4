//! What does a rebuild leave that was killed half-way, and does the next one clear it away?

use replay::{Phase, ReplayError, rebuild};
use store::Ledger;
use tokio::sync::mpsc;

use super::bed::{advance, checkpoint, full_tables, leftovers, open, project, small};
use super::history;
use crate::support::on_both_engines;

/// Drops a rebuild at the first report of this phase from this position on.
async fn kill(ledger: &Ledger, phase: Phase, position: i64) {
    let (reached, mut waiting) = mpsc::unbounded_channel();
    let mut progress = move |progress: replay::Progress| {
        if progress.phase == phase && progress.position >= position {
            let _ = reached.send(());
        }
    };
    let options = small();
    tokio::select! {
        biased;
        Some(()) = waiting.recv() => {}
        done = rebuild(ledger, &[], &options, &mut progress) => panic!("{done:?} before {phase:?} at {position}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_rebuild_leaves_the_live_tables_and_the_next_one_clears_up() {
    on_both_engines(|url| async move {
        let (ledger, clock) = open(&url).await;
        history::append(&ledger, 0..12).await;
        project(&ledger).await;
        let live = full_tables(&ledger).await;
        for (phase, position) in [(Phase::Fold, 60), (Phase::Write, 1)] {
            kill(&ledger, phase, position).await;
            assert_eq!(full_tables(&ledger).await, live);
            assert_ne!(leftovers(&ledger).await, [""; 0]);
            assert_eq!(checkpoint(&ledger, "customers").await.1, 1);
            // Nobody can tell it from one at work, until its lease runs out.
            let early = rebuild(&ledger, &["customers"], &small(), &mut |_| {}).await;
            assert!(matches!(early, Err(ReplayError::UnderWay { projection: "customers", .. })), "{early:?}");
            advance(&clock, 60);
        }
        rebuild(&ledger, &[], &small(), &mut |_| {}).await.unwrap();
        assert_eq!(leftovers(&ledger).await, [""; 0]);
        assert_eq!(full_tables(&ledger).await, live);
        ledger.shutdown().await;
    })
    .await;
}
