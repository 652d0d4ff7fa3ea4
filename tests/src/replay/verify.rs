//! Does `daybook audit verify` end in an error that names the position, when somebody took the triggers away first?

use replay::{Audit, audit};
use sqlx::Executor as _;
use store::{Engine, Ledger};

use super::bed::open;
use super::history;
use crate::support::on_both_engines;

/// What somebody with the database's password might do, and the first position that is wrong then.
const TAMPERING: &[(&[&str], &str)] = &[
    (&["UPDATE events SET payload = '{}' WHERE position = 40"], "at position 40: "),
    (&["UPDATE events SET metadata = '{}' WHERE position = 39"], "at position 39: "),
    (&["DELETE FROM events WHERE position = 30"], "at position 30: it is missing"),
    // Two entries in each other's place.
    (
        &[
            "UPDATE events SET position = 1000000 WHERE position = 20",
            "UPDATE events SET position = 20 WHERE position = 21",
            "UPDATE events SET position = 21 WHERE position = 1000000",
        ],
        "at position 20: ",
    ),
    (&["UPDATE events SET tenant = 'skincare' WHERE position = 10"], "at position 10"),
];

async fn verify(ledger: &Ledger) -> Result<(), String> {
    audit(ledger, Audit::Verify { quiet: true }).await.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_break_is_named() {
    on_both_engines(|url| async move {
        let (ledger, _) = open(&url).await;
        assert_eq!(verify(&ledger).await, Ok(()));
        history::append(&ledger, 0..4).await;
        assert_eq!(verify(&ledger).await, Ok(()));
        let unlock: &[&str] = match ledger.engine() {
            Engine::Sqlite => &["DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete"],
            Engine::Postgres => &["DROP TRIGGER events_append_only ON events"],
        };
        for statement in unlock {
            ledger.pool().execute(*statement).await.unwrap();
        }
        for (statements, expected) in TAMPERING {
            for statement in *statements {
                ledger.pool().execute(*statement).await.unwrap();
            }
            let found = verify(&ledger).await.unwrap_err();
            assert!(found.contains(expected), "{statements:?}: {found}");
        }
        ledger.shutdown().await;
    })
    .await;
}
