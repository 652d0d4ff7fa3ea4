//! The same events in any order and number end in the same state of every aggregate and in the same rows of every read
//! model (billing.md §4.3).

use std::collections::BTreeMap;

use api::app::App;
use api::operations::stripe_events::receive_stripe_event;
use domain::customer::Customer;
use domain::dunning::Dunning;
use domain::invoice::Invoice;
use domain::issued::Decider;
use domain::payment::Payment;
use domain::sealed::Sealed;
use domain::subscription::Subscription;
use futures::StreamExt;
use futures::stream;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::Value;

use super::convergence_rows::{Rows, rows};
use super::recorded::{Recorded, recordings};
use crate::support::app::tenant;
use crate::support::{TestApp, on_both_engines};

/// Every aggregate's state by stream, with personal data unsealed, since each ledger has keys of its own.
type States = BTreeMap<String, Value>;

#[tokio::test(flavor = "multi_thread")]
async fn real_events_shuffled_and_repeated_end_in_the_same_state_and_rows() {
    let events = recordings();
    let expected = std::sync::Arc::new(std::sync::Mutex::new(None::<(States, Rows)>));
    for seed in [1_u64, 2, 3] {
        let (events, expected) = (&events, &expected);
        on_both_engines(|url| async move {
            let app = TestApp::start(&url).await;
            deliver(&app.app, &shuffled(events, seed)).await;
            app.settle().await;
            let found = (states(&app.app).await, rows(&app.app).await);
            app.stop().await;
            let mut known = expected.lock().unwrap();
            match known.as_ref() {
                None => *known = Some(found),
                Some(known) => {
                    assert_same_states(&known.0, &found.0, seed);
                    assert_same_rows(&known.1, &found.1, seed);
                }
            }
        })
        .await;
    }
}

fn assert_same_states(known: &States, states: &States, seed: u64) {
    let differing: Vec<String> = known
        .keys()
        .chain(states.keys())
        .filter(|stream| known.get(*stream) != states.get(*stream))
        .map(|stream| format!("{stream}:\n  {:?}\n  {:?}", known.get(stream), states.get(stream)))
        .take(3)
        .collect();
    assert!(differing.is_empty(), "seed {seed}: {}", differing.join("\n"));
}

/// Names up to three rows of each table that only one side has.
fn assert_same_rows(known: &Rows, found: &Rows, seed: u64) {
    let mut differing = Vec::new();
    for (table, rows) in known {
        let one_sided = |sign: char, these: &[String], those: &[String]| -> Vec<String> {
            let only = these.iter().filter(|row| those.binary_search(row).is_err());
            only.take(3).map(|row| format!("{sign} {table}: {row}")).collect()
        };
        differing.extend(one_sided('-', rows, &found[table]));
        differing.extend(one_sided('+', &found[table], rows));
        if rows.len() != found[table].len() {
            differing.push(format!("{table}: {} and {} rows", rows.len(), found[table].len()));
        }
    }
    assert!(differing.is_empty(), "seed {seed}:\n{}", differing.join("\n"));
}

/// Each event once to three times, in an order that follows from the seed.
fn shuffled(events: &[Recorded], seed: u64) -> Vec<Recorded> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut copies: Vec<Recorded> = events
        .iter()
        .enumerate()
        .flat_map(|(index, event)| std::iter::repeat_n(event.clone(), 1 + (index + usize::try_from(seed).unwrap()) % 3))
        .collect();
    copies.shuffle(&mut random);
    copies
}

async fn deliver(app: &App, events: &[Recorded]) {
    let tenant = &tenant();
    stream::iter(events)
        .map(|event| async move {
            receive_stripe_event(&app.ledger, tenant, None, &event.body).await.expect("the event is taken");
        })
        .buffered(16)
        .for_each(|()| async {})
        .await;
}

async fn states(app: &App) -> States {
    let mut streams = std::collections::BTreeSet::new();
    let mut after = 0;
    loop {
        let page = app.ledger.read(after, 2_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        streams.extend(page.into_iter().map(|entry| (entry.aggregate_type, entry.aggregate_id)));
    }
    let mut states = States::new();
    for (kind, id) in streams {
        let state = match kind.as_str() {
            Customer::TYPE => state::<Customer>(app, &id).await,
            Subscription::TYPE => state::<Subscription>(app, &id).await,
            Invoice::TYPE => state::<Invoice>(app, &id).await,
            Payment::TYPE => state::<Payment>(app, &id).await,
            Dunning::TYPE => state::<Dunning>(app, &id).await,
            _ => continue,
        };
        states.insert(format!("{kind}/{id}"), state);
    }
    states
}

async fn state<A: Decider>(app: &App, id: &str) -> Value {
    let loaded = app.ledger.load::<A>(&tenant(), id).await.unwrap();
    let mut value = serde_json::to_value(loaded.state.as_ref()).unwrap();
    unseal(app, &mut value).await;
    value
}

/// Ciphertext and what hashes it differ between ledgers; the plain text must not.
pub(super) async fn unseal(app: &App, value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("v1:") => {
            let sealed = Sealed::from_ciphertext(text.clone());
            let plain = app.ledger.keyring().unseal(&tenant(), &sealed).await.unwrap();
            *value = Value::from(plain.expect("the key exists"));
        }
        Value::Array(values) => {
            for value in values {
                Box::pin(unseal(app, value)).await;
            }
        }
        Value::Object(fields) => {
            fields.remove("digest");
            fields.remove("before");
            for value in fields.values_mut() {
                Box::pin(unseal(app, value)).await;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
