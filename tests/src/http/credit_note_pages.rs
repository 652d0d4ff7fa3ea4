//! `GET /ledger/v1/credit-notes`: from a table, page by page, the newest first.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::subscription_changes::{move_clock, payer, subscribe};
use crate::support::{TestApp, on_both_engines};

const NOTES: &str = "/ledger/v1/credit-notes";

async fn ids(app: &TestApp, query: &str) -> (Vec<String>, Value) {
    let page = app.get(&format!("{NOTES}{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text);
    let page = page.json();
    let id = |note: &Value| note["credit_note_id"].as_str().unwrap().to_owned();
    (page["credit_notes"].as_array().unwrap().iter().map(id).collect(), page["next_cursor"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_paged_by_cursors_that_skip_and_repeat_nothing() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let mut made = Vec::new();
        let mut customers = Vec::new();
        for (name, at) in [("ada", "2024-01-15T10:30:00Z"), ("bob", "2024-01-16T10:30:00Z")] {
            move_clock(&app, at).await;
            let customer = payer(&app, &format!("{name}@example.com"), "pm_card_visa").await;
            let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
            let invoice = app.get(&path).await.json()["latest_invoice"]["invoice_id"].as_str().unwrap().to_owned();
            for amount in [1, 2, 3] {
                let note = app
                    .post(&format!("/ledger/v1/invoices/{invoice}/credit-notes"), &json!({ "amount": amount }))
                    .await;
                assert_eq!(note.status, 201, "{}", note.text);
                made.push(note.json());
            }
            customers.push(customer);
        }
        let all: BTreeSet<String> =
            made.iter().map(|note| note["credit_note_id"].as_str().unwrap().to_owned()).collect();
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let (page, next) = ids(&app, &format!("?limit=4{cursor}")).await;
            seen.extend(page);
            match next.as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((seen.len(), seen.iter().cloned().collect::<BTreeSet<_>>()), (6, all));
        let (newest, _) = ids(&app, "?limit=3").await;
        let (of_bob, next) = ids(&app, &format!("?customer_id={}", customers[1])).await;
        assert_eq!((newest, next), (of_bob, Value::Null));
        let void = format!("{NOTES}/{}/void", made[0]["credit_note_id"].as_str().unwrap());
        let voided = app.post(&void, &json!({})).await;
        assert_eq!(voided.status, 200, "{}", voided.text);
        let listed = app.get(&format!("{NOTES}?customer_id={}", customers[0])).await.json();
        let found = listed["credit_notes"].as_array().unwrap();
        assert!(found.contains(&voided.json()) && found.contains(&made[1]), "{listed}");
        for query in ["?limit=0", "?limit=101", "?cursor=nonsense"] {
            assert_eq!(app.get(&format!("{NOTES}{query}")).await.status, 400, "{query}");
        }
        assert_eq!(app.get(&format!("{NOTES}?customer_id=cus_nobody")).await.status, 404);
        app.stop().await;
    })
    .await;
}
