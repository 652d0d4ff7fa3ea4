//! `POST /webhooks/stripe`: what is accepted, what is refused, and that nothing refused is stored.

use api::stripe::signature::sign;
use serde_json::json;

use crate::support::app::WEBHOOK_SECRET;
use crate::support::{TestApp, on_both_engines};

fn event(id: &str) -> Vec<u8> {
    json!({
        "id": id,
        "object": "event",
        "api_version": "2024-06-20",
        "created": 1_705_314_600,
        "type": "customer.created",
        "livemode": false,
        "request": { "id": "req_1", "idempotency_key": null },
        "data": { "object": { "id": "cus_webhook", "object": "customer", "email": "ada@example.com", "created": 1_705_314_600 } },
    })
    .to_string()
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_event_becomes_a_customer_that_a_get_returns() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let answer = app.deliver(&event("evt_1")).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{\"received\":true}"));
        app.settle().await;
        let customer = app.get("/api/v1/customers/cus_webhook").await;
        assert_eq!(customer.status, 200, "{}", customer.text);
        assert_eq!(customer.json()["email"], "ada@example.com");
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_that_do_not_hold_are_refused_and_nothing_is_stored() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let body = event("evt_bad");
        let now_s = app.app.ledger.clock().now().as_second();
        let good = sign(WEBHOOK_SECRET, &body, now_s);
        let v1 = good.split_once(",v1=").unwrap().1.to_owned();
        let reserialized =
            serde_json::to_string_pretty(&serde_json::from_slice::<serde_json::Value>(&body).unwrap()).unwrap();
        let before = app.app.ledger.head().await.unwrap();
        let cases: [(&str, Vec<String>, &str); 8] = [
            ("missing", vec![], "SIGNATURE_MISSING"),
            ("wrong secret", vec![sign("whsec_other", &body, now_s)], "SIGNATURE_MISMATCH"),
            ("stale", vec![sign(WEBHOOK_SECRET, &body, now_s - 301)], "SIGNATURE_STALE"),
            ("doubled", vec![good.clone(), good.clone()], "SIGNATURE_MALFORMED"),
            ("doubled inside", vec![format!("{good},{good}")], "SIGNATURE_MALFORMED"),
            ("v0 only", vec![format!("t={now_s},v0={v1}")], "SIGNATURE_SCHEME"),
            ("garbage", vec!["garbage".to_owned()], "SIGNATURE_MALFORMED"),
            ("re-serialized", vec![sign(WEBHOOK_SECRET, reserialized.as_bytes(), now_s)], "SIGNATURE_MISMATCH"),
        ];
        for (name, headers, code) in cases {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let answer = app.deliver_signed(&body, &headers).await;
            assert_eq!(answer.status, 400, "{name}: {}", answer.text);
            assert_eq!(answer.json()["error"]["code"], code, "{name}");
        }
        assert_eq!(app.app.ledger.head().await.unwrap(), before);
        let two = format!("{good},v1={}", "0".repeat(64));
        assert_eq!(app.deliver_signed(&body, &[&two]).await.status, 200);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_not_snapshot_events_are_refused_with_the_reason() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let before = app.app.ledger.head().await.unwrap();
        let cases: [(Vec<u8>, &str); 6] = [
            (b"not json".to_vec(), "INVALID_JSON"),
            (b"[]".to_vec(), "NOT_AN_EVENT"),
            (b"{}".to_vec(), "NOT_AN_EVENT"),
            (b"{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"x\"}".to_vec(), "NOT_AN_EVENT"),
            (
                b"{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"type\":\"v1.billing.meter.no_meter_found\"}"
                    .to_vec(),
                "THIN_EVENT",
            ),
            (vec![b'"', 0xff, b'"'], "INVALID_JSON"),
        ];
        for (body, code) in cases {
            let answer = app.deliver(&body).await;
            assert_eq!(answer.status, 400, "{}", answer.text);
            assert_eq!(answer.json()["error"]["code"], code);
        }
        let huge = vec![b' '; 1024 * 1024 + 1];
        let answer = app.deliver(&huge).await;
        assert_eq!(answer.status, 413, "{}", answer.text);
        assert_eq!(app.app.ledger.head().await.unwrap(), before);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_but_genuine_events_are_stored() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let cases = [
            json!({ "id": "evt_unknown", "object": "event", "type": "no.such.type", "data": { "object": { "id": "x" } } }),
            json!({ "id": "evt_no_id", "object": "event", "type": "invoice.upcoming", "data": { "object": { "object": "invoice" } } }),
            json!({ "id": "evt_null", "object": "event", "type": "customer.created", "request": null, "data": { "object": {} } }),
            json!({ "id": "evt_text", "object": "event", "type": "customer.created", "request": "req_1", "data": { "object": {} } }),
        ];
        for body in &cases {
            let answer = app.deliver(body.to_string().as_bytes()).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        app.settle().await;
        let log = app.get("/api/v1/webhooks/events?limit=10").await.json();
        let outcomes: Vec<_> = log["events"].as_array().unwrap().iter().map(|event| event["outcome"].clone()).collect();
        assert_eq!(outcomes, ["ignored"; 4]);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_delivery_writes_nothing_and_another_body_is_kept_as_a_conflict() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let body = event("evt_twice");
        assert_eq!(app.deliver(&body).await.status, 200);
        app.settle().await;
        let head = app.app.ledger.head().await.unwrap();
        assert_eq!(app.deliver(&body).await.status, 200);
        assert_eq!(app.app.ledger.head().await.unwrap(), head);
        let other = String::from_utf8(body).unwrap().replace("ada@", "eve@").into_bytes();
        assert_eq!(app.deliver(&other).await.status, 200);
        assert_eq!(app.deliver(&other).await.status, 200);
        assert_eq!(app.app.ledger.head().await.unwrap(), head + 1);
        app.settle().await;
        let log = app.get("/api/v1/webhooks/events").await.json();
        assert_eq!(log["events"][0]["conflicts"], 1);
        let customer = app.get("/api/v1/customers/cus_webhook").await.json();
        assert_eq!(customer["email"], "ada@example.com");
        app.stop().await;
    })
    .await;
}
