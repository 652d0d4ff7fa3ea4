//! `/api/v1/customers`: the document's examples as printed, and what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines};

/// The request of seed 000_, "Create Customer", as printed.
pub fn create_example() -> Value {
    json!({
        "email": "customer@example.com",
        "first_name": "John",
        "last_name": "Doe",
        "phone": "+1-555-123-4567",
        "company": "Example Corp",
        "billing_address": {
            "line1": "123 Main St",
            "city": "San Francisco",
            "state": "CA",
            "postal_code": "94105",
            "country": "US"
        },
        "payment_method_id": "pm_1234567890",
        "metadata": { "acquisition_source": "website", "referral_code": "FRIEND2023" }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_created_read_changed_and_listed() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let created = app.post("/api/v1/customers", &create_example()).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let created = created.json();
        let id = created["customer_id"].as_str().unwrap().to_owned();
        assert!(id.starts_with("cus_"));
        let expected = json!({
            "customer_id": id,
            "stripe_customer_id": format!("sandbox_{id}"),
            "email": "customer@example.com",
            "first_name": "John",
            "last_name": "Doe",
            "phone": "+1-555-123-4567",
            "company": "Example Corp",
            "billing_address": create_example()["billing_address"],
            "lifecycle_stage": "prospect",
            "total_lifetime_value": 0.0,
            "current_mrr": 0.0,
            "churn_risk_score": null,
            "subscriptions": [],
            "payment_methods": [
                { "id": "pm_1234567890", "type": "card", "last4": "4242", "exp_month": 12, "exp_year": 2027, "is_default": true }
            ],
            "metadata": { "acquisition_source": "website", "referral_code": "FRIEND2023" },
            "created_at": "2024-01-15T10:30:00Z",
            "last_activity_at": "2024-01-15T10:30:00Z"
        });
        assert_eq!(created, expected);
        assert_eq!(app.get(&format!("/api/v1/customers/{id}")).await.json(), expected);

        let change = json!({
            "email": "newemail@example.com",
            "phone": "+1-555-987-6543",
            "preferred_currency": "USD",
            "metadata": { "updated_source": "customer_portal" }
        });
        let changed = app.send(Method::PUT, &format!("/api/v1/customers/{id}"), Some(change.to_string())).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let changed = changed.json();
        assert_eq!(changed["email"], "newemail@example.com");
        assert_eq!(changed["first_name"], "John");
        assert_eq!(
            changed["metadata"],
            json!({ "acquisition_source": "website", "referral_code": "FRIEND2023", "updated_source": "customer_portal" })
        );

        let listed = app.get("/api/v1/customers?page=1&limit=50&sort=created_at:desc").await.json();
        assert_eq!(
            listed,
            json!({
                "customers": [{
                    "customer_id": id,
                    "email": "newemail@example.com",
                    "name": "John Doe",
                    "lifecycle_stage": "prospect",
                    "total_lifetime_value": 0.0,
                    "current_mrr": 0.0,
                    "created_at": "2024-01-15T10:30:00Z"
                }],
                "pagination": {
                    "page": 1, "limit": 50, "total": 1, "pages": 1, "has_next": false, "has_previous": false,
                    "next_cursor": null, "previous_cursor": null
                }
            })
        );
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_address_belongs_to_one_customer() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let first = app.post("/api/v1/customers", &json!({ "email": "ada@example.com" })).await;
        assert_eq!(first.status, 201, "{}", first.text);
        let second = app.post("/api/v1/customers", &json!({ "email": " ADA@example.com" })).await;
        assert_eq!(second.status, 409, "{}", second.text);
        assert_eq!(second.json()["error"]["code"], "RESOURCE_CONFLICT");
        let id = first.json()["customer_id"].as_str().unwrap().to_owned();
        let change = json!({ "email": "lovelace@example.com" }).to_string();
        assert_eq!(app.send(Method::PUT, &format!("/api/v1/customers/{id}"), Some(change)).await.status, 200);
        let third = app.post("/api/v1/customers", &json!({ "email": "ada@example.com" })).await;
        assert_eq!(third.status, 201, "{}", third.text);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_under_one_idempotency_key_creates_once() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let send = |body: Value| {
            let app = &app;
            async move {
                app.raw(|client, base| {
                    client
                        .post(format!("{base}/api/v1/customers"))
                        .bearer_auth(&app.key)
                        .header("idempotency-key", "key-1")
                        .header("content-type", "application/json")
                        .body(body.to_string())
                })
                .await
            }
        };
        let first = send(json!({ "email": "once@example.com" })).await;
        assert_eq!(first.status, 201, "{}", first.text);
        let again = send(json!({ "email": "once@example.com" })).await;
        assert_eq!(again.status, 201, "{}", again.text);
        assert_eq!(first.json(), again.json());
        let other = send(json!({ "email": "twice@example.com" })).await;
        assert_eq!(other.status, 409, "{}", other.text);
        assert_eq!(app.get("/api/v1/customers").await.json()["pagination"]["total"], 1);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_are_refused_by_name() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let cases = [
            (json!({}), "VALIDATION_ERROR", "email"),
            (json!({ "email": "invalid-email" }), "INVALID_EMAIL_FORMAT", "email"),
            (json!({ "email": 5 }), "VALIDATION_ERROR", "email"),
            (json!({ "email": null }), "VALIDATION_ERROR", "email"),
            (json!({ "email": "a@example.com", "first_name": "x".repeat(501) }), "VALIDATION_ERROR", "first_name"),
            (json!({ "email": "a@example.com", "metadata": [] }), "VALIDATION_ERROR", "metadata"),
            (
                json!({ "email": "a@example.com", "preferred_currency": "XXZ" }),
                "VALIDATION_ERROR",
                "preferred_currency",
            ),
            (
                json!({ "email": "a@example.com", "billing_address": { "country": "Atlantis" } }),
                "VALIDATION_ERROR",
                "billing_address.country",
            ),
            (json!({ "email": "a@example.com", "payment_method_id": "a/b" }), "VALIDATION_ERROR", "payment_method_id"),
        ];
        for (body, code, field) in cases {
            let answer = app.post("/api/v1/customers", &body).await;
            assert_eq!(answer.status, 400, "{body}: {}", answer.text);
            let error = answer.json()["error"].clone();
            assert_eq!(
                (error["code"].as_str(), error["details"]["field"].as_str()),
                (Some(code), Some(field)),
                "{body}"
            );
        }
        for (query, field) in [
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("page=0", "page"),
            ("sort=email:asc", "sort"),
            ("lifecycle_stage=rich", "lifecycle_stage"),
            ("created_after=yesterday", "created_after"),
            ("cursor=zz", "cursor"),
        ] {
            let answer = app.get(&format!("/api/v1/customers?{query}")).await;
            assert_eq!(answer.status, 400, "{query}: {}", answer.text);
            assert_eq!(answer.json()["error"]["details"]["field"], field, "{query}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_walks_the_whole_list_while_customers_are_added() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        for number in 0..7 {
            let body = json!({ "email": format!("c{number}@example.com") });
            assert_eq!(app.post("/api/v1/customers", &body).await.status, 201);
        }
        let mut seen = Vec::new();
        let mut path = "/api/v1/customers?limit=3&sort=customer_id:asc".to_owned();
        loop {
            let page = app.get(&path).await.json();
            for customer in page["customers"].as_array().unwrap() {
                seen.push(customer["customer_id"].as_str().unwrap().to_owned());
            }
            match page["pagination"]["next_cursor"].as_str() {
                Some(cursor) => path = format!("/api/v1/customers?limit=3&sort=customer_id:asc&cursor={cursor}"),
                None => break,
            }
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((seen.len(), &seen), (7, &sorted));
        app.stop().await;
    })
    .await;
}
