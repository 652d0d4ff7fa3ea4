//! A webhook event that is to be read again: does it keep its place among its customer's events, and is a failure shown?

use std::collections::BTreeMap;

use api::operations::stripe_events::{receive_stripe_event, retry_stripe_event};
use api::operations::{Call, Processor};
use serde_json::json;
use sqlx::Executor as _;
use store::Engine;

use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

fn updated(number: i64) -> Vec<u8> {
    json!({
        "id": format!("evt_{number}"), "object": "event", "api_version": "2024-06-20", "created": 1_705_314_600 + number,
        "type": "customer.updated", "livemode": false, "request": null,
        "data": { "object": {
            "id": "cus_ordered", "object": "customer", "email": format!("ada{number}@example.com"), "created": 1_705_314_600
        } },
    })
    .to_string()
    .into_bytes()
}

/// Everything is in the log before the reactor begins, so that one page has all of it and its lanes run at once.
#[tokio::test(flavor = "multi_thread")]
async fn retries_are_read_in_turn_with_their_customers_other_events() {
    on_both_engines(|url| async move {
        let mut app = TestApp::start(&url).await;
        app.rest().await;
        let ledger = &app.app.ledger;
        for number in 0..20 {
            receive_stripe_event(ledger, &tenant(), None, &updated(number)).await.unwrap();
            let call = Call {
                tenant: tenant(),
                actor: "test".to_owned(),
                request_id: "req_1".to_owned(),
                now: ledger.clock().now(),
                idempotency: None,
                processor: Processor::Sandbox,
            };
            retry_stripe_event(ledger, &call, &format!("evt_{}", number / 2)).await.unwrap();
        }
        app.app.drain().await.unwrap();
        let entries = ledger.read(0, 1000).await.unwrap();
        let causes: Vec<i64> = entries
            .iter()
            .filter(|entry| entry.event_type == "StripeEventProcessed")
            .map(|entry| {
                let metadata: serde_json::Value = serde_json::from_str(&entry.metadata).unwrap();
                metadata["cause"].as_str().unwrap().parse().unwrap()
            })
            .collect();
        let mut sorted = causes.clone();
        sorted.sort_unstable();
        assert_eq!((causes.len(), causes), (40, sorted));
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_an_event_that_cannot_be_read_is_recorded_as_failed() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        assert_eq!(app.deliver(&updated(1)).await.status, 200);
        app.settle().await;
        let allow = match app.app.ledger.engine() {
            Engine::Sqlite => "DROP TRIGGER events_no_update",
            Engine::Postgres => "DROP TRIGGER events_append_only ON events",
        };
        app.app.ledger.pool().execute(allow).await.unwrap();
        let spoil = "UPDATE events SET payload = '{\"at\": 7}' WHERE event_type = 'StripeEventReceived'";
        app.app.ledger.pool().execute(spoil).await.unwrap();
        assert_eq!(app.post("/api/v1/webhooks/events/evt_1/retry", &json!({})).await.status, 202);
        app.settle().await;
        let event = app.get("/api/v1/webhooks/events").await.json()["events"][0].clone();
        let found: BTreeMap<_, _> =
            ["processed", "outcome", "retry_count"].map(|field| (field, event[field].clone())).into();
        let expected = [("processed", json!(false)), ("outcome", json!("refused")), ("retry_count", json!(1))];
        assert_eq!(found, expected.into());
        assert!(event["reason"].as_str().unwrap().contains("cannot be read"), "{event}");
        app.stop().await;
    })
    .await;
}
