//! What else is driven: invoices that are voided or paid another way, and subscriptions that end. And what is not.

use reqwest::Method;
use serde_json::json;

use super::Bed;
use crate::stripe::fake::Fault;
use crate::support::on_both_engines;

#[tokio::test(flavor = "multi_thread")]
async fn invoices_are_voided_and_settled_at_stripe() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        for (number, (deed, at_stripe, paid)) in
            [("void", "void", "0.0"), ("pay-out-of-band", "paid", "500.0")].into_iter().enumerate()
        {
            let invoice = bed.invoice(&format!("deed{number}"), "pm_card_visa").await;
            for step in ["pay", "void"] {
                bed.fake.fail_next(&format!("POST /v1/invoices/{invoice}/{step}"), Fault::AnswerLost);
            }
            for _ in 0..2 {
                let path = format!("/ledger/v1/invoices/{invoice}/{deed}");
                let answer = bed.ask(Method::POST, &path, &json!({}), &invoice).await;
                assert_eq!(answer.status, 200, "{deed}: {}", answer.text);
                assert_eq!(bed.fake.object(&invoice)["status"], at_stripe, "{deed}");
                assert_eq!(bed.standing(&invoice).await, (at_stripe.to_owned(), paid.to_owned(), 0), "{deed}");
            }
        }
        assert_eq!(bed.fake.charges(), []);
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_canceled_at_stripe() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        for (name, at_period_end, status) in [("now", false, "canceled"), ("end", true, "active")] {
            let subscription = bed.subscription(name).await;
            for method in ["DELETE", "POST"] {
                bed.fake.fail_next(&format!("{method} /v1/subscriptions/{subscription}"), Fault::AnswerLost);
            }
            let path = format!("/api/v1/subscriptions/{subscription}");
            let body = json!({"cancel_at_period_end": at_period_end});
            let answer = bed.ask(Method::DELETE, &path, &body, name).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
            let there = bed.fake.object(&subscription);
            assert_eq!((&there["status"], &there["cancel_at_period_end"]), (&json!(status), &json!(at_period_end)));
            bed.app.settle().await;
            let here = bed.app.get(&path).await.json();
            let expected = (if at_period_end { "active" } else { "canceled" }, at_period_end);
            let found = (here["status"].as_str().unwrap_or_default(), here["cancel_at_period_end"] == true);
            assert_eq!(found, expected, "{name}: {here:#}");
        }
        bed.app.stop().await;
    })
    .await;
}

/// The embedded processor would only pretend.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_driven_is_refused_and_not_pretended() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        let payment = bed.payment("seller").await;
        let customer = bed.fake.object(&payment)["customer"].clone();
        let sale = json!({"customer_id": customer, "amount": 10, "currency": "USD"});
        let answer = bed.ask(Method::POST, "/api/v1/payments", &sale, "sale").await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
        assert!(answer.text.contains("through Stripe"), "{}", answer.text);
        assert_eq!(bed.fake.charges().len(), 1);
        bed.app.stop().await;
    })
    .await;
}
