//! `/ledger/v1/sandbox/clock`: a year of business in a moment, exact to the cent, once.

use domain::invoice::{Invoice, InvoiceStatus};
use domain::subscription::Subscription;
use reqwest::Method;
use serde_json::{Value, json};

use super::customers::create_example;
use crate::support::app::tenant;
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

/// The customer's campaign of an expiring card, as soon as one is listed.
async fn card_campaigns(app: &TestApp, customer: &str) -> Vec<(String, String, Value)> {
    let listed = app.get(&format!("/api/v1/dunning/campaigns?customer_id={customer}")).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let text = |campaign: &Value, field: &str| campaign[field].as_str().unwrap_or_default().to_owned();
    let campaigns = listed.json()["campaigns"].as_array().unwrap().clone();
    campaigns
        .iter()
        .map(|campaign| (text(campaign, "campaign_type"), text(campaign, "status"), campaign["amount_at_risk"].clone()))
        .collect()
}

/// Nothing else of the customer is due on that day, so that its card alone is looked after.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_expires_has_a_campaign_and_messages() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        set_clock(&app, "2024-12-10T00:00:00Z").await;
        let created = app.post("/api/v1/customers", &create_example()).await;
        let customer = created.json()["customer_id"].as_str().unwrap().to_owned();
        let wanted = json!({
            "customer_id": customer, "plan_id": "group_coaching", "payment_method_id": "pm_1234567890"
        });
        assert_eq!(app.post("/api/v1/subscriptions", &wanted).await.status, 201);
        // The sandbox's cards are good until the end of the third year, so the notice is of 2 December 2027.
        set_clock(&app, "2027-12-01T00:00:00Z").await;
        assert_eq!(card_campaigns(&app, &customer).await, []);
        set_clock(&app, "2027-12-04T00:00:00Z").await;
        let expected = ("card_expiring".to_owned(), "active".to_owned(), json!(1500.0));
        assert_eq!(card_campaigns(&app, &customer).await, [expected]);
        let messages = app.get("/ledger/v1/messages").await.json();
        let templates: Vec<&str> = messages["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["template"].as_str().unwrap())
            .collect();
        assert_eq!(templates, ["dunning/standard_customer/1", "dunning/standard_customer/2"]);
        app.stop().await;
    })
    .await;
}

/// The clock was turned while nothing was carried out: the request finds a period that has ended.
#[tokio::test(flavor = "multi_thread")]
async fn what_fell_due_before_a_request_is_billed_first() {
    on_both_engines(|url| async move {
        let mut app = TestApp::start(&url).await;
        set_clock(&app, "2024-01-01T00:00:00Z").await;
        let created = app.post("/api/v1/customers", &create_example()).await;
        let customer = created.json()["customer_id"].as_str().unwrap().to_owned();
        let wanted = json!({
            "customer_id": customer, "plan_id": "group_coaching", "payment_method_id": "pm_1234567890"
        });
        let subscription = app.post("/api/v1/subscriptions", &wanted).await.json();
        let id = subscription["subscription_id"].as_str().unwrap().to_owned();
        app.rest().await;
        let moved = app.post("/ledger/v1/sandbox/clock", &json!({ "now": "2024-02-03T00:00:00Z" })).await;
        assert_eq!(moved.status, 202, "{}", moved.text);
        let body = json!({ "cancel_at_period_end": true }).to_string();
        let canceled = app.send(Method::DELETE, &format!("/api/v1/subscriptions/{id}"), Some(body)).await;
        assert_eq!(canceled.status, 200, "{}", canceled.text);
        let loaded = app.app.ledger.load::<Subscription>(&tenant(), &id).await.unwrap();
        let terms = &loaded.state.snapshot().unwrap().terms;
        assert_eq!(terms.cancel_at, Some("2024-03-01T00:00:00Z".parse().unwrap()), "February is billed and used");
        let renewal = app.app.ledger.load::<Invoice>(&tenant(), terms.latest_invoice.as_ref().unwrap().as_str()).await;
        let renewal = renewal.unwrap().state.snapshot().cloned().unwrap();
        assert_eq!((renewal.status, renewal.total_minor), (InvoiceStatus::Paid, 163_125));
        app.stop().await;
    })
    .await;
}
