//! What becomes of a subscription is done at Stripe, once: other plans and quantities, its end and not its end, a pause.

use reqwest::Method;
use serde_json::{Value, json};

use super::faults::QUICK;
use super::plans::gist;
use super::{Bed, set_up};
use crate::stripe::fake::Fault;
use crate::support::on_both_engines;

/// What is asked, and what then is so: plan, quantity and amount here, what was charged by it.
#[derive(Clone)]
struct Step {
    body: Value,
    plan: &'static str,
    quantity: u64,
    amount: f64,
    charged_minor: i64,
}

fn steps() -> Vec<Step> {
    let step = |body, plan, quantity, amount, charged_minor| Step { body, plan, quantity, amount, charged_minor };
    vec![
        step(json!({"quantity": 3}), "community_access", 3, 291.0, 0),
        step(json!({"quantity": 5, "proration_behavior": "always_invoice"}), "community_access", 5, 485.0, 19_400),
        step(
            json!({"plan_id": "group_coaching", "quantity": 1, "proration_behavior": "always_invoice"}),
            "group_coaching",
            1,
            1500.0,
            101_500,
        ),
        step(
            json!({"items": [{"plan_id": "group_coaching", "quantity": 2}, {"plan_id": "community_access"}],
                "proration_behavior": "none"}),
            "group_coaching",
            2,
            3097.0,
            0,
        ),
        step(json!({"items": [{"plan_id": "community_access"}]}), "community_access", 1, 97.0, 0),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_quantities_change_once() {
    let faults =
        [None, Some(Fault::AnswerLost), Some(Fault::FailsAfter), Some(Fault::AnswerTooLate), Some(Fault::ArrivesTwice)];
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        set_up(&bed.fake).await;
        for (round, fault) in faults.into_iter().enumerate() {
            let subscription = bed.member(&format!("changer{round}")).await;
            let path = format!("/api/v1/subscriptions/{subscription}");
            for (number, step) in steps().into_iter().enumerate() {
                let label = format!("{fault:?} {}", step.body);
                if let Some(fault) = fault {
                    bed.fake.fail_next(&format!("POST /v1/subscriptions/{subscription}"), fault);
                }
                let before: i64 = bed.fake.charges().iter().map(|charge| charge.amount_minor).sum();
                let answer = bed.ask(Method::PUT, &path, &step.body, &format!("change-{round}-{number}")).await;
                assert_eq!(answer.status, 200, "{label}: {}", answer.text);
                let expected = json!({
                    "plan_id": step.plan, "status": "active", "quantity": step.quantity, "amount": step.amount,
                    "cancel_at_period_end": false
                });
                assert_eq!(gist(&answer.json()), expected, "{label}");
                let after: i64 = bed.fake.charges().iter().map(|charge| charge.amount_minor).sum();
                assert_eq!(after - before, step.charged_minor, "{label}");
                bed.deliver_as("customer.subscription.updated", &subscription, &format!("{round}-{number}")).await;
                bed.app.settle().await;
                assert_eq!(gist(&bed.app.get(&path).await.json()), expected, "{label}");
            }
            let there = bed.fake.object(&subscription);
            assert_eq!(there["items"]["data"].as_array().map(Vec::len), Some(1), "{fault:?}");
        }
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_set_and_taken_back() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        set_up(&bed.fake).await;
        let subscription = bed.member("leaver").await;
        let path = format!("/api/v1/subscriptions/{subscription}");
        let rest = format!("{path}/reactivate");
        let early = bed.ask(Method::POST, &rest, &json!({}), "early").await;
        assert!(early.status.is_client_error(), "{}", early.text);
        for round in 0..2 {
            for (method, path, ends) in [(Method::DELETE, &path, true), (Method::POST, &rest, false)] {
                bed.fake.fail_next(&format!("POST /v1/subscriptions/{subscription}"), Fault::AnswerLost);
                let answer = bed.ask(method, path, &json!({}), &format!("{round}-{ends}")).await;
                assert_eq!(answer.status, 200, "{ends}: {}", answer.text);
                assert_eq!(answer.json()["cancel_at_period_end"], json!(ends), "{}", answer.text);
                assert_eq!(bed.fake.object(&subscription)["cancel_at_period_end"], json!(ends));
            }
        }
        bed.app.stop().await;
    })
    .await;
}

/// Stripe's pause voids the invoices, and leaves the status as it is.
#[tokio::test(flavor = "multi_thread")]
async fn collection_is_paused_and_resumed() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        set_up(&bed.fake).await;
        let subscription = bed.member("sleeper").await;
        let path = |step: &str| format!("/api/v1/subscriptions/{subscription}/{step}");
        let until =
            json!({"pause_until": "2024-03-01T00:00:00Z", "reason": "a holiday with Jo", "maintain_access": true});
        let early = bed.ask(Method::POST, &path("resume"), &json!({}), "early").await;
        assert!(early.status.is_client_error(), "{}", early.text);
        let stopped = json!({"behavior": "void", "resumes_at": 1_709_251_200});
        for (step, body, there) in [("pause", until, stopped), ("resume", json!({}), Value::Null)] {
            bed.fake.fail_next(&format!("POST /v1/subscriptions/{subscription}"), Fault::AnswerLost);
            let answer = bed.ask(Method::POST, &path(step), &body, step).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (200, &json!("active")), "{}", answer.text);
            assert_eq!(bed.fake.object(&subscription)["pause_collection"], there, "{step}");
            let stream = bed.app.get(&format!("/ledger/v1/streams/subscription/{subscription}")).await.text;
            assert!(stream.contains("2024-03-01T00:00:00Z"), "{step}");
            assert!(!stream.contains("holiday"), "{step}");
        }
        // Stripe's own pause, at the end of a trial without a card.
        let mut there = bed.fake.object(&subscription);
        there["status"] = json!("paused");
        bed.fake.put(there);
        bed.hear("customer.subscription.paused", &subscription).await;
        let answer = bed.ask(Method::POST, &path("resume"), &json!({}), "wake").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (200, &json!("active")), "{}", answer.text);
        bed.app.stop().await;
    })
    .await;
}
