//! A coupon that may be redeemed so many times: do those who want it at once get it just so often?

use api::failure::Failure;
use api::operations::subscriptions::{SubscriptionFields, create_subscription_from};
use api::operations::{Call, Done};
use domain::catalogue::Catalogue;
use futures::future::join_all;
use serde_json::json;
use sqlx::Row as _;

use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

/// The catalogues of the documents limit no coupon.
fn catalogue() -> Catalogue {
    let coupon = |code: &str| json!({ "code": code, "percent_off": "50", "duration": "once", "max_redemptions": 12 });
    let document = json!({
        "tenant": "coaching",
        "defaults": { "currency": "USD", "timezone": "UTC", "processor": "sandbox", "high_value_mrr": "1000", "high_value_lifetime": "10000" },
        "plans": [{ "id": "plan", "name": "Plan", "price": { "amount": "10", "currency": "USD", "interval": "month" } }],
        "coupons": [coupon("FEW"), coupon("OTHER")],
    });
    Catalogue::parse(&document.to_string()).unwrap()
}

fn call(key: Option<&str>) -> Call {
    Call {
        tenant: tenant(),
        actor: "test".to_owned(),
        request_id: "req_1".to_owned(),
        idempotency: key.map(|key| (key.to_owned(), "hash".to_owned())),
    }
}

async fn subscribe(app: &TestApp, customer: &str, code: &str, key: Option<&str>) -> Result<Done, Failure> {
    let fields = SubscriptionFields {
        customer_id: customer.to_owned(),
        plan_id: "plan".to_owned(),
        quantity: 1,
        payment_method_id: None,
        trial_period_days: None,
        billing_cycle_anchor: None,
        discount_code: Some(code.to_owned()),
        metadata: None,
    };
    create_subscription_from(&app.app.ledger, &call(key), &catalogue(), fields).await
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
        let first = subscribe(&app, &customer, "FEW", Some("first")).await.unwrap();
        let outcomes = join_all((0..30).map(|_| subscribe(&app, &customer, "FEW", None))).await;
        let used_up = Failure::invalid("discount_code", Some("FEW"), "A discount code that is not used up");
        let refused: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
        assert_eq!(refused, vec![used_up; 30 - 11]);
        let numbers: Vec<String> = (1..=12).map(|number| format!("{number:010}")).collect();
        assert_eq!(redemptions(&app, "FEW").await, numbers);
        // A repeat redeems nothing and is answered although the coupon is used up by now; other coupons are their own.
        assert_eq!(subscribe(&app, &customer, "FEW", Some("first")).await, Ok(first));
        subscribe(&app, &customer, "OTHER", None).await.unwrap();
        assert_eq!(redemptions(&app, "OTHER").await, ["0000000001"]);
        // What is refused for another reason redeems nothing either.
        assert_eq!(subscribe(&app, "cus_nobody", "OTHER", None).await, Err(Failure::not_found("customer")));
        assert_eq!(redemptions(&app, "OTHER").await.len(), 1);
        app.stop().await;
    })
    .await;
}
