//! The sandbox tells of what it did by its own signed webhooks: all of them arrive, and they change nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use domain::id::TenantId;
use serde_json::{Value, json};
use store::Entry;

use super::catalogue::put;
use super::subscription_changes::{delete, move_clock, payer, subscribe};
use crate::support::engines::postgres_url;
use crate::support::tables::all_tables;
use crate::support::{TestApp, on_both_engines};

const SETTINGS: &str = "/ledger/v1/settings";

fn coaching() -> TenantId {
    TenantId::parse("coaching").unwrap()
}

async fn switch(app: &TestApp, on: bool) {
    let answer = put(app, SETTINGS, &json!({ "sandbox_webhooks": on })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["sandbox_webhooks"]), (200, &json!(on)), "{}", answer.text);
}

fn serve(app: &TestApp) {
    let address: SocketAddr = app.base.strip_prefix("http://").unwrap().parse().unwrap();
    app.app.sandbox_webhooks.serve_at(address);
}

/// Waits until everything was told, taken in, reacted to and projected.
async fn all_told(app: &TestApp) {
    let mut told = app.app.sandbox_webhooks.told(&coaching()).unwrap();
    loop {
        app.settle().await;
        let head = app.app.ledger.head().await.unwrap();
        told.wait_for(|position| *position >= head).await.unwrap();
        if app.app.ledger.head().await.unwrap() == head {
            return;
        }
    }
}

/// Three months of a business in which about everything happens that the sandbox does.
async fn three_months(app: &TestApp) {
    move_clock(app, "2024-01-15T10:30:00Z").await;
    let good = payer(app, "good@example.com", "pm_card_visa").await;
    let kept = subscribe(app, &good, &json!({ "plan_id": "elite_coaching", "discount_code": "NEWCLIENT20" })).await;
    let poor = payer(app, "poor@example.com", "pm_card_visa").await;
    let outcomes = format!("/ledger/v1/sandbox/customers/{poor}/outcomes");
    subscribe(app, &poor, &json!({ "plan_id": "group_coaching", "trial_period_days": 14 })).await;
    put(app, &outcomes, &json!(["insufficient_funds", "processing", "generic_decline", "succeed"])).await;
    let gone = payer(app, "gone@example.com", "pm_card_visa").await;
    let ended = subscribe(app, &gone, &json!({ "plan_id": "community_access", "quantity": 3 })).await;
    let slow = payer(app, "slow@example.com", "pm_card_visa").await;
    let sent = json!({ "plan_id": "group_coaching", "collection_method": "send_invoice", "days_until_due": 10 });
    subscribe(app, &slow, &sent).await;
    move_clock(app, "2024-02-01T00:00:00Z").await;
    let changed = put(app, &kept, &json!({ "quantity": 2, "proration_behavior": "always_invoice" })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let paid = app.get(&kept).await.json()["latest_invoice"]["invoice_id"].as_str().unwrap().to_owned();
    let note = app.post(&format!("/ledger/v1/invoices/{paid}/credit-notes"), &json!({ "amount": 100 })).await;
    assert_eq!(note.status, 201, "{}", note.text);
    let payment = app.get(&format!("/api/v1/invoices/{paid}")).await.json()["payment_id"].as_str().unwrap().to_owned();
    let refunded = app.post(&format!("/api/v1/payments/{payment}/refund"), &json!({ "amount": 50.0 })).await;
    assert_eq!(refunded.status, 200, "{}", refunded.text);
    let dispute = format!("/ledger/v1/sandbox/payments/{payment}/dispute");
    app.post(&dispute, &json!({ "reason": "fraudulent", "amount": 200 })).await;
    app.post(&format!("{dispute}/close"), &json!({ "outcome": "won" })).await;
    delete(app, &ended, &json!({ "cancel_at_period_end": false, "termination": "refund" })).await;
    move_clock(app, "2024-03-01T00:00:00Z").await;
    app.post(&format!("{kept}/pause"), &json!({})).await;
    app.post(&format!("{kept}/resume"), &json!({})).await;
    move_clock(app, "2024-04-15T10:30:00Z").await;
}

/// The log without the deliveries, by stream.
async fn streams(app: &TestApp) -> BTreeMap<(String, String), Vec<Entry>> {
    let mut streams: BTreeMap<_, Vec<Entry>> = BTreeMap::new();
    for entry in app.app.ledger.read(0, 100_000).await.unwrap() {
        if entry.aggregate_type != "stripe_event" {
            streams.entry((entry.aggregate_type.clone(), entry.aggregate_id.clone())).or_default().push(entry);
        }
    }
    streams
}

/// What finance sees.
async fn figures(app: &TestApp) -> Vec<Value> {
    let mut figures = Vec::new();
    for path in ["/ledger/v1/trial-balance", "/api/v1/analytics/revenue?period_days=90"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let mut figure = answer.json();
        // Deliveries have positions, too.
        figure.as_object_mut().unwrap().remove("as_of");
        figures.push(figure);
    }
    figures
}

/// The types of all deliveries, each of which was taken in once, without a conflict, and led to no refusal.
async fn delivered(app: &TestApp) -> BTreeSet<String> {
    let (mut kinds, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page = app.get(&format!("/api/v1/webhooks/events?limit=100{after}")).await.json();
        for event in page["events"].as_array().unwrap() {
            let standing = (&event["processed"], &event["outcome"], &event["conflicts"]);
            let outcome = if event["outcome"] == "ignored" { "ignored" } else { "applied" };
            assert_eq!(standing, (&json!(true), &json!(outcome), &json!(0)), "{event}");
            kinds.insert(event["event_type"].as_str().unwrap().to_owned());
        }
        match page["pagination"]["next_cursor"].as_str() {
            Some(cursor) => after = format!("&cursor={cursor}"),
            None => return kinds,
        }
    }
}

const TOLD: [&str; 24] = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.failed",
    "charge.pending",
    "charge.succeeded",
    "credit_note.created",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "invoice.created",
    "invoice.finalized",
    "invoice.overdue",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.sent",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "refund.created",
];

/// Nothing is sent before the sender knows where: so the ledger is the same one, before and after all its deliveries.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_change_no_stream_no_table_and_no_figure() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        switch(&app, true).await;
        three_months(&app).await;
        app.settle().await;
        let own = |mut tables: BTreeMap<&'static str, Vec<String>>| {
            tables.retain(|name, _| !name.starts_with("webhook"));
            tables
        };
        let before = (streams(&app).await, own(all_tables(&app.app.ledger).await), figures(&app).await);
        assert_eq!(delivered(&app).await, BTreeSet::new());
        serve(&app);
        all_told(&app).await;
        let kinds = delivered(&app).await;
        let missing: Vec<_> = TOLD.iter().filter(|kind| !kinds.contains(**kind)).collect();
        assert_eq!(missing, Vec::<&&str>::new(), "of {kinds:?}");
        let after = (streams(&app).await, own(all_tables(&app.app.ledger).await), figures(&app).await);
        assert_eq!(before.0, after.0);
        assert_eq!(before.1, after.1);
        assert_eq!(before.2, after.2);
        app.stop().await;
    })
    .await;
}

/// Told while it happens, told late after a start, and told twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_live_late_and_twice_is_told_once() {
    on_both_engines(|url| async move {
        let without = TestApp::start(&another(&url).await).await;
        three_months(&without).await;
        without.settle().await;
        let expected = (figures(&without).await, shape_of(&streams(&without).await));
        without.stop().await;

        let app = TestApp::start(&url).await;
        serve(&app);
        switch(&app, true).await;
        three_months(&app).await;
        all_told(&app).await;
        let mut with = shape_of(&streams(&app).await);
        // What switched it on.
        assert_eq!(with.remove("TenantSettingsChanged"), Some(1));
        assert_eq!((figures(&app).await, with), expected);

        let head = app.app.ledger.head().await.unwrap();
        let stored: Vec<Entry> = app.app.ledger.read(0, 100_000).await.unwrap();
        let first = stored.iter().find(|entry| entry.event_type == "StripeEventReceived").unwrap();
        let body =
            serde_json::from_str::<Value>(&first.payload).unwrap()["change"]["StripeEventReceived"]["body"].clone();
        let sealed = serde_json::from_value(body).unwrap();
        let body = app.app.ledger.keyring().unseal(&coaching(), &sealed).await.unwrap().unwrap();
        assert_eq!(app.deliver(body.as_bytes()).await.status, 200);
        assert_eq!(app.app.ledger.head().await.unwrap(), head, "the same again is the same delivery");

        // Nothing is told of what happens while it is off; and what was not told before a stop is told after it.
        switch(&app, false).await;
        let told = delivered_count(&app).await;
        move_clock(&app, "2024-05-20T00:00:00Z").await;
        app.settle().await;
        switch(&app, true).await;
        all_told(&app).await;
        assert_eq!(delivered_count(&app).await, told);
        app.stop().await;
        // So much later that the leases of who was stopped are over.
        let app = TestApp::start_at(&url, &[], "2024-01-15T11:30:00Z").await;
        move_clock(&app, "2024-06-20T00:00:00Z").await;
        assert_eq!(delivered_count(&app).await, told);
        serve(&app);
        all_told(&app).await;
        assert!(delivered_count(&app).await > told);
        delivered(&app).await;
        app.stop().await;
    })
    .await;
}

/// The URL of another empty database of the same engine.
async fn another(url: &str) -> String {
    match url.strip_suffix("ledger.db") {
        Some(folder) => format!("{folder}another.db"),
        None => tokio::task::spawn_blocking(postgres_url).await.unwrap(),
    }
}

/// How many events of each kind there are beside the deliveries.
fn shape_of(streams: &BTreeMap<(String, String), Vec<Entry>>) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for entry in streams.values().flatten() {
        *kinds.entry(entry.event_type.clone()).or_default() += 1;
    }
    kinds
}

async fn delivered_count(app: &TestApp) -> usize {
    let entries = app.app.ledger.read(0, 100_000).await.unwrap();
    entries.iter().filter(|entry| entry.event_type == "StripeEventReceived").count()
}
