//! Is a rebuilt table the live one, byte for byte, whatever the pages, the memory and the number of projections?

use replay::{Phase, Progress, RebuildOptions, ReplayError, rebuild};

use super::bed::{checkpoint, full_tables, leftovers, open, project, small};
use super::history;
use crate::support::on_both_engines;
use crate::support::tables::all_tables;

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_tables_equal_the_live_ones() {
    on_both_engines(|url| async move {
        let (ledger, _) = open(&url).await;
        history::append(&ledger, 0..24).await;
        project(&ledger).await;
        let live = full_tables(&ledger).await;
        let head = ledger.head().await.unwrap();
        let mut epoch = 1;
        let tiny = RebuildOptions { page_events: 7, memory_bytes: 1 };
        for options in [RebuildOptions::default(), small(), tiny, small()] {
            let mut phases = Vec::new();
            let mut note = |progress: Progress| {
                assert!(progress.position <= progress.head, "{progress:?}");
                phases.push(progress.phase);
            };
            let report = rebuild(&ledger, &[], &options, &mut note).await.unwrap();
            assert_eq!(full_tables(&ledger).await, live, "{options:?}");
            assert_eq!(leftovers(&ledger).await, [""; 0]);
            phases.dedup();
            assert_eq!(phases[..3], [Phase::Fold, Phase::Write, Phase::Swap]);
            let rows: usize = live.values().map(Vec::len).sum();
            assert_eq!(report.rebuilt.iter().map(|one| one.rows).sum::<i64>(), i64::try_from(rows).unwrap());
            epoch += 1;
            for (one, projection) in report.rebuilt.iter().zip(projections::all()) {
                assert_eq!((one.name, one.version, one.events), (projection.name, projection.version, head));
                let expected = (projection.version, epoch, head, "running".to_owned());
                assert_eq!(checkpoint(&ledger, one.name).await, expected);
            }
        }
        // The projector goes on where the rebuild has left the tables.
        history::append(&ledger, 24..30).await;
        project(&ledger).await;
        let live = full_tables(&ledger).await;
        rebuild(&ledger, &[], &small(), &mut |_| {}).await.unwrap();
        assert_eq!(full_tables(&ledger).await, live);
        ledger.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_projection_is_rebuilt_by_name_and_others_are_left_alone() {
    on_both_engines(|url| async move {
        let (ledger, _) = open(&url).await;
        history::append(&ledger, 0..6).await;
        // Nothing was ever projected: the rebuild makes the checkpoint and everything in the table.
        let report = rebuild(&ledger, &["invoices"], &small(), &mut |_| {}).await.unwrap();
        assert_eq!(report.rebuilt.iter().map(|one| (one.name, one.rows)).collect::<Vec<_>>(), [("invoices", 6)]);
        let filled: Vec<_> =
            all_tables(&ledger).await.into_iter().filter(|(_, rows)| !rows.is_empty()).map(|(name, _)| name).collect();
        assert_eq!(filled, ["invoices"]);
        project(&ledger).await;
        assert_eq!(checkpoint(&ledger, "customers").await.1, 1);
        assert_eq!(checkpoint(&ledger, "invoices").await.1, 2);
        let unknown = rebuild(&ledger, &["nothing"], &small(), &mut |_| {}).await;
        assert!(matches!(unknown, Err(ReplayError::UnknownProjection { name, .. }) if name == "nothing"));
        ledger.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_ledger_is_rebuilt_to_nothing() {
    on_both_engines(|url| async move {
        let (ledger, _) = open(&url).await;
        let report = rebuild(&ledger, &[], &RebuildOptions::default(), &mut |_| {}).await.unwrap();
        assert!(report.rebuilt.iter().all(|one| (one.events, one.rows) == (0, 0)), "{report:?}");
        assert_eq!(report.rebuilt.len(), projections::all().len());
        ledger.shutdown().await;
    })
    .await;
}
