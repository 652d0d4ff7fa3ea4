//! The webhook log, retries, invoices, payments and dunning as they follow from Stripe's events.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines};

const CREATED_S: i64 = 1_705_000_000;

fn invoice_event(id: &str, kind: &str, created_s: i64, object: &Value) -> Vec<u8> {
    let mut invoice = json!({
        "id": "in_dunned",
        "object": "invoice",
        "customer": "cus_dunned",
        "subscription": "sub_dunned",
        "currency": "usd",
        "subtotal": 500_000,
        "total": 500_000,
        "amount_due": 500_000,
        "amount_paid": 0,
        "amount_remaining": 500_000,
        "attempt_count": 0,
        "number": "INV-1",
        "status": "open",
        "created": CREATED_S,
        "billing_reason": "subscription_cycle",
        "period_start": CREATED_S,
        "period_end": CREATED_S,
        "status_transitions": { "finalized_at": CREATED_S, "paid_at": null, "voided_at": null, "marked_uncollectible_at": null },
        "lines": { "object": "list", "data": [{
            "id": "il_1", "object": "line_item", "amount": 500_000, "currency": "usd", "description": "Elite 1:1 Coaching",
            "period": { "start": CREATED_S, "end": CREATED_S + 2_678_400 }, "proration": false, "quantity": 1,
            "price": { "id": "price_elite", "object": "price", "currency": "usd", "unit_amount": 500_000,
                       "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" } },
            "type": "subscription"
        }] }
    });
    invoice.as_object_mut().unwrap().extend(object.as_object().unwrap().clone());
    json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "created": created_s, "type": kind,
        "livemode": false, "request": null, "data": { "object": invoice }
    })
    .to_string()
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_invoice_opens_a_campaign_that_its_payment_recovers() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let failed = json!({ "attempt_count": 1, "next_payment_attempt": CREATED_S + 90_000 });
        let body = invoice_event("evt_failed", "invoice.payment_failed", CREATED_S + 60, &failed);
        assert_eq!(app.deliver(&body).await.status, 200);
        app.settle().await;
        let campaigns = app.get("/api/v1/dunning/campaigns?status=active&customer_id=cus_dunned").await.json();
        let campaign = &campaigns["campaigns"][0];
        assert_eq!(campaign["campaign_id"], "dun_dunned");
        assert_eq!(
            (campaign["campaign_type"].as_str(), campaign["total_steps"].as_i64(), campaign["amount_at_risk"].as_f64()),
            (Some("failed_payment"), Some(8), Some(5000.0))
        );
        assert_eq!(campaign["next_action_at"], "2024-01-11T19:37:40Z");

        let paid = json!({
            "status": "paid", "amount_paid": 500_000, "amount_remaining": 0, "attempt_count": 2,
            "status_transitions": { "finalized_at": CREATED_S, "paid_at": CREATED_S + 90_000 }
        });
        let body = invoice_event("evt_paid", "invoice.paid", CREATED_S + 90_000, &paid);
        assert_eq!(app.deliver(&body).await.status, 200);
        app.settle().await;
        let campaign = app.get("/api/v1/dunning/campaigns/dun_dunned").await.json();
        assert_eq!(
            (campaign["status"].as_str(), campaign["amount_recovered"].as_f64()),
            (Some("recovered"), Some(5000.0))
        );

        let opened = app.get("/ledger/v1/events?type=DunningOpened").await.json()["events"][0].clone();
        let cause = opened["cause"].as_i64().expect("a cause");
        let causes = app.get(&format!("/ledger/v1/events?after={}&limit=1", cause - 1)).await.json();
        assert_eq!(causes["events"][0]["type"], "InvoiceReported");

        let invoices = app.get("/api/v1/customers/cus_dunned/invoices?status=paid&limit=25").await;
        assert_eq!(invoices.status, 200, "{}", invoices.text);
        let invoice = invoices.json()["invoices"][0].clone();
        assert_eq!((invoice["invoice_number"].as_str(), invoice["total"].as_f64()), (Some("INV-1"), Some(5000.0)));
        assert_eq!(invoice["line_items"][0]["description"], "Elite 1:1 Coaching");
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_lists_events_and_retries_one() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let body = invoice_event("evt_log", "invoice.payment_failed", CREATED_S, &json!({ "attempt_count": 1 }));
        assert_eq!(app.deliver(&body).await.status, 200);
        app.settle().await;
        let log = app.get("/api/v1/webhooks/events?source=stripe&processed=true&limit=50").await.json();
        let event = &log["events"][0];
        assert_eq!(
            (event["event_id"].as_str(), event["event_type"].as_str(), event["outcome"].as_str()),
            (Some("evt_log"), Some("invoice.payment_failed"), Some("applied"))
        );
        assert_eq!((event["retry_count"].as_i64(), event["data"]["id"].as_str()), (Some(0), Some("in_dunned")));
        let retried = app.post("/api/v1/webhooks/events/evt_log/retry", &json!({})).await;
        assert_eq!((retried.status.as_u16(), retried.json()["retry_count"].as_i64()), (202, Some(1)));
        app.settle().await;
        let log = app.get("/api/v1/webhooks/events?processed=true").await.json();
        assert_eq!(log["events"][0]["retry_count"], 1);
        let unknown = app.post("/api/v1/webhooks/events/evt_unknown/retry", &json!({})).await;
        assert_eq!(unknown.status, 404, "{}", unknown.text);
        app.stop().await;
    })
    .await;
}
