//! A database that is killed: 503 with Retry-After while it is away, and service again without a restart.

use std::time::Duration;

use serde_json::json;
use testbed::{Cluster, ClusterOptions};

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_503_and_comes_back_without_a_restart() {
    let mut cluster =
        tokio::task::spawn_blocking(|| Cluster::start_with(ClusterOptions::default())).await.unwrap().unwrap();
    let url = cluster.create_database("gone").unwrap();
    let app = TestApp::start(&url).await;
    let created = app.post("/api/v1/customers", &json!({ "email": "before@example.com" })).await;
    assert_eq!(created.status, 201, "{}", created.text);

    cluster = tokio::task::spawn_blocking(move || {
        cluster.kill_9().unwrap();
        cluster
    })
    .await
    .unwrap();
    for (path, body) in
        [("/api/v1/customers", Some(json!({ "email": "during@example.com" }))), ("/api/v1/customers", None)]
    {
        let answer = match &body {
            Some(body) => app.post(path, body).await,
            None => app.get(path).await,
        };
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(answer.json()["error"]["code"], "SERVICE_UNAVAILABLE");
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(app.get("/health").await.status, 503);
    assert_eq!(app.get("/health/live").await.status, 200);

    let _cluster = tokio::task::spawn_blocking(move || {
        cluster.restart().unwrap();
        cluster
    })
    .await
    .unwrap();
    let after = || async { app.post("/api/v1/customers", &json!({ "email": "after@example.com" })).await };
    let mut answer = after().await;
    // Pools find out about a restart one connection at a time; a client is told to come back until they have.
    for _ in 0..50 {
        if answer.status != 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = after().await;
    }
    assert_eq!(answer.status, 201, "{}", answer.text);
    app.settle().await;
    let listed = app.get("/api/v1/customers?sort=customer_id:asc").await.json();
    assert_eq!(listed["pagination"]["total"], 2, "what was refused with 503 was not written");
    app.app.ledger.verify(&mut |_, _| {}).await.expect("the ledger is whole");
    app.stop().await;
}
