//! The same request again under its `Idempotency-Key`: is it answered as the first time, whatever has happened since?

use reqwest::Method;
use serde_json::{Value, json};

use super::customers::create_example;
use crate::support::app::Answer;
use crate::support::{TestApp, on_both_engines};

async fn send(app: &TestApp, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    app.raw(|client, base| {
        client
            .request(method, format!("{base}{path}"))
            .bearer_auth(&app.key)
            .header("idempotency-key", key)
            .header("content-type", "application/json")
            .body(body.to_string())
    })
    .await
}

/// Has Stripe say that the customer is gone.
async fn delete(app: &TestApp, customer: &str) {
    let body = json!({
        "id": format!("evt_gone_{customer}"), "object": "event", "api_version": "2024-06-20", "created": 1_705_400_000,
        "type": "customer.deleted", "livemode": false, "request": null,
        "data": { "object": { "id": customer, "object": "customer", "deleted": true, "created": 1_705_314_600 } },
    });
    assert_eq!(app.deliver(body.to_string().as_bytes()).await.status, 200);
    app.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_though_it_would_be_refused_by_now() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = app.post("/api/v1/customers", &create_example()).await.json();
        let customer = customer["customer_id"].as_str().unwrap().to_owned();
        let subscribe = json!({ "customer_id": customer, "plan_id": "elite_coaching" });
        let first = send(&app, Method::POST, "/api/v1/subscriptions", "sub", &subscribe).await;
        assert_eq!(first.status, 201, "{}", first.text);
        let subscription = format!("/api/v1/subscriptions/{}", first.json()["subscription_id"].as_str().unwrap());
        let path = format!("/api/v1/customers/{customer}");
        let change = json!({ "phone": "+1" });
        let changed = send(&app, Method::PUT, &path, "change", &change).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let cancel = json!({ "cancel_at_period_end": false, "feedback": "Too far" });
        let canceled = send(&app, Method::DELETE, &subscription, "cancel", &cancel).await;
        assert_eq!(canceled.status, 200, "{}", canceled.text);
        delete(&app, &customer).await;

        let head = app.app.ledger.head().await.unwrap();
        let again = send(&app, Method::POST, "/api/v1/subscriptions", "sub", &subscribe).await;
        assert_eq!(again.status, 201, "{}", again.text);
        assert_eq!(again.json()["subscription_id"], first.json()["subscription_id"]);
        assert_eq!(again.headers["daybook-position"], first.headers["daybook-position"]);
        let again = send(&app, Method::PUT, &path, "change", &change).await;
        assert_eq!(again.status, 200, "{}", again.text);
        let again = send(&app, Method::DELETE, &subscription, "cancel", &cancel).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, canceled.json()));
        assert_eq!(app.app.ledger.head().await.unwrap(), head);

        // The key with another body is a conflict, also where that body would be refused for itself.
        let others = [
            (
                Method::POST,
                "/api/v1/subscriptions".to_owned(),
                "sub",
                json!({ "customer_id": customer, "plan_id": "group_coaching" }),
            ),
            (
                Method::POST,
                "/api/v1/subscriptions".to_owned(),
                "sub",
                json!({ "customer_id": customer, "plan_id": "nothing" }),
            ),
            (Method::PUT, path, "change", json!({ "phone": "+2" })),
            (Method::DELETE, "/api/v1/subscriptions/sub_unknown".to_owned(), "cancel", cancel),
        ];
        for (method, path, key, body) in others {
            let answer = send(&app, method, &path, key, &body).await;
            assert_eq!(answer.status, 409, "{key} {body}: {}", answer.text);
        }
        // What was never done is refused as ever.
        let fresh = send(&app, Method::POST, "/api/v1/subscriptions", "fresh", &subscribe).await;
        assert_eq!(fresh.status, 404, "{}", fresh.text);
        app.stop().await;
    })
    .await;
}
