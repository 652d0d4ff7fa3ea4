//! `POST /ledger/v1/usage`: what was used is billed in arrears, each record once.

use serde_json::{Value, json};

use super::catalogue::put;
use super::subscription_changes::{move_clock, payer, subscribe};
use crate::support::app::Answer;
use crate::support::{TestApp, on_both_engines};

async fn report(app: &TestApp, key: Option<&str>, body: &Value) -> Answer {
    app.raw(|client, base| {
        let request = client.post(format!("{base}/ledger/v1/usage")).bearer_auth(&app.key);
        let request = match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        request.header("content-type", "application/json").body(body.to_string())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_billed_with_the_period_it_falls_into() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let plan = json!({
            "name": "Calls", "currency": "USD", "amount": "10.00", "interval": "month",
            "usage": [{ "metric": "calls", "amount": "0.10" }]
        });
        let published = put(&app, "/ledger/v1/catalog/plans/calls", &plan).await;
        assert_eq!(published.status, 200, "{}", published.text);
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let path = subscribe(&app, &customer, &json!({ "plan_id": "calls" })).await;
        let id = path.rsplit('/').next().unwrap().to_owned();
        let used = json!({ "subscription_id": id, "metric": "calls", "quantity": 120 });
        let first = report(&app, Some("a"), &used).await;
        assert_eq!(first.status, 201, "{}", first.text);
        assert_eq!(first.json()["at"], "2024-01-15T10:30:00Z");
        let again = report(&app, Some("a"), &used).await;
        assert_eq!((again.status.as_u16(), again.json()), (201, first.json()), "counted once");
        assert_eq!(report(&app, None, &used).await.status, 201);
        assert_eq!(app.get(&path).await.json()["upcoming_invoice"]["amount_due"], 34.0);
        let with = |extra: Value| {
            let mut body = used.clone();
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            body
        };
        let cases = [
            (with(json!({ "quantity": 0 })), "quantity"),
            (with(json!({ "quantity": -1 })), "quantity"),
            (with(json!({ "metric": "tokens" })), "metric"),
            (with(json!({ "at": "yesterday" })), "at"),
        ];
        for (body, field) in cases {
            let answer = report(&app, None, &body).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{}", answer.text);
        }
        let future = report(&app, None, &with(json!({ "at": "2024-02-01T00:00:00Z" }))).await;
        assert_eq!(future.status, 400, "{}", future.text);
        assert_eq!(report(&app, None, &with(json!({ "subscription_id": "sub_nothing" }))).await.status, 404);
        move_clock(&app, "2024-02-15T10:30:00Z").await;
        let renewed = app.get(&path).await.json();
        assert_eq!(
            (&renewed["latest_invoice"]["amount_due"], &renewed["upcoming_invoice"]["amount_due"]),
            (&json!(34.0), &json!(10.0))
        );
        app.stop().await;
    })
    .await;
}
