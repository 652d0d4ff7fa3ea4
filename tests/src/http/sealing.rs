//! Is what people write, and what gives access to their data, nowhere in the clear (rule L10), and read back by whoever
//! may?

use reqwest::Method;
use serde_json::{Value, json};

use super::customers::create_example;
use crate::support::tables::all_tables;
use crate::support::{TestApp, on_both_engines};

/// Texts that only their customer's key opens. All contain one word that is in nothing else.
const HARDSHIP: &str = "zebrafish surgery on Monday";
const REASON: &str = "zebrafish moves to Lisbon";
const FEEDBACK: &str = "zebrafish says thank you";
const HOSTED: &str = "https://pay.example.com/i/zebrafish";
const PDF: &str = "https://pay.example.com/i/zebrafish.pdf";
const RECEIPT: &str = "https://pay.example.com/r/zebrafish";
const NOTE: &str = "Materials for Zoe zebrafish";

const CREATED_S: i64 = 1_705_000_000;

fn event(id: &str, kind: &str, object: &Value) -> Vec<u8> {
    let event = json!({
        "id": id, "object": "event", "type": kind, "created": CREATED_S, "api_version": "2024-06-20",
        "livemode": false, "data": { "object": object }
    });
    serde_json::to_vec(&event).expect("JSON")
}

fn invoice() -> Value {
    let line = |id: &str, kind: &str, description: &str| {
        json!({ "id": id, "object": "line_item", "type": kind, "amount": 5_000, "currency": "usd", "quantity": 1,
            "proration": false, "description": description })
    };
    json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "currency": "usd", "status": "paid",
        "created": CREATED_S, "total": 10_000, "amount_due": 10_000, "amount_paid": 10_000, "amount_remaining": 0,
        "hosted_invoice_url": HOSTED, "invoice_pdf": PDF,
        "lines": { "data": [line("il_1", "subscription", "1 × Elite"), line("il_2", "invoiceitem", NOTE)] }
    })
}

fn charge() -> Value {
    json!({
        "id": "ch_1", "object": "charge", "customer": "cus_1", "currency": "usd", "amount": 10_000, "paid": true,
        "status": "succeeded", "created": CREATED_S, "receipt_url": RECEIPT, "description": NOTE,
        "outcome": { "reason": NOTE }
    })
}

/// Everything that is stored: the log and every read model.
async fn stored(app: &TestApp) -> String {
    let entries = app.app.ledger.read(0, 1_000).await.expect("the log is read");
    let payloads = entries.into_iter().map(|entry| entry.payload);
    let rows = all_tables(&app.app.ledger).await.into_values().flatten();
    payloads.chain(rows).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_customers_write_about_a_subscription_is_sealed() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = app.post("/api/v1/customers", &create_example()).await.json();
        let body = json!({ "customer_id": customer["customer_id"], "plan_id": "elite_coaching" });
        let created = app.post("/api/v1/subscriptions", &body).await.json();
        let path = format!("/api/v1/subscriptions/{}", created["subscription_id"].as_str().expect("an id"));
        let paused = app.post(&format!("{path}/pause"), &json!({ "reason": HARDSHIP })).await;
        assert_eq!(paused.status, 200, "{}", paused.text);
        let cancel = json!({ "cancellation_reason": REASON, "feedback": FEEDBACK });
        let canceled = app.send(Method::DELETE, &path, Some(cancel.to_string())).await;
        assert_eq!(canceled.status, 200, "{}", canceled.text);
        app.settle().await;
        let stored = stored(&app).await;
        assert!(stored.contains("SubscriptionPaused") && !stored.contains("zebrafish"), "{stored}");
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_open_an_invoice_are_sealed_and_read_back() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        assert_eq!(app.deliver(&event("evt_1", "invoice.paid", &invoice())).await.status, 200);
        assert_eq!(app.deliver(&event("evt_2", "charge.succeeded", &charge())).await.status, 200);
        app.settle().await;
        let stored = stored(&app).await;
        assert!(stored.contains("1 × Elite") && !stored.contains("zebrafish"), "{stored}");
        let invoices = app.get("/api/v1/customers/cus_1/invoices").await.json();
        let invoice = &invoices["invoices"][0];
        let words = ["invoice_pdf_url", "hosted_invoice_url"].map(|key| invoice[key].as_str());
        assert_eq!(words, [Some(PDF), Some(HOSTED)]);
        let lines = [0, 1].map(|index| invoice["line_items"][index]["description"].as_str());
        assert_eq!(lines, [Some("1 × Elite"), Some(NOTE)]);
        app.stop().await;
    })
    .await;
}
