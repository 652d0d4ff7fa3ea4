//! Does a rebuild beside a working server take its place in time, and leave the tables as the projector would have?

use projections::{Projector, Settings};
use replay::{RebuildOptions, rebuild};
use tokio::sync::oneshot;

use super::bed::{checkpoint, full_tables, leftovers, open};
use super::history;
use crate::support::on_both_engines;

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_keeps_up_with_appends_and_the_projector() {
    on_both_engines(|url| async move {
        let (ledger, _) = open(&url).await;
        history::append(&ledger, 0..12).await;
        let (projector, positions) = Projector::new(ledger.clone(), projections::all(), Settings::new("test"));
        let (stop, stopped) = oneshot::channel::<()>();
        let projector = tokio::spawn(projector.run(async move { drop(stopped.await) }));

        let (finish, mut finished) = oneshot::channel::<()>();
        let appending = tokio::spawn({
            let ledger = ledger.clone();
            async move {
                let mut next = 12;
                while finished.try_recv().is_err() {
                    history::append(&ledger, next..next + 1).await;
                    next += 1;
                }
            }
        });
        for _ in 0..3 {
            rebuild(&ledger, &[], &RebuildOptions::default(), &mut |_| {}).await.unwrap();
            assert_eq!(leftovers(&ledger).await, [""; 0]);
        }
        finish.send(()).unwrap();
        appending.await.unwrap();

        let head = ledger.head().await.unwrap();
        assert!(positions.wait_for(&[], head, std::time::Duration::from_mins(1)).await, "the projector reaches {head}");
        stop.send(()).unwrap();
        projector.await.unwrap();
        let live = full_tables(&ledger).await;
        for projection in projections::all() {
            let at = checkpoint(&ledger, projection.name).await;
            assert_eq!(at, (projection.version, 4, head, "running".to_owned()));
        }
        rebuild(&ledger, &[], &RebuildOptions::default(), &mut |_| {}).await.unwrap();
        assert_eq!(full_tables(&ledger).await, live);
        ledger.shutdown().await;
    })
    .await;
}
