//! `POST /api/v1/dunning/campaigns/{id}/actions` and `…/cancel`: steps by hand, now and later.

use serde_json::{Value, json};

use super::catalogue::put;
use super::subscription_changes::{move_clock, payer, refused, subscribe};
use crate::support::{TestApp, on_both_engines};

/// The request of seed 000_, "Manually Trigger Dunning Action", as printed.
fn action_example() -> Value {
    json!({
        "action_type": "email",
        "template": "payment_urgent_personal",
        "personalization": {
            "agent_name": "Sarah Johnson",
            "custom_message": "I wanted to personally reach out about your account."
        },
        "schedule_at": "2024-01-22T14:00:00Z"
    })
}

/// A subscription whose trial ended without payment, and the path of its campaign.
async fn past_due(app: &TestApp) -> (String, String, String) {
    let customer = payer(app, "ada@example.com", "pm_card_visa").await;
    let outcomes = format!("/ledger/v1/sandbox/customers/{customer}/outcomes");
    let scripted = put(app, &outcomes, &json!(["insufficient_funds", "insufficient_funds"])).await;
    assert_eq!(scripted.status, 200, "{}", scripted.text);
    let path = subscribe(app, &customer, &json!({ "plan_id": "community_access", "trial_period_days": 3 })).await;
    move_clock(app, "2024-01-18T10:30:00Z").await;
    assert_eq!(app.get(&path).await.json()["status"], "past_due");
    let campaigns = app.get(&format!("/api/v1/dunning/campaigns?customer_id={customer}")).await.json();
    let campaign = campaigns["campaigns"][0]["campaign_id"].as_str().unwrap().to_owned();
    (customer, path, format!("/api/v1/dunning/campaigns/{campaign}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_as_the_document_prints_it_waits_for_its_time() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let (customer, _, campaign) = past_due(&app).await;
        let actions = format!("{campaign}/actions");
        let planned = app.post(&actions, &action_example()).await;
        assert_eq!(planned.status, 202, "{}", planned.text);
        let planned = planned.json();
        assert_eq!(
            (&planned["status"], &planned["scheduled_at"]),
            (&json!("scheduled"), &json!("2024-01-22T14:00:00Z"))
        );
        let steps = planned["campaign"]["total_steps"].as_i64().unwrap();
        // A retry that fails changes what is known of the campaign, and not what was planned by hand.
        let retried = app.post(&actions, &json!({ "action_type": "payment_retry" })).await;
        assert_eq!((retried.status.as_u16(), &retried.json()["success"]), (202, &json!(false)), "{}", retried.text);
        assert_eq!(app.get(&campaign).await.json()["total_steps"], steps);
        put(&app, &format!("/ledger/v1/sandbox/customers/{customer}/outcomes"), &json!(["insufficient_funds"])).await;
        move_clock(&app, "2024-01-22T13:59:59Z").await;
        let before = app.get(&campaign).await.json();
        assert_eq!(
            (&before["status"], &before["next_action_at"]),
            (&json!("active"), &json!("2024-01-22T14:00:00Z")),
            "{before}"
        );
        move_clock(&app, "2024-01-22T14:00:00Z").await;
        let after = app.get(&campaign).await.json();
        let last = after["actions_taken"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["action_type"], &last["executed_at"]), (&json!("email"), &json!("2024-01-22T14:00:00Z")));
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_by_hand_are_taken_now_and_a_retry_recovers() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let (customer, subscription, campaign) = past_due(&app).await;
        let actions = format!("{campaign}/actions");
        for kind in ["email", "sms", "phone_call"] {
            let acted = app.post(&actions, &json!({ "action_type": kind })).await;
            let body = acted.json();
            assert_eq!(
                (acted.status.as_u16(), &body["status"], &body["success"]),
                (202, &json!("executed"), &json!(true)),
                "{}",
                acted.text
            );
        }
        let cases = [
            (json!({ "action_type": "pigeon" }), "action_type"),
            (json!({}), "action_type"),
            (json!({ "action_type": "email", "schedule_at": "2024-01-01T00:00:00Z" }), "schedule_at"),
            (json!({ "action_type": "email", "schedule_at": "soon" }), "schedule_at"),
        ];
        for (body, field) in cases {
            assert_eq!(refused(&app.post(&actions, &body).await), (400, field.to_owned()), "{body}");
        }
        put(&app, &format!("/ledger/v1/sandbox/customers/{customer}/outcomes"), &json!([])).await;
        let retried = app.post(&actions, &json!({ "action_type": "payment_retry" })).await;
        assert_eq!(
            (&retried.json()["success"], &retried.json()["campaign"]["status"]),
            (&json!(true), &json!("recovered")),
            "{}",
            retried.text
        );
        assert_eq!(app.get(&subscription).await.json()["status"], "active");
        let closed = app.post(&actions, &json!({ "action_type": "email" })).await;
        assert_eq!(refused(&closed), (409, "status".to_owned()), "{}", closed.text);
        assert_eq!(
            app.post("/api/v1/dunning/campaigns/dun_nothing/actions", &json!({ "action_type": "email" })).await.status,
            404
        );
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_ended_by_hand() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let (_, subscription, campaign) = past_due(&app).await;
        let ended = app.post(&format!("{campaign}/cancel"), &json!({ "reason": "They will pay by transfer" })).await;
        assert_eq!((ended.status.as_u16(), &ended.json()["status"]), (200, &json!("canceled")), "{}", ended.text);
        assert_eq!(app.post(&format!("{campaign}/cancel"), &json!({})).await.status, 409);
        move_clock(&app, "2024-01-30T00:00:00Z").await;
        assert_eq!(app.get(&subscription).await.json()["status"], "past_due", "what is owed is owed still");
        app.stop().await;
    })
    .await;
}
