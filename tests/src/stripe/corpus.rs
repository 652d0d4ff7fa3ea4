//! All recorded events and one of each of today's types, signed by Stripe's own client, through the endpoint.

use std::collections::BTreeMap;

use domain::event::LedgerEvent;
use domain::sealed::Sealed;
use domain::stripe_event::StripeEventChange;
use futures::StreamExt;
use futures::stream;

use super::recorded::{Recorded, current_types, recordings};
use super::signing::sign_all;
use crate::support::app::{WEBHOOK_SECRET, tenant};
use crate::support::tables::all_tables;
use crate::support::{TestApp, on_both_engines};

#[tokio::test(flavor = "multi_thread")]
async fn every_real_event_is_accepted_kept_and_rebuilt() {
    let mut events = recordings();
    assert_eq!(events.len(), 1_387);
    events.extend(current_types());
    assert_eq!(events.len(), 1_387 + 264);
    on_both_engines(|url| {
        let events = events.clone();
        async move {
            let app = TestApp::start(&url).await;
            deliver_all(&app, &events).await;
            app.settle().await;
            assert_kept(&app, &events).await;
            let verified = app.app.ledger.verify(&mut |_, _| {}).await.expect("the ledger is whole");
            assert_eq!(verified.events, app.app.ledger.head().await.unwrap());
            let live = all_tables(&app.app.ledger).await;
            let names: Vec<&str> = projections::all().iter().map(|projection| projection.name).collect();
            replay::rebuild(&app.app.ledger, &names, &replay::RebuildOptions::default(), &mut |_| {})
                .await
                .expect("a rebuild");
            let rebuilt = all_tables(&app.app.ledger).await;
            for (table, rows) in &live {
                assert_eq!(rows, &rebuilt[table], "{table}");
            }
            app.stop().await;
        }
    })
    .await;
}

async fn deliver_all(app: &TestApp, events: &[Recorded]) {
    let bodies: Vec<&[u8]> = events.iter().map(|event| event.body.as_slice()).collect();
    let headers = sign_all(&bodies, WEBHOOK_SECRET, app.app.ledger.clock().now().as_second());
    let refused: Vec<String> = stream::iter(events.iter().zip(&headers))
        .map(|(event, header)| async move {
            let answer = app.deliver_signed(&event.body, &[header]).await;
            (answer.status != 200).then(|| format!("{}: {} {}", event.id, answer.status, answer.text))
        })
        .buffer_unordered(16)
        .filter_map(|refused| async move { refused })
        .collect()
        .await;
    assert_eq!(refused, Vec::<String>::new());
}

/// The unsealed bodies in the log are byte for byte those that were sent.
async fn assert_kept(app: &TestApp, events: &[Recorded]) {
    let mut kept: BTreeMap<String, Sealed> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = app.app.ledger.read(after, 1_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        for entry in page.iter().filter(|entry| entry.event_type == "StripeEventReceived") {
            if let LedgerEvent::StripeEvent(event) = entry.decode().unwrap()
                && let StripeEventChange::StripeEventReceived(received) = event.change
            {
                assert!(kept.insert(event.event.to_string(), received.body).is_none(), "{} twice", event.event);
            }
        }
    }
    assert_eq!(kept.len(), events.len());
    for event in events {
        let sealed = kept.get(&event.id).expect("the event is in the log");
        let body = app.app.ledger.keyring().unseal(&tenant(), sealed).await.unwrap().expect("its key exists");
        assert!(body.as_bytes() == event.body, "{} differs", event.id);
    }
}
