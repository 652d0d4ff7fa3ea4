//! A COMMIT whose reply is lost is resolved: the caller is told what happened, and it happened once (rule L3).

use serde_json::json;

use super::proxy::Proxy;
use crate::support::TestApp;
use crate::support::engines::{postgres_port, postgres_url};

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_reply_is_lost_is_answered_with_what_it_did() {
    let url = tokio::task::spawn_blocking(postgres_url).await.unwrap();
    let port = postgres_port();
    let proxy = Proxy::start(port).await;
    let app = TestApp::start(&url.replace(&format!(":{port}/"), &format!(":{}/", proxy.port))).await;
    app.settle().await;
    for number in 0..10_u32 {
        proxy.swallow_next_commit();
        let body = json!({ "email": format!("lost{number}@example.com") });
        let answer = app.post("/api/v1/customers", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
    assert!(proxy.swallowed.load(std::sync::atomic::Ordering::SeqCst) > 0, "the proxy had a reply to swallow");
    app.settle().await;
    let events = app.get("/ledger/v1/events?type=CustomerCreated").await.json();
    let emails = app.get("/api/v1/customers?limit=100").await.json();
    assert_eq!((events["events"].as_array().unwrap().len(), emails["pagination"]["total"].as_i64()), (10, Some(10)));
    app.app.ledger.verify(&mut |_, _| {}).await.expect("the ledger is whole");
    app.stop().await;
}
