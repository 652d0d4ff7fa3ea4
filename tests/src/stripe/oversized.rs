//! Events that are larger than they should be: a report with too much in it is cut short or refused where people see it,
//! and never stops what comes after it.

use domain::event::LedgerEvent;
use serde_json::{Value, json};

use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

const CREATED_S: i64 = 1_705_000_000;
/// More of the smallest lines or tiers than an event of the ledger could hold, still within a webhook's body.
const MANY: usize = 300_000;

fn event(id: &str, kind: &str, object: &Value) -> Vec<u8> {
    let event = json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "created": CREATED_S, "type": kind,
        "livemode": false, "request": null, "data": { "object": object }
    });
    event.to_string().into_bytes()
}

fn many() -> Value {
    Value::Array(vec![json!({}); MANY])
}

async fn outcome(app: &TestApp, id: &str) -> (String, String) {
    let log = app.get("/api/v1/webhooks/events?limit=50").await.json();
    let event = log["events"].as_array().unwrap().iter().find(|event| event["event_id"] == id).unwrap();
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("reason"))
}

async fn deliver(app: &TestApp, id: &str, kind: &str, object: &Value) -> (String, String) {
    let body = event(id, kind, object);
    let answer = app.deliver(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.settle().await;
    outcome(app, id).await
}

fn assert_too_large((outcome, reason): &(String, String)) {
    assert_eq!(outcome, "refused");
    assert!(reason.contains("bytes; at most 4194304"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_of_very_many_lines_is_kept_in_part() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let invoice = json!({
            "id": "in_1", "object": "invoice", "customer": "cus_1", "currency": "usd", "total": 500, "status": "open",
            "lines": { "object": "list", "data": many() }
        });
        assert_eq!(deliver(&app, "evt_1", "invoice.created", &invoice).await.0, "applied");
        let stream = app.app.ledger.read_stream(&tenant(), "invoice", "in_1", 0, 10).await.unwrap();
        let [LedgerEvent::Invoice(reported)] = &*stream.iter().map(|entry| entry.decode().unwrap()).collect::<Vec<_>>()
        else {
            panic!("{} events of the invoice", stream.len());
        };
        let said = reported.after.as_ref().unwrap();
        assert_eq!((said.lines.len(), said.more_lines, said.total_minor), (500, true, 500));
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_cannot_take_is_refused_for_all_to_see_and_holds_nothing_up() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let subscription = |tiers: Value| {
            json!({
                "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "currency": "usd",
                "created": CREATED_S, "start_date": CREATED_S, "billing_cycle_anchor": CREATED_S,
                "current_period_start": CREATED_S, "current_period_end": CREATED_S + 2_678_400,
                "items": { "object": "list", "data": [{
                    "id": "si_1", "quantity": 1, "price": {
                        "id": "price_1", "currency": "usd", "unit_amount": 500, "tiers_mode": "graduated", "tiers": tiers,
                        "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" }
                    }
                }] }
            })
        };
        let kind = "customer.subscription.updated";
        assert_too_large(&deliver(&app, "evt_1", kind, &subscription(many())).await);
        assert_eq!(deliver(&app, "evt_2", kind, &subscription(json!([{}]))).await.0, "applied");
        // A retry reads the stored body, and ends the same way.
        assert_eq!(app.post("/api/v1/webhooks/events/evt_1/retry", &json!({})).await.status, 202);
        app.settle().await;
        assert_too_large(&outcome(&app, "evt_1").await);
        let reactor = app.app.ledger.checkpoints().await.unwrap().into_iter().find(|it| it.name == api::reactor::NAME);
        assert!(reactor.is_some_and(|reactor| reactor.failure.is_none()));
        app.stop().await;
    })
    .await;
}
