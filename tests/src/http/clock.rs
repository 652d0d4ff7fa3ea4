//! `/ledger/v1/sandbox/clock`: a year of business in a moment, exact to the cent, once.

use serde_json::{Value, json};

use super::customers::create_example;
use crate::support::{TestApp, on_both_engines};

async fn set_clock(app: &TestApp, now: &str) -> Value {
    let moved = app.post("/ledger/v1/sandbox/clock?wait=true", &json!({ "now": now })).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    moved.json()
}

async fn invoices(app: &TestApp, customer: &str) -> Vec<(String, String, Value)> {
    let listed = app.get(&format!("/api/v1/customers/{customer}/invoices?limit=100")).await.json();
    let mut invoices: Vec<_> = listed["invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invoice| {
            let text = |field: &str| invoice[field].as_str().unwrap_or_default().to_owned();
            (text("invoice_number"), text("status"), invoice["total"].clone())
        })
        .collect();
    invoices.sort_by_key(|invoice| invoice.0.clone());
    invoices
}

#[tokio::test(flavor = "multi_thread")]
async fn three_months_are_billed_in_order_and_once() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let stand = set_clock(&app, "2023-12-31T00:00:00Z").await;
        assert_eq!(stand["now"], "2023-12-31T00:00:00Z");
        let created = app.post("/api/v1/customers", &create_example()).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let customer = created.json()["customer_id"].as_str().unwrap().to_owned();
        let wanted = json!({
            "customer_id": customer, "plan_id": "group_coaching", "payment_method_id": "pm_1234567890"
        });
        let created = app.post("/api/v1/subscriptions", &wanted).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let subscription = created.json();
        assert_eq!(subscription["status"], "active");
        assert_eq!(subscription["current_period_end"], "2024-01-31T00:00:00Z");
        set_clock(&app, "2024-03-31T00:00:00Z").await;
        let paid = |number: &str| (number.to_owned(), "paid".to_owned(), json!(1631.25));
        let expected = ["INV-2023-000001", "INV-2024-000001", "INV-2024-000002", "INV-2024-000003"].map(paid).to_vec();
        assert_eq!(invoices(&app, &customer).await, expected);
        let id = subscription["subscription_id"].as_str().unwrap();
        let known = app.get(&format!("/api/v1/subscriptions/{id}")).await.json();
        assert_eq!(known["current_period_start"], "2024-03-31T00:00:00Z");
        assert_eq!(known["current_period_end"], "2024-04-30T00:00:00Z");
        let again = app.post("/ledger/v1/sandbox/clock?wait=true", &json!({ "now": "2024-03-30T00:00:00Z" })).await;
        assert_eq!(again.status, 400, "{}", again.text);
        set_clock(&app, "2024-03-31T00:00:00Z").await;
        assert_eq!(invoices(&app, &customer).await, expected, "nothing twice");
        app.stop().await;
    })
    .await;
}
