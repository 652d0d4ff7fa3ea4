//! `PUT /api/v1/subscriptions/{id}`: another cycle day, and metadata key by key.

use serde_json::json;

use super::catalogue::put;
use super::subscription_changes::{delete, move_clock, payer, refused, subscribe};
use crate::support::{TestApp, on_both_engines};

#[tokio::test(flavor = "multi_thread")]
async fn the_cycle_moves_to_another_day_and_is_previewed() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        // From 2024-01-15T10:30 to 02-15T10:30: 31 days.
        let path = subscribe(&app, &customer, &json!({ "plan_id": "elite_coaching" })).await;
        let later = json!({ "billing_cycle_anchor": "2024-01-25T10:30:00Z" });
        let head = app.app.ledger.head().await.unwrap();
        let preview = app.post(&format!("{path}/preview"), &later).await.json();
        let query = format!("{path}/preview?billing_cycle_anchor=2024-01-25T10:30:00Z");
        assert_eq!(app.get(&query).await.json(), preview);
        assert_eq!(app.app.ledger.head().await.unwrap(), head);
        // 21 of 31 days are given back.
        assert_eq!((&preview["prorations"]["total"], &preview["invoiced_now"]), (&json!(-3387.1), &json!(false)));
        assert_eq!(preview["upcoming_invoice"]["amount_due"], 1612.9);
        let moved = put(&app, &path, &later).await;
        assert_eq!(moved.status, 200, "{}", moved.text);
        let moved = moved.json();
        for key in ["billing_cycle_anchor", "current_period_end"] {
            assert_eq!(moved[key], "2024-01-25T10:30:00Z", "{moved}");
        }
        move_clock(&app, "2024-01-25T10:30:00Z").await;
        let renewed = app.get(&path).await.json();
        assert_eq!(renewed["current_period_end"], "2024-02-25T10:30:00Z");
        assert_eq!(renewed["latest_invoice"]["amount_due"], 1612.9);

        move_clock(&app, "2024-02-10T10:30:00Z").await;
        let now = json!({ "billing_cycle_anchor": "now", "plan_id": "group_coaching" });
        let restarted = put(&app, &path, &now).await;
        assert_eq!(restarted.status, 200, "{}", restarted.text);
        let restarted = restarted.json();
        assert_eq!(restarted["current_period_end"], "2024-03-10T10:30:00Z");
        // 15 of 31 days of 5,000 come back, of which 15 days of 1,500 are charged and come back; 1,500 begin.
        assert_eq!(restarted["latest_invoice"]["amount_due"], 0.0, "{restarted}");
        let balance = app.get(&format!("/ledger/v1/customers/{customer}/balance")).await.json();
        assert_eq!(balance["balances"][0]["credit"], 919.35, "{balance}");
        let cases = [
            (json!({ "billing_cycle_anchor": "soon" }), "billing_cycle_anchor"),
            (json!({ "billing_cycle_anchor": "2024-02-10T10:29:59Z" }), "billing_cycle_anchor"),
            (
                json!({ "billing_cycle_anchor": "now", "quantity": 2, "effective": "period_end" }),
                "billing_cycle_anchor",
            ),
        ];
        for (body, field) in cases {
            assert_eq!(refused(&put(&app, &path, &body).await), (400, field.to_owned()), "{body}");
        }
        delete(&app, &path, &json!({ "cancel_at_period_end": false })).await;
        assert_eq!(put(&app, &path, &json!({ "billing_cycle_anchor": "now" })).await.status, 409);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_is_merged_key_by_key_and_shown() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let customer = payer(&app, "ada@example.com", "pm_card_visa").await;
        let made = json!({ "plan_id": "elite_coaching", "metadata": { "sales_rep": "sarah_jones", "level": 1 } });
        let path = subscribe(&app, &customer, &made).await;
        assert_eq!(app.get(&path).await.json()["metadata"], json!({ "sales_rep": "sarah_jones", "level": 1 }));
        let changes = [
            json!({ "metadata": { "level": 2 } }),
            json!({ "quantity": 2, "metadata": { "change_reason": "growth" } }),
            json!({ "quantity": 2 }),
            json!({ "metadata": { "level": 2 } }),
        ];
        for change in changes {
            let answer = put(&app, &path, &change).await;
            assert_eq!(answer.status, 200, "{change}: {}", answer.text);
        }
        let all = json!({ "sales_rep": "sarah_jones", "level": 2, "change_reason": "growth" });
        assert_eq!(app.get(&path).await.json()["metadata"], all);
        let wide = (0..8).map(|n| json!({ "metadata": { format!("key_{n}"): n } })).collect::<Vec<_>>();
        let answers = futures::future::join_all(wide.iter().map(|change| put(&app, &path, change))).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        let merged = app.get(&path).await.json()["metadata"].clone();
        assert_eq!(merged.as_object().unwrap().len(), 11, "nobody undoes another: {merged}");
        let cleared = put(&app, &path, &json!({ "metadata": null })).await.json();
        assert_eq!(cleared["metadata"], json!({}));
        let wrong = put(&app, &path, &json!({ "metadata": ["no", "object"] })).await;
        assert_eq!(wrong.status, 400, "{}", wrong.text);
        let stored = app.app.ledger.read(0, 10_000).await.unwrap();
        assert!(stored.iter().all(|entry| !entry.payload.contains("sarah_jones")), "it is sealed");
        app.stop().await;
    })
    .await;
}
