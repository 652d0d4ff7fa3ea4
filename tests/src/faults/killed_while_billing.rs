//! A server that is killed while it bills three months of many customers: another goes on where it was, and nothing is
//! billed twice, charged twice or left out.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, on_both_engines};

const CUSTOMERS: usize = 24;
/// Events after which it is killed, within the first renewals and later, and when the next is started: after the lease of
/// who was killed.
const KILLED: [(i64, &str); 2] = [(40, "2024-01-15T10:40:00Z"), (260, "2024-01-15T10:50:00Z")];

async fn subscribe(app: &TestApp, number: usize) {
    let customer = json!({ "email": format!("customer{number}@example.com"), "payment_method_id": "pm_card_visa" });
    let customer = app.post("/api/v1/customers", &customer).await.json();
    let id = customer["customer_id"].as_str().unwrap();
    let made = app.post("/api/v1/subscriptions", &json!({ "customer_id": id, "plan_id": "community_access" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    if number.is_multiple_of(4) {
        let outcomes = json!(["insufficient_funds", "succeed", "insufficient_funds", "succeed"]);
        let path = format!("/ledger/v1/sandbox/customers/{id}/outcomes");
        let scripted = app.send(Method::PUT, &path, Some(outcomes.to_string())).await;
        assert_eq!(scripted.status, 200, "{}", scripted.text);
    }
}

/// Numbers and states of all invoices, in order.
async fn invoices(app: &TestApp) -> Vec<(String, String)> {
    app.settle().await;
    let mut invoices = Vec::new();
    let listed = app.get("/api/v1/customers?limit=100").await.json();
    for customer in listed["customers"].as_array().unwrap() {
        let id = customer["customer_id"].as_str().unwrap();
        let of_customer = app.get(&format!("/api/v1/customers/{id}/invoices?limit=100")).await.json();
        for invoice in of_customer["invoices"].as_array().unwrap() {
            let text = |field: &str| invoice[field].as_str().unwrap_or_default().to_owned();
            invoices.push((text("invoice_number"), text("status")));
        }
    }
    invoices.sort();
    invoices
}

/// How many charges went through, by the log.
async fn charges(app: &TestApp) -> usize {
    let entries = app.app.ledger.read(0, 10_000).await.unwrap();
    entries.iter().filter(|entry| entry.event_type == "PaymentSucceeded").count()
}

async fn move_clock(app: &TestApp, wait: bool) -> u16 {
    let path = format!("/ledger/v1/sandbox/clock?wait={wait}");
    app.post(&path, &json!({ "now": "2024-04-16T00:00:00Z" })).await.status.into()
}

async fn begin(url: &str) -> TestApp {
    let app = TestApp::start(url).await;
    let begun = app.post("/ledger/v1/sandbox/clock?wait=true", &json!({ "now": "2024-01-15T00:00:00Z" })).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    for number in 0..CUSTOMERS {
        subscribe(&app, number).await;
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_was_billing_is_billed_once_by_the_next() {
    on_both_engines(|url| async move {
        let mut app = begin(&url).await;
        let from = app.app.ledger.head().await.unwrap();
        assert_eq!(move_clock(&app, false).await, 202);
        for (events, later) in KILLED {
            let mut head = app.app.ledger.watch();
            head.wait_for(|position| *position > from + events).await.unwrap();
            app.kill();
            app = TestApp::start_at(&url, &[], later).await;
        }
        assert_eq!(move_clock(&app, true).await, 200);
        let paid = |number: usize| (format!("INV-2024-{number:06}"), "paid".to_owned());
        let expected: Vec<_> = (1..=CUSTOMERS * 4).map(paid).collect();
        assert_eq!(invoices(&app).await, expected);
        assert_eq!(charges(&app).await, expected.len());
        let trial = app.get("/ledger/v1/trial-balance").await.json();
        assert_eq!(trial["balanced"], true, "{trial}");
        app.app.ledger.verify(&mut |_, _| {}).await.expect("the ledger is whole");
        app.stop().await;
    })
    .await;
}
