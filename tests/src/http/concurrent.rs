//! Requests that meet on one customer: does each keep what it said, and who holds which e-mail address afterwards?

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

async fn created(app: &TestApp, email: &str) -> String {
    let created = app.post("/api/v1/customers", &json!({ "email": email })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["customer_id"].as_str().unwrap().to_owned()
}

async fn put(app: &TestApp, id: &str, body: &Value) -> u16 {
    app.send(Method::PUT, &format!("/api/v1/customers/{id}"), Some(body.to_string())).await.status.as_u16()
}

async fn put_at_once(app: &TestApp, id: &str, bodies: &[Value]) {
    let statuses = join_all(bodies.iter().map(|body| put(app, id, body))).await;
    assert_eq!(statuses, vec![200; bodies.len()]);
}

/// The holders of all e-mail addresses, each address as its index.
async fn email_claims(app: &TestApp) -> Vec<(String, String)> {
    let sql = "SELECT name, holder FROM claims WHERE tenant = 'coaching' AND kind = 'email' ORDER BY holder, name";
    let rows = sqlx::query(sql).fetch_all(app.app.ledger.pool()).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn claim(app: &TestApp, email: &str, id: &str) -> (String, String) {
    (app.app.ledger.keyring().email_index(&tenant(), email).as_str().to_owned(), format!("customer/{id}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn different_fields_that_are_put_at_once_are_all_kept() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let id = created(&app, "ada@example.com").await;
        for round in 0..3 {
            let mut bodies = vec![
                json!({ "first_name": format!("Ada {round}") }),
                json!({ "last_name": format!("Lovelace {round}") }),
                json!({ "phone": format!("+44 {round}") }),
                json!({ "company": format!("Engine {round}") }),
                json!({ "billing_address": { "line1": format!("St James's Square {round}"), "country": "GB" } }),
            ];
            bodies.extend((0..6).map(|key| json!({ "metadata": { format!("key_{key}"): round } })));
            put_at_once(&app, &id, &bodies).await;
            let customer = app.get(&format!("/api/v1/customers/{id}")).await.json();
            let metadata: serde_json::Map<String, Value> =
                (0..6).map(|key| (format!("key_{key}"), json!(round))).collect();
            for (field, expected) in [
                ("email", json!("ada@example.com")),
                ("first_name", json!(format!("Ada {round}"))),
                ("last_name", json!(format!("Lovelace {round}"))),
                ("phone", json!(format!("+44 {round}"))),
                ("company", json!(format!("Engine {round}"))),
                ("billing_address", json!({ "line1": format!("St James's Square {round}"), "country": "GB" })),
                ("metadata", Value::Object(metadata)),
            ] {
                assert_eq!(customer[field], expected, "round {round}: {field}");
            }
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_addresses_that_are_put_at_once_the_last_alone_is_held() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let id = created(&app, "first@example.com").await;
        for round in 0..3 {
            let emails: Vec<String> = (0..8).map(|number| format!("ada{number}.{round}@example.com")).collect();
            let bodies: Vec<Value> = emails.iter().map(|email| json!({ "email": email })).collect();
            put_at_once(&app, &id, &bodies).await;
            let customer = app.get(&format!("/api/v1/customers/{id}")).await.json();
            let email = customer["email"].as_str().unwrap().to_owned();
            assert!(emails.contains(&email), "{email}");
            assert_eq!(email_claims(&app).await, [claim(&app, &email, &id)], "round {round}");
        }
        // Two customers that want one free address: one gets it, and neither holds two.
        let other = created(&app, "other@example.com").await;
        let body = json!({ "email": "wanted@example.com" });
        let mut statuses = join_all([&id, &other].map(|id| put(&app, id, &body))).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let mut expected = Vec::new();
        for id in [&id, &other] {
            let customer = app.get(&format!("/api/v1/customers/{id}")).await.json();
            expected.push(claim(&app, customer["email"].as_str().unwrap(), id));
        }
        expected.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
        assert_eq!(email_claims(&app).await, expected);
        app.stop().await;
    })
    .await;
}

/// Stripe's word about an address claims nothing and gives nothing back, so the claim that an API call made must be
/// found again however the address has changed since.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_stripe_changed_meanwhile_is_given_back() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let id = created(&app, "api@example.com").await;
        let body = json!({
            "id": "evt_moved", "object": "event", "api_version": "2024-06-20", "created": 1_705_314_700,
            "type": "customer.updated", "livemode": false, "request": null,
            "data": { "object": { "id": id, "object": "customer", "email": "stripe@example.com", "created": 1_705_314_600 } },
        });
        assert_eq!(app.deliver(body.to_string().as_bytes()).await.status, 200);
        app.settle().await;
        assert_eq!(app.get(&format!("/api/v1/customers/{id}")).await.json()["email"], "stripe@example.com");
        put_at_once(&app, &id, &[json!({ "email": "again@example.com" })]).await;
        assert_eq!(email_claims(&app).await, [claim(&app, "again@example.com", &id)]);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_is_left_cleared_or_set() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let id = created(&app, "ada@example.com").await;
        let fields = ["first_name", "company", "phone"];
        let all = json!({ "first_name": "Ada", "company": "Engine", "phone": "+44", "metadata": { "a": 1 } });
        put_at_once(&app, &id, &[all]).await;
        let change = json!({ "first_name": null, "company": "Analytical Engine", "metadata": null });
        put_at_once(&app, &id, &[change]).await;
        let customer = app.get(&format!("/api/v1/customers/{id}")).await.json();
        let found: Vec<Value> = fields.iter().map(|field| customer[field].clone()).collect();
        assert_eq!(found, [json!(null), json!("Analytical Engine"), json!("+44")]);
        assert_eq!(customer["metadata"], json!({}));
        assert_eq!(put(&app, &id, &json!({ "email": null })).await, 400);
        assert_eq!(email_claims(&app).await, [claim(&app, "ada@example.com", &id)]);
        app.stop().await;
    })
    .await;
}
