//! Events that were missed are taken in once each, oldest first, and a run that was cut short goes on where it was.

use std::path::{Path, PathBuf};

use api::stripe::backfill::{BackfillError, Progress, Totals, backfill};
use api::stripe::client::StripeClient;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::timing;
use crate::stripe::fake::{FakeStripe, Fault};
use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

const SINCE_S: i64 = 1_705_000_000;
/// Three pages and a bit, and a few from before.
const EVENTS: usize = 320;
const BEFORE: usize = 7;

fn event(number: usize) -> Value {
    let created = SINCE_S - i64::try_from(BEFORE).unwrap() + i64::try_from(number).unwrap();
    json!({
        "id": format!("evt_{number:04}"), "object": "event", "api_version": "2026-03-25.dahlia", "created": created,
        "type": "customer.created", "livemode": false, "pending_webhooks": 1, "request": null,
        "data": {"object": {"id": format!("cus_{number}"), "object": "customer", "created": created}}
    })
}

/// What the log holds of Stripe's events: those received in the order of the log, and how many conflicts.
async fn stored(app: &TestApp) -> (Vec<String>, usize) {
    let entries = app.app.ledger.read(0, 10_000).await.expect("the log");
    let of = |kind: &str| entries.iter().filter(|entry| entry.event_type == kind).collect::<Vec<_>>();
    let received = of("StripeEventReceived").iter().map(|entry| entry.aggregate_id.clone()).collect();
    (received, of("StripeEventConflicted").len())
}

async fn run(app: &TestApp, client: &StripeClient, bookmark: &Path) -> Result<(Totals, Vec<Progress>), BackfillError> {
    let since = Timestamp::from_second(SINCE_S).expect("an instant");
    let mut told = Vec::new();
    let mut progress = |it: Progress| told.push(it);
    let totals = backfill(&app.app.ledger, client, &tenant(), since, bookmark, &mut progress).await?;
    Ok((totals, told))
}

fn totals(written: u64, known: u64, resumed_after: Option<&str>) -> Totals {
    Totals { written, known, refused: Vec::new(), resumed_after: resumed_after.map(str::to_owned) }
}

fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("evt_{number:04}")).collect()
}

fn bookmark() -> (testbed::TempDir, PathBuf) {
    let folder = testbed::temp_dir().expect("a temporary folder");
    let path = folder.join("kept").join("bookmark.json");
    (folder, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_taken_in_oldest_first_and_once() {
    on_both_engines(|url| async move {
        let fake = FakeStripe::start().await;
        let mut app = TestApp::start_with(&url, &fake.variables()).await;
        app.rest().await;
        let (_folder, bookmark) = bookmark();
        (0..EVENTS + BEFORE).for_each(|number| fake.add_event(event(number)));
        let account = app.app.settings.tenant(&tenant()).and_then(|tenant| tenant.stripe.as_ref());
        let client = StripeClient::new(account.expect("an account"), timing()).expect("a client");
        // One came by its webhook, printed otherwise than the list prints it.
        let delivered = serde_json::to_vec_pretty(&event(100)).expect("JSON");
        assert_eq!(app.deliver(&delivered).await.status, 200);

        let (first, told) = run(&app, &client, &bookmark).await.expect("it is taken in");
        let all = u64::try_from(EVENTS).unwrap();
        assert_eq!(first, totals(all - 1, 1, None));
        let counted = [100, 200, 300, 320].map(|seen| Progress::Counting { seen });
        let taken = [20, 120, 220, 320].map(|done| Progress::Taking { done, of: Some(all) });
        assert_eq!(told, [counted, taken].concat());
        let (mut received, conflicts) = stored(&app).await;
        assert_eq!((received.remove(0), conflicts), ("evt_0100".to_owned(), 0));
        let mut expected = ids(BEFORE..EVENTS + BEFORE);
        expected.retain(|id| id != "evt_0100");
        assert_eq!(received, expected);

        let head = app.app.ledger.head().await.expect("a head");
        fake.add_event(event(EVENTS + BEFORE));
        let (second, _) = run(&app, &client, &bookmark).await.expect("it is taken in");
        assert_eq!(second, totals(1, all, None));
        assert_eq!(app.app.ledger.head().await.expect("a head"), head + 1);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_short_goes_on_where_it_was() {
    on_both_engines(|url| async move {
        let mut app = TestApp::start(&url).await;
        app.rest().await;
        let (_folder, bookmark) = bookmark();
        let fake = FakeStripe::start().await;
        (0..EVENTS + BEFORE).for_each(|number| fake.add_event(event(number)));
        let client = fake.client(timing());
        // Four pages down and one up are answered, then Stripe is gone for all four tries.
        (0..5).for_each(|_| fake.fail_next("GET /v1/events", Fault::ArrivesTwice));
        (0..4).for_each(|_| fake.fail_next("GET /v1/events", Fault::ConnectionCut));
        let error = run(&app, &client, &bookmark).await.expect_err("cut short");
        assert!(matches!(error, BackfillError::Stripe(_)), "{error}");
        assert_eq!(stored(&app).await.0.len(), 120);
        assert!(bookmark.exists());

        // Two more come while nobody looks.
        fake.add_event(event(EVENTS + BEFORE));
        fake.add_event(event(EVENTS + BEFORE + 1));
        let calls = fake.calls().len();
        let (rest, _) = run(&app, &client, &bookmark).await.expect("it goes on");
        assert_eq!(rest, totals(202, 0, Some("evt_0126")));
        assert_eq!(fake.calls().len() - calls, 4, "it does not look for the oldest again");
        assert_eq!(stored(&app).await.0, ids(BEFORE..EVENTS + BEFORE + 2));
        assert!(!bookmark.exists());

        // A bookmark for other events, or one that Stripe has forgotten, is none.
        for kept in [
            json!({"since": "2020-01-01T00:00:00Z", "after": "evt_0200"}),
            json!({"since": "2024-01-11T19:06:40Z", "after": "evt_gone"}),
            json!("?"),
        ] {
            std::fs::write(&bookmark, kept.to_string()).expect("a bookmark");
            let (again, _) = run(&app, &client, &bookmark).await.expect("it begins anew");
            assert_eq!(again, totals(0, 322, None), "{kept}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_is_told_and_passed_over() {
    on_both_engines(|url| async move {
        let mut app = TestApp::start(&url).await;
        app.rest().await;
        let (_folder, bookmark) = bookmark();
        let fake = FakeStripe::start().await;
        let mut large = event(12);
        large["data"]["object"]["description"] = Value::from("x".repeat(1024 * 1024));
        for event in [event(10), json!({"id": "evt_0011", "created": SINCE_S + 4}), large, event(13)] {
            fake.add_event(event);
        }
        let (found, _) = run(&app, &fake.client(timing()), &bookmark).await.expect("it is taken in");
        assert_eq!((found.written, found.known), (2, 0));
        let refused: Vec<&str> = found.refused.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(refused, ["evt_0011", "evt_0012"]);
        assert_eq!(stored(&app).await, (vec!["evt_0010".to_owned(), "evt_0013".to_owned()], 0));
        app.stop().await;
    })
    .await;
}
