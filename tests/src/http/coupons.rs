//! A coupon that may be redeemed so many times: do those who want it at once get it just so often?

use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::Row as _;

use super::catalogue::put;
use crate::support::app::Answer;
use crate::support::{TestApp, on_both_engines};

/// Publishes a coupon that may be redeemed twelve times.
async fn publish(app: &TestApp, code: &str) {
    let form = json!({ "percent_off": "50", "duration": "once", "max_redemptions": 12 });
    let answer = put(app, &format!("/ledger/v1/catalog/coupons/{code}"), &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn subscribe(app: &TestApp, customer: &str, code: &str, key: Option<&str>) -> Answer {
    let body = json!({ "customer_id": customer, "plan_id": "elite_coaching", "discount_code": code });
    app.raw(|client, base| {
        let request = client.post(format!("{base}/api/v1/subscriptions")).bearer_auth(&app.key).json(&body);
        match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        }
    })
    .await
}

fn gist(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["error"]["details"]["field"].clone())
}

async fn redemptions(app: &TestApp, code: &str) -> Vec<String> {
    let sql = "SELECT name FROM claims WHERE tenant = 'coaching' AND kind = $1 ORDER BY name";
    let kind = format!("coupon:{code}");
    let rows = sqlx::query(sql).bind(kind).fetch_all(app.app.ledger.pool()).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_coupon_is_redeemed_as_often_as_it_may_be() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let created = app.post("/api/v1/customers", &json!({ "email": "ada@example.com" })).await.json();
        let customer = created["customer_id"].as_str().unwrap().to_owned();
        publish(&app, "FEW").await;
        publish(&app, "OTHER").await;
        let first = subscribe(&app, &customer, "FEW", Some("first")).await;
        assert_eq!(first.status, 201, "{}", first.text);
        let answers = join_all((0..30).map(|_| subscribe(&app, &customer, "FEW", None))).await;
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 201).map(gist).collect();
        assert_eq!(refused, vec![(400, json!("discount_code")); 30 - 11]);
        let numbers: Vec<String> = (1..=12).map(|number| format!("{number:010}")).collect();
        assert_eq!(redemptions(&app, "FEW").await, numbers);
        // A repeat redeems nothing and is answered although the coupon is used up by now; other coupons are their own.
        let again = subscribe(&app, &customer, "FEW", Some("first")).await;
        assert_eq!(again.json()["subscription_id"], first.json()["subscription_id"]);
        assert_eq!(subscribe(&app, &customer, "OTHER", None).await.status, 201);
        assert_eq!(redemptions(&app, "OTHER").await, ["0000000001"]);
        // What is refused for another reason redeems nothing either.
        assert_eq!(subscribe(&app, "cus_nobody", "OTHER", None).await.status, 404);
        assert_eq!(redemptions(&app, "OTHER").await.len(), 1);
        app.stop().await;
    })
    .await;
}
