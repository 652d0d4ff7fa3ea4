//! Manual dunning actions in a person's own words, and the trial extension that a trial's campaign offers.

use serde_json::{Value, json};

use super::catalogue::put;
use super::subscription_changes::{move_clock, payer, refused, subscribe};
use crate::support::{TestApp, on_both_engines};

/// A subscription whose trial ended without payment, its customer, and the path of its campaign.
async fn past_due(app: &TestApp) -> (String, String, String) {
    let customer = payer(app, "ada@example.com", "pm_card_visa").await;
    let outcomes = format!("/ledger/v1/sandbox/customers/{customer}/outcomes");
    put(app, &outcomes, &json!(["insufficient_funds"])).await;
    let path = subscribe(app, &customer, &json!({ "plan_id": "community_access", "trial_period_days": 3 })).await;
    move_clock(app, "2024-01-18T10:30:00Z").await;
    let campaigns = app.get(&format!("/api/v1/dunning/campaigns?customer_id={customer}")).await.json();
    let campaign = campaigns["campaigns"][0]["campaign_id"].as_str().unwrap().to_owned();
    (customer, path, format!("/api/v1/dunning/campaigns/{campaign}"))
}

async fn messages(app: &TestApp) -> Vec<Value> {
    app.get("/ledger/v1/messages?limit=1000").await.json()["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_action_says_what_its_author_wrote() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let (_, _, campaign) = past_due(&app).await;
        let actions = format!("{campaign}/actions");
        let personal = json!({ "agent_name": "Sarah Johnson", "custom_message": "I wanted to reach out." });
        let mut action =
            json!({ "action_type": "email", "template": "payment_urgent_personal", "personalization": personal });
        let now = app.post(&actions, &action).await;
        assert_eq!((now.status.as_u16(), &now.json()["personalization"]), (202, &personal), "{}", now.text);
        action["schedule_at"] = json!("2024-01-18T11:00:00Z");
        assert_eq!(app.post(&actions, &action).await.status, 202);
        move_clock(&app, "2024-01-18T11:00:00Z").await;
        let said: Vec<_> = messages(&app)
            .await
            .into_iter()
            .filter(|message| message["template"] == "payment_urgent_personal")
            .map(|message| (message["channel"].clone(), message["personalization"].clone()))
            .collect();
        assert_eq!(said, [(json!("email"), personal.clone()), (json!("email"), personal)]);
        let stored = app.app.ledger.read(0, 10_000).await.unwrap();
        assert!(stored.iter().all(|entry| !entry.payload.contains("Sarah Johnson")), "it is sealed");
        let text = json!({ "action_type": "email", "template": "Dear Ada, please pay" });
        assert_eq!(refused(&app.post(&actions, &text).await), (400, "template".to_owned()));
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_goes_on_where_its_extension_is_taken() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let (_, path, campaign) = past_due(&app).await;
        let accept = format!("{campaign}/offers/trial_extension/accept");
        assert_eq!(app.post(&accept, &json!({})).await.status, 409, "it was not offered yet");
        assert_eq!(app.post(&format!("{campaign}/offers/yacht/accept"), &json!({})).await.status, 404);
        move_clock(&app, "2024-01-18T12:30:00Z").await;
        let offered = messages(&app).await;
        assert_eq!(offered.last().unwrap()["offer"], json!({ "trial_extension_days": 7 }), "{offered:?}");
        let owed = app.get(&path).await.json()["latest_invoice"]["invoice_id"].as_str().unwrap().to_owned();
        let taken = app.post(&accept, &json!({})).await;
        assert_eq!((taken.status.as_u16(), &taken.json()["status"]), (200, &json!("canceled")), "{}", taken.text);
        let subscription = app.get(&path).await.json();
        assert_eq!(
            (&subscription["status"], &subscription["trial_end"]),
            (&json!("trialing"), &json!("2024-01-25T12:30:00Z")),
            "{subscription}"
        );
        assert_eq!(app.get(&format!("/ledger/v1/invoices/{owed}")).await.json()["status"], "void");
        assert_eq!(app.post(&accept, &json!({})).await.status, 409, "once");
        move_clock(&app, "2024-01-25T12:30:00Z").await;
        let billed = app.get(&path).await.json();
        assert_eq!((&billed["status"], &billed["latest_invoice"]["status"]), (&json!("active"), &json!("paid")));
        assert_eq!(billed["current_period_end"], "2024-02-25T12:30:00Z");
        app.stop().await;
    })
    .await;
}
