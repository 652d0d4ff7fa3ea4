//! `/ledger/v1`, health and metrics.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines};

#[tokio::test(flavor = "multi_thread")]
async fn events_are_read_in_order_as_json_and_as_lines() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let loaded = app.app.ledger.head().await.unwrap();
        for number in 0..3 {
            let body = json!({ "email": format!("e{number}@example.com") });
            assert_eq!(app.post("/api/v1/customers", &body).await.status, 201);
        }
        let page = app.get(&format!("/ledger/v1/events?after={loaded}&limit=2")).await.json();
        let positions: Vec<_> =
            page["events"].as_array().unwrap().iter().map(|event| event["position"].clone()).collect();
        assert_eq!((positions, page["next"].as_i64()), (vec![json!(loaded + 1), json!(loaded + 2)], Some(loaded + 2)));
        let event = &page["events"][0];
        assert_eq!(event["type"], "CustomerCreated");
        assert_eq!(event["stream"]["type"], "customer");
        assert_eq!((event["sequence"].as_i64(), event["version"].as_str()), (Some(1), Some("1")));
        assert!(event["actor"].as_str().unwrap().starts_with("key:"));
        assert_eq!(event["effective_at"], "2024-01-15T10:30:00Z");
        assert!(!event["data"].to_string().contains("e0@example.com"), "personal data is sealed");

        let key = app.key.clone();
        let lines = app
            .raw(|client, base| {
                client
                    .get(format!("{base}/ledger/v1/events?after={}", loaded + 1))
                    .bearer_auth(&key)
                    .header("accept", "application/x-ndjson")
            })
            .await;
        assert_eq!(lines.headers["content-type"], "application/x-ndjson");
        assert_eq!(lines.headers["daybook-next"], (loaded + 3).to_string());
        let read: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read.len(), 2);

        let id = event["stream"]["id"].as_str().unwrap();
        let stream = app.get(&format!("/ledger/v1/streams/customer/{id}")).await.json();
        assert_eq!((stream["sequence"].as_i64(), stream["events"].as_array().unwrap().len()), (Some(1), 1));
        let filtered = app.get(&format!("/ledger/v1/events?stream=customer/{id}")).await.json();
        assert_eq!(filtered["events"].as_array().unwrap().len(), 1);
        let typed = app.get("/ledger/v1/events?type=CustomerCreated").await.json();
        assert_eq!(typed["events"].as_array().unwrap().len(), 3);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_are_rfc_9457_documents() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        for (path, status) in [
            ("/ledger/v1/events?limit=1001", 400),
            ("/ledger/v1/events?after=-1", 400),
            ("/ledger/v1/events?stream=nothing", 400),
            ("/ledger/v1/streams/customer/cus_nobody", 404),
            ("/ledger/v1/streams/nothing/x", 404),
            ("/ledger/v1/nothing", 404),
        ] {
            let answer = app.get(path).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
            assert_eq!(answer.json()["status"], status, "{path}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_tell_how_it_is() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        app.settle().await;
        let health = app.get("/health").await;
        assert_eq!(health.status, 200, "{}", health.text);
        let health = health.json();
        assert_eq!(health["status"], "healthy");
        let names: Vec<_> = health["services"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["database", "projections", "redis", "stripe"]);
        assert_eq!(app.get("/health/live").await.status, 200);
        assert_eq!(app.get("/health/ready").await.status, 200);
        let metrics = app.get("/metrics").await;
        assert_eq!(metrics.status, 200, "{}", metrics.text);
        for name in [
            "billing_payments_total",
            "billing_payments_successful_total",
            "billing_payments_failed_total",
            "billing_customers_active",
            "daybook_head_position",
            "daybook_projection_lag_events",
        ] {
            assert!(metrics.text.contains(name), "{name} in {}", metrics.text);
        }
        assert_eq!(metrics.text.matches("# EOF").count(), 1);
        let projections = app.get("/ledger/v1/projections").await.json();
        assert!(projections["projections"].as_array().unwrap().iter().all(|projection| projection["lag"] == 0));
        app.stop().await;
    })
    .await;
}
