//! Checks that the log cannot be changed, and that a change is found where somebody takes the triggers away.

use sqlx::Executor;
use store::{Engine, Ledger, Verified, VerifyError};

use crate::bed::{Bed, create, request, update};

async fn filled(bed: &Bed) -> Ledger {
    let ledger = bed.open().await;
    for index in 0..4 {
        let id = format!("cus_{index}");
        ledger.execute(request(vec![create(&id, "DE"), update(&id, "FR")])).await.unwrap();
    }
    ledger
}

pub async fn the_database_refuses_to_change_events(bed: Bed) {
    let ledger = filled(&bed).await;
    let mut statements = vec![
        "UPDATE events SET payload = '{}' WHERE position = 1",
        "DELETE FROM events WHERE position = 8",
        "DELETE FROM events",
    ];
    statements.push(match ledger.engine() {
        Engine::Sqlite => "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 1",
        Engine::Postgres => "TRUNCATE events",
    });
    for statement in statements {
        let error = ledger.pool().execute(statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    assert_eq!(ledger.verify(&mut |_, _| {}).await.unwrap(), Verified { events: 8, head: 8 });
}

pub async fn a_changed_entry_is_found(bed: Bed) {
    let ledger = filled(&bed).await;
    let mut reached = Vec::new();
    ledger.verify(&mut |position, head| reached.push((position, head))).await.unwrap();
    assert_eq!(reached, [(8, 8)]);
    let unlock: &[&str] = match ledger.engine() {
        Engine::Sqlite => &["DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete"],
        Engine::Postgres => &["DROP TRIGGER events_append_only ON events"],
    };
    for statement in unlock {
        ledger.pool().execute(*statement).await.unwrap();
    }
    // From the last to the first, since the first break is the one that is named.
    let cases = [
        ("UPDATE log_head SET recorded_at = recorded_at + 1", 8, "head"),
        ("DELETE FROM events WHERE position = 8", 8, "missing"),
        ("UPDATE events SET effective_at = effective_at + 1 WHERE position = 7", 7, "hash"),
        ("UPDATE events SET leaf_hash = entry_hash WHERE position = 6", 6, "hash"),
        ("UPDATE events SET sequence = 7 WHERE position = 5", 5, "hash"),
        ("UPDATE events SET recorded_at = 1 WHERE position = 4", 4, "recorded time"),
        ("UPDATE events SET tenant = 'other' WHERE position = 3", 3, "tenant"),
        ("DELETE FROM events WHERE position = 2", 2, "position 3"),
    ];
    for (statement, expected, hint) in cases {
        ledger.pool().execute(statement).await.unwrap();
        let found = ledger.verify(&mut |_, _| {}).await;
        let Err(VerifyError::Broken { position, reason }) = found else { panic!("{statement}: {found:?}") };
        assert_eq!(position, expected, "{statement}: {reason}");
        assert!(reason.contains(hint), "{statement}: {reason}");
    }
}
