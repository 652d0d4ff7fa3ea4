//! `/api/v1/subscriptions`: the document's examples as printed, the life of a subscription, and what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use super::customers::create_example;
use crate::support::{TestApp, on_both_engines};

async fn customer(app: &TestApp) -> String {
    let created = app.post("/api/v1/customers", &create_example()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["customer_id"].as_str().unwrap().to_owned()
}

/// The request of seed 000_, "Create Subscription", as printed but for the customer's id.
fn create_subscription_example(customer: &str) -> Value {
    json!({
        "customer_id": customer,
        "plan_id": "elite_coaching",
        "payment_method_id": "pm_1234567890",
        "trial_period_days": 7,
        "proration_behavior": "create_prorations",
        "metadata": { "campaign_source": "email_campaign_jan2024", "sales_rep": "sarah_jones" },
        "discount_code": "NEWCLIENT20",
        "billing_cycle_anchor": "2024-02-01T00:00:00Z"
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_created_as_the_document_prints_it() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = customer(&app).await;
        let created = app.post("/api/v1/subscriptions", &create_subscription_example(&customer)).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let created = created.json();
        let id = created["subscription_id"].as_str().unwrap().to_owned();
        let discount = json!({ "code": "NEWCLIENT20", "type": "percentage", "value": 20, "amount_off": 1000.0 });
        let expected = json!({
            "subscription_id": id,
            "stripe_subscription_id": format!("sandbox_{id}"),
            "customer_id": customer,
            "plan_id": "elite_coaching",
            "plan": {
                "id": "elite_coaching", "name": "Elite 1:1 Coaching", "price": 5000.0, "currency": "USD",
                "interval": "monthly", "trial_days": 7
            },
            "status": "trialing",
            "current_period_start": "2024-01-15T10:30:00Z",
            "current_period_end": "2024-02-01T00:00:00Z",
            "billing_cycle_anchor": "2024-02-01T00:00:00Z",
            "trial_start": "2024-01-15T10:30:00Z",
            "trial_end": "2024-01-22T10:30:00Z",
            "quantity": 1,
            "amount": 5000.0,
            "currency": "USD",
            "discount": discount,
            "discount_applied": discount,
            "tax_percent": 8.75,
            "cancel_at_period_end": false,
            "cancel_at": null,
            "cancelled_at": null,
            "paused_until": null,
            "latest_invoice": null,
            // 826,200 of 2,678,400 s of 5,000.00, less 20 %, and 8.75 % tax on 1,233.87.
            "upcoming_invoice": {
                "amount_due": 1341.83, "period_start": "2024-01-22T10:30:00Z", "period_end": "2024-02-01T00:00:00Z"
            },
            "client_secret": null,
            "metadata": { "campaign_source": "email_campaign_jan2024", "sales_rep": "sarah_jones" },
            "created_at": "2024-01-15T10:30:00Z"
        });
        assert_eq!(created, expected);
        assert_eq!(app.get(&format!("/api/v1/subscriptions/{id}")).await.json(), expected);
        let customer = app.get(&format!("/api/v1/customers/{customer}")).await.json();
        assert_eq!(customer["lifecycle_stage"], "trial");
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_paused_resumed_and_canceled() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = customer(&app).await;
        let body = json!({ "customer_id": customer, "plan_id": "group_coaching", "quantity": 2 });
        let created = app.post("/api/v1/subscriptions", &body).await.json();
        assert_eq!((created["status"].as_str(), created["amount"].as_f64()), (Some("active"), Some(3000.0)));
        let path = format!("/api/v1/subscriptions/{}", created["subscription_id"].as_str().unwrap());
        let customer_now = app.get(&format!("/api/v1/customers/{customer}")).await.json();
        assert_eq!(customer_now["current_mrr"], 3000.0);

        let pause = json!({
            "pause_until": "2024-06-01T00:00:00Z",
            "reason": "temporary_financial_hardship",
            "maintain_access": false,
            "automatic_resume": true
        });
        let paused = app.post(&format!("{path}/pause"), &pause).await;
        assert_eq!(paused.status, 200, "{}", paused.text);
        let paused = paused.json();
        assert_eq!((paused["status"].as_str(), paused["paused_until"].as_str()), (Some("paused"), Some("2024-06-01T00:00:00Z")));
        let again = app.post(&format!("{path}/pause"), &pause).await;
        assert_eq!((again.status.as_u16(), again.json()["error"]["code"].as_str()), (409, Some("RESOURCE_CONFLICT")));
        let resumed = app.post(&format!("{path}/resume"), &json!({})).await.json();
        assert_eq!((resumed["status"].as_str(), resumed["paused_until"].as_str()), (Some("active"), None));

        let cancel = json!({
            "cancel_at_period_end": true,
            "cancellation_reason": "customer_request",
            "feedback": "Switching to competitor",
            "offer_retention": true,
            "metadata": { "cancelled_by": "customer_portal" }
        });
        let canceled = app.send(Method::DELETE, &path, Some(cancel.to_string())).await;
        assert_eq!(canceled.status, 200, "{}", canceled.text);
        assert_eq!(
            canceled.json(),
            json!({
                "subscription_id": created["subscription_id"],
                "status": "active",
                "cancel_at_period_end": true,
                "cancel_at": "2024-02-15T10:30:00Z",
                "retention_offers": [
                    { "type": "discount", "discount_percent": 25, "duration_months": 3, "offer_expires": "2024-01-17T10:30:00Z" },
                    { "type": "pause_subscription", "max_pause_months": 2, "offer_expires": "2024-01-17T10:30:00Z" }
                ],
                "cancelled_at": "2024-01-15T10:30:00Z"
            })
        );
        let now = json!({ "cancel_at_period_end": false });
        let ended = app.send(Method::DELETE, &path, Some(now.to_string())).await.json();
        assert_eq!(ended["status"], "canceled");
        let gone = app.send(Method::DELETE, &path, Some(now.to_string())).await;
        assert_eq!(gone.status, 409, "{}", gone.text);
        let customer = app.get(&format!("/api/v1/customers/{customer}")).await.json();
        assert_eq!((customer["lifecycle_stage"].as_str(), customer["current_mrr"].as_f64()), (Some("churned"), Some(0.0)));
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_subscribed_to_is_refused_by_field() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = customer(&app).await;
        let with = |extra: Value| {
            let mut body = json!({ "customer_id": customer, "plan_id": "elite_coaching" });
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            body
        };
        let cases = [
            (with(json!({ "plan_id": "no_such_plan" })), 400, "plan_id"),
            (with(json!({ "plan_id": "self_paced_course" })), 400, "plan_id"),
            (with(json!({ "quantity": 0 })), 400, "quantity"),
            (with(json!({ "quantity": -1 })), 400, "quantity"),
            (with(json!({ "quantity": 1.5 })), 400, "quantity"),
            (with(json!({ "trial_period_days": 731 })), 400, "trial_period_days"),
            (with(json!({ "discount_code": "NOPE" })), 400, "discount_code"),
            (with(json!({ "billing_cycle_anchor": "2024-02-01" })), 400, "billing_cycle_anchor"),
            (with(json!({ "billing_cycle_anchor": "2023-02-01T00:00:00Z" })), 400, "billing_cycle_anchor"),
            (json!({ "plan_id": "elite_coaching" }), 400, "customer_id"),
        ];
        for (body, status, field) in cases {
            let answer = app.post("/api/v1/subscriptions", &body).await;
            assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
            assert_eq!(answer.json()["error"]["details"]["field"], field, "{body}: {}", answer.text);
        }
        let nobody = app.post("/api/v1/subscriptions", &with(json!({ "customer_id": "cus_nobody" }))).await;
        assert_eq!(nobody.status, 404, "{}", nobody.text);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_payment_method_of_the_customers_own_pays() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = customer(&app).await;
        let body = json!({ "email": "other@example.com", "payment_method_id": "pm_of_another" });
        assert_eq!(app.post("/api/v1/customers", &body).await.status, 201);
        let subscribe =
            |method: &str| json!({ "customer_id": customer, "plan_id": "elite_coaching", "payment_method_id": method });
        for method in ["pm_of_another", "pm_of_nobody"] {
            let answer = app.post("/api/v1/subscriptions", &subscribe(method)).await;
            let error = answer.json()["error"].clone();
            assert_eq!(
                (answer.status.as_u16(), error["code"].as_str(), error["details"]["resource"].as_str()),
                (404, Some("RESOURCE_NOT_FOUND"), Some("payment method")),
                "{method}: {}",
                answer.text
            );
        }
        assert_eq!(app.post("/api/v1/subscriptions", &subscribe("pm_1234567890")).await.status, 201);
        app.stop().await;
    })
    .await;
}
