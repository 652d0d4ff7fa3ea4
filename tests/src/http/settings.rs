//! `/ledger/v1/settings`: only what is named changes, by whom it may, and it counts from then on.

use reqwest::Method;
use serde_json::json;

use super::catalogue::{put, put_with_key};
use crate::support::app::key_with;
use crate::support::{TestApp, on_both_engines};

const SETTINGS: &str = "/ledger/v1/settings";

#[tokio::test(flavor = "multi_thread")]
async fn settings_begin_as_the_file_says_and_change_by_name() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let mut expected = json!({
            "timezone": "UTC", "high_value_mrr": "1000.00", "high_value_lifetime": "10000.00",
            "reporting_currency": "USD", "proration": "second", "anchor": "clamp",
            "access_policy": "keep_while_dunning", "dunning_exhausted": "canceled", "dispute_policy": "withhold",
            "credit_as": "line", "sandbox_webhooks": false,
        });
        assert_eq!(app.get(SETTINGS).await.json(), expected);
        let wanted = json!({ "proration": "day_half_open", "timezone": "Europe/Paris", "high_value_mrr": 2500.5 });
        let changed = put(&app, SETTINGS, &wanted).await;
        for (field, value) in
            [("proration", "day_half_open"), ("timezone", "Europe/Paris"), ("high_value_mrr", "2500.50")]
        {
            expected[field] = json!(value);
        }
        assert_eq!((changed.status.as_u16(), changed.json()), (200, expected.clone()));
        let head = app.app.ledger.head().await.unwrap();
        assert_eq!(changed.headers["daybook-position"], head.to_string());
        assert_eq!(put(&app, SETTINGS, &wanted).await.json(), expected);
        assert_eq!(app.app.ledger.head().await.unwrap(), head);
        // The day of the figures is the tenant's.
        let figures = app.get("/api/v1/analytics/revenue").await;
        assert_eq!(figures.status, 200, "{}", figures.text);
        assert!(figures.text.contains("Europe/Paris") || figures.text.contains("T23:00:00Z"), "{}", figures.text);
        app.stop().await;

        let again = TestApp::start(&url).await;
        assert_eq!(again.get(SETTINGS).await.json(), expected);
        again.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_choice_is_refused_by_its_field() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let cases = [
            (json!({ "timezone": "Europe/Atlantis" }), "timezone"),
            (json!({ "timezone": null }), "timezone"),
            (json!({ "anchor": "first" }), "anchor"),
            (json!({ "proration": "fixed_days(0)" }), "proration"),
            (json!({ "access_policy": 1 }), "access_policy"),
            (json!({ "dunning_exhausted": "deleted" }), "dunning_exhausted"),
            (json!({ "dispute_policy": "" }), "dispute_policy"),
            (json!({ "credit_as": "cash" }), "credit_as"),
            (json!({ "reporting_currency": "EURO" }), "reporting_currency"),
            (json!({ "high_value_lifetime": "1.005" }), "high_value_lifetime"),
            (json!({ "high_value_mrr": -1 }), "high_value_mrr"),
        ];
        let before = app.get(SETTINGS).await.json();
        for (body, field) in cases {
            let answer = put(&app, SETTINGS, &body).await;
            assert_eq!(answer.status, 400, "{body}: {}", answer.text);
            assert_eq!(answer.json()["field"], field, "{body}: {}", answer.text);
        }
        assert_eq!(app.get(SETTINGS).await.json(), before);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_once_and_by_administrators() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let body = json!({ "anchor": "calendar" });
        for (scopes, reads, changes) in [("ledger:read", 200, 403), ("full", 403, 403), ("ledger:admin", 200, 200)] {
            let key = key_with(&app, scopes).await;
            for (method, status) in [(Method::GET, reads), (Method::PUT, changes)] {
                let answer = app
                    .raw(|client, base| {
                        client.request(method, format!("{base}{SETTINGS}")).bearer_auth(&key).json(&body)
                    })
                    .await;
                assert_eq!(answer.status.as_u16(), status, "{scopes}: {}", answer.text);
            }
        }
        let first = put_with_key(&app, SETTINGS, "once", &json!({ "anchor": "clamp" })).await;
        put(&app, SETTINGS, &body).await;
        let again = put_with_key(&app, SETTINGS, "once", &json!({ "anchor": "clamp" })).await;
        assert_eq!(again.headers["daybook-position"], first.headers["daybook-position"]);
        assert_eq!(again.json()["anchor"], "calendar");
        assert_eq!(put_with_key(&app, SETTINGS, "once", &body).await.status, 409);
        app.stop().await;
    })
    .await;
}
