//! `/ledger/v1/catalog`: prices change for whoever buys next and for nobody else, and what is wrong is refused by its
//! field.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::customers::create_example;
use crate::support::app::{Answer, key_with};
use crate::support::{TestApp, on_both_engines};

const ELITE: &str = "/ledger/v1/catalog/plans/elite_coaching";

pub async fn put(app: &TestApp, path: &str, body: &Value) -> Answer {
    app.send(Method::PUT, path, Some(body.to_string())).await
}

pub async fn put_with_key(app: &TestApp, path: &str, key: &str, body: &Value) -> Answer {
    app.raw(|client, base| {
        let request = client.put(format!("{base}{path}")).bearer_auth(&app.key).header("idempotency-key", key);
        request.header("content-type", "application/json").body(body.to_string())
    })
    .await
}

/// A subscription to the elite plan, and the first item of its stream's state.
async fn subscribe(app: &TestApp, customer: &str) -> (String, Value) {
    let body = json!({ "customer_id": customer, "plan_id": "elite_coaching" });
    let created = app.post("/api/v1/subscriptions", &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = created.json()["subscription_id"].as_str().unwrap().to_owned();
    let item = item_of(app, &id).await;
    (id, item)
}

async fn item_of(app: &TestApp, subscription: &str) -> Value {
    let stream = app.get(&format!("/ledger/v1/streams/subscription/{subscription}")).await.json();
    stream["events"].as_array().unwrap().last().unwrap()["data"]["after"]["terms"]["items"][0].clone()
}

fn sold(version: u32, minor: &str) -> Value {
    json!({
        "plan": "elite_coaching", "name": "Elite 1:1 Coaching", "quantity": 1, "version": version,
        "price": { "currency": "USD", "interval": { "unit": "month", "count": 1 }, "scheme": { "per_unit": minor } },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_change_is_for_new_subscriptions_only() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = app.post("/api/v1/customers", &create_example()).await.json();
        let customer = customer["customer_id"].as_str().unwrap().to_owned();
        let (old, item) = subscribe(&app, &customer).await;
        assert_eq!(item, sold(1, "500000"));

        let changed = put(&app, ELITE, &json!({ "amount": "5500.50", "trial_days": 3 })).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let position: i64 = changed.headers["daybook-position"].to_str().unwrap().parse().unwrap();
        assert_eq!(position, app.app.ledger.head().await.unwrap());
        let (new, item) = subscribe(&app, &customer).await;
        assert_eq!(item, sold(2, "550050"));
        assert_eq!(item_of(&app, &old).await, sold(1, "500000"));
        // Each shows the plan as it was sold.
        for (id, price, trial_days) in [(old, 5000.0, 7), (new, 5500.5, 3)] {
            let shown = app.get(&format!("/api/v1/subscriptions/{id}")).await.json();
            assert_eq!((&shown["plan"]["price"], &shown["plan"]["trial_days"]), (&json!(price), &json!(trial_days)));
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_can_be_read() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let form = json!({
            "name": "Shotgun", "currency": "USD", "amount": "249.95", "interval": "month", "interval_count": 1,
            "trial_days": 0, "tiers": [],
        });
        let path = "/ledger/v1/catalog/plans/shotgun-monthly";
        assert_eq!(app.get(path).await.status, 404);
        let first = put(&app, path, &form).await;
        let mut expected = json!({
            "id": "shotgun-monthly", "version": 1, "since": "2024-01-15T10:30:00Z", "name": "Shotgun", "currency": "USD",
            "amount": "249.95", "interval": "month", "interval_count": 1, "trial_days": 0, "billing": "in_advance",
            "usage": [], "features": {}, "limits": {}, "words": {},
        });
        assert_eq!((first.status.as_u16(), first.json()), (200, expected.clone()));
        // A number is as good as a text; what is named again as it is makes no version.
        assert_eq!(put(&app, path, &json!({ "amount": 249.95 })).await.json(), expected);
        let changed = put(&app, path, &json!({ "amount": 259.9, "billing": "in_arrears" })).await.json();
        let old = expected.clone();
        for (field, value) in [("version", json!(2)), ("amount", json!("259.9")), ("billing", json!("in_arrears"))] {
            expected[field] = value;
        }
        assert_eq!(changed, expected);
        assert_eq!(app.get(path).await.json(), expected);
        assert_eq!(app.get(&format!("{path}?version=1")).await.json(), old);
        assert_eq!(app.get(&format!("{path}?version=2")).await.json(), expected);
        assert_eq!(app.get(&format!("{path}?version=3")).await.status, 404);
        assert_eq!(app.get(&format!("{path}?version=0")).await.json()["field"], "version");

        let listed = app.get("/ledger/v1/catalog/plans").await.json();
        let ids = |listed: &Value| -> Vec<String> {
            listed["plans"].as_array().unwrap().iter().map(|plan| plan["id"].as_str().unwrap().to_owned()).collect()
        };
        let all = ids(&listed);
        assert!(all.is_sorted() && listed["next"].is_null());
        assert_eq!(listed["plans"].as_array().unwrap().iter().find(|plan| plan["id"] == expected["id"]), Some(&expected));
        let page = app.get("/ledger/v1/catalog/plans?limit=2").await.json();
        assert_eq!((ids(&page), page["next"].as_str()), (all[..2].to_vec(), Some(all[1].as_str())));
        let rest = app.get(&format!("/ledger/v1/catalog/plans?after={}", all[1])).await.json();
        assert_eq!(ids(&rest), all[2..]);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn coupons_and_tax_rates_are_in_force_at_once() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let form = json!({ "percent_off": 25, "duration": "repeating", "months": 3, "max_redemptions": 1 });
        let coupon = put(&app, "/ledger/v1/catalog/coupons/SPRING25", &form).await.json();
        let expected = json!({
            "id": "SPRING25", "version": 1, "since": "2024-01-15T10:30:00Z", "name": "SPRING25", "percent_off": "25",
            "duration": "repeating", "months": 3, "max_redemptions": 1,
        });
        assert_eq!(coupon, expected);
        let coupons = app.get("/ledger/v1/catalog/coupons").await.json();
        assert!(coupons["coupons"].as_array().unwrap().contains(&expected));
        let customer = app.post("/api/v1/customers", &create_example()).await.json()["customer_id"].clone();
        let body = json!({ "customer_id": customer, "plan_id": "elite_coaching", "discount_code": "SPRING25" });
        let created = app.post("/api/v1/subscriptions", &body).await.json();
        assert_eq!(created["discount"]["amount_off"], 1250.0);
        assert_eq!(app.post("/api/v1/subscriptions", &body).await.json()["error"]["details"]["field"], "discount_code");

        let rates = app.get("/ledger/v1/catalog/tax-rates").await.json();
        let rate = &rates["tax_rates"][0];
        let path = format!("/ledger/v1/catalog/tax-rates/{}", rate["id"].as_str().unwrap());
        assert_eq!(&app.get(&path).await.json(), rate);
        assert_eq!(created["tax_percent"], 8.75);
        let changed = put(&app, &path, &json!({ "percent": "9.125" })).await.json();
        assert_eq!((&changed["percent"], &changed["version"]), (&json!("9.125"), &json!(2)));
        let shown = app.get(&format!("/api/v1/subscriptions/{}", created["subscription_id"].as_str().unwrap())).await;
        assert_eq!(shown.json()["tax_percent"], 9.125);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sold_is_refused_by_its_field() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let head = app.app.ledger.head().await.unwrap();
        let cases = [
            ("plans/elite_coaching", "{\"amount\": \"59.005\"}", "amount"),
            ("plans/elite_coaching", "{\"amount\": 59.00500000000000000000001}", "amount"),
            ("plans/elite_coaching", "{\"amount\": -1}", "amount"),
            ("plans/elite_coaching", "{\"amount\": 1000000000001}", "amount"),
            ("plans/elite_coaching", "{\"amount\": 1e13}", "amount"),
            ("plans/elite_coaching", "{\"amount\": true}", "amount"),
            ("plans/elite_coaching", "{\"currency\": \"XXZ\"}", "currency"),
            ("plans/elite_coaching", "{\"currency\": \"JPY\", \"amount\": \"1.5\"}", "amount"),
            ("plans/elite_coaching", "{\"interval\": \"monthly\"}", "interval"),
            ("plans/elite_coaching", "{\"interval_count\": 0}", "interval_count"),
            ("plans/elite_coaching", "{\"trial_days\": 731}", "trial_days"),
            ("plans/elite_coaching", "{\"name\": null}", "name"),
            ("plans/elite_coaching", "{\"tiers\": [{\"up_to\": 2, \"unit_amount\": 1}]}", "tiers[0].up_to"),
            ("plans/new", "{}", "name"),
            ("plans/%20", "{}", "id"),
            ("coupons/NEW", "{\"percent_off\": 101, \"duration\": \"once\"}", "percent_off"),
            ("coupons/NEW", "{\"amount_off\": 5, \"duration\": \"once\"}", "currency"),
            ("tax-rates/new", "{\"name\": \"New\", \"percent\": 8, \"country\": \"usa\"}", "country"),
        ];
        for (path, body, field) in cases {
            let answer = app.send(Method::PUT, &format!("/ledger/v1/catalog/{path}"), Some(body.to_owned())).await;
            assert_eq!(answer.status, 400, "{path} {body}: {}", answer.text);
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            assert_eq!(answer.json()["field"], field, "{path} {body}: {}", answer.text);
        }
        let deep = format!("{{\"features\": {}1{}}}", "[".repeat(300), "]".repeat(300));
        assert_eq!(app.send(Method::PUT, ELITE, Some(deep)).await.json()["field"], "features");
        for body in ["[1]", "{", "{\"name\": \"a\\u0000b\"}"] {
            assert_eq!(app.send(Method::PUT, ELITE, Some(body.to_owned())).await.status, 400, "{body}");
        }
        assert_eq!(app.get("/ledger/v1/catalog/widgets").await.status, 404);
        assert_eq!(put(&app, "/ledger/v1/catalog/widgets/a", &json!({})).await.status, 404);
        assert_eq!(app.app.ledger.head().await.unwrap(), head);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_administer_changes_prices() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let reader = key_with(&app, "ledger:read").await;
        let other = key_with(&app, "full").await;
        let send = |method: Method, key: String| {
            let app = &app;
            async move {
                let request = |client: &reqwest::Client, base: &str| {
                    client.request(method, format!("{base}{ELITE}")).bearer_auth(key).json(&json!({ "amount": "1.00" }))
                };
                app.raw(request).await.status.as_u16()
            }
        };
        assert_eq!(send(Method::GET, reader.clone()).await, 200);
        assert_eq!(send(Method::PUT, reader).await, 403);
        assert_eq!(send(Method::GET, other.clone()).await, 403);
        assert_eq!(send(Method::PUT, other).await, 403);
        assert_eq!(app.get(ELITE).await.json()["version"], 1);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_at_once_all_count_and_a_repeat_counts_once() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let bodies: Vec<Value> = (0..16).map(|number| json!({ "amount": format!("{}.00", 6000 + number) })).collect();
        for answer in join_all(bodies.iter().map(|body| put(&app, ELITE, body))).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let mut amounts = Vec::new();
        for version in 2..=17 {
            let shown = app.get(&format!("{ELITE}?version={version}")).await.json();
            amounts.push(shown["amount"].as_str().unwrap().to_owned());
        }
        amounts.sort();
        assert_eq!(amounts, (0..16).map(|number| (6000 + number).to_string()).collect::<Vec<_>>());

        let body = json!({ "amount": "7000.00" });
        let first = put_with_key(&app, ELITE, "once", &body).await;
        assert_eq!((first.status.as_u16(), first.json()["version"].as_i64()), (200, Some(18)));
        assert_eq!(put(&app, ELITE, &json!({ "amount": "7100.00" })).await.json()["version"], 19);
        // Sent again it would be a change, had it not been made before.
        let again = put_with_key(&app, ELITE, "once", &body).await;
        assert_eq!((again.status.as_u16(), again.json()["version"].as_i64()), (200, Some(19)));
        assert_eq!(again.headers["daybook-position"], first.headers["daybook-position"]);
        assert_eq!(put_with_key(&app, ELITE, "once", &json!({ "amount": "1.00" })).await.status, 409);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_loaded_once() {
    on_both_engines(|url| async move {
        // Two nodes that start at once load them once.
        let (app, other) = tokio::join!(TestApp::start(&url), TestApp::start(&url));
        other.stop().await;
        let loaded = app.app.ledger.head().await.unwrap();
        let seeds = domain::catalogue::SEED_TENANTS.map(|tenant| domain::catalogue::seed(tenant).unwrap());
        let entries = |seed: &domain::catalogue::Catalogue| domain::catalogue_entry::Definition::all(seed).count() + 1;
        assert_eq!(loaded, i64::try_from(seeds.map(entries).iter().sum::<usize>()).unwrap());
        put(&app, ELITE, &json!({ "amount": "5500.00" })).await;
        app.stop().await;
        let again = TestApp::start(&url).await;
        assert_eq!(again.app.ledger.head().await.unwrap(), loaded + 1);
        assert_eq!(again.get(ELITE).await.json()["amount"], "5500");
        again.stop().await;
    })
    .await;
}
