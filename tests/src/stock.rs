//! The customer's libraries read our ledger as it is (rule L5): postgres-es and sqlite-es load a stream from the
//! `events` table, and cqrs-es folds it to the state that the ledger itself has.

use cqrs_es::persist::{PersistedEventRepository, SerializedEvent};
use cqrs_es::{Aggregate, EventEnvelope};
use domain::customer::Customer;
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;

use crate::support::TestApp;
use crate::support::app::tenant;
use crate::support::engines::postgres_url;

/// A customer with three events; its stream's name and its state.
async fn written(app: &TestApp) -> (String, Customer) {
    let body = json!({ "email": "stock@example.com", "payment_method_id": "pm_card_visa" });
    let created = app.post("/api/v1/customers", &body).await.json();
    let id = created["customer_id"].as_str().unwrap().to_owned();
    let change = json!({ "company": "Analytical Engines" }).to_string();
    app.send(reqwest::Method::PUT, &format!("/api/v1/customers/{id}"), Some(change)).await;
    let loaded = app.app.ledger.load::<Customer>(&tenant(), &id).await.unwrap();
    (format!("coaching/{id}"), loaded.state.as_ref().clone())
}

fn folded(events: Vec<SerializedEvent>) -> Customer {
    let mut customer = Customer::default();
    for (event, expected) in events.into_iter().zip(1_usize..) {
        let metadata: Value = event.metadata.clone();
        assert!(metadata["actor"].is_string(), "{metadata}");
        let envelope: EventEnvelope<Customer> = event.try_into().unwrap();
        assert_eq!(envelope.sequence, expected);
        customer.apply(envelope.payload);
    }
    customer
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_postgres_es_reads_our_streams() {
    let url = tokio::task::spawn_blocking(postgres_url).await.unwrap();
    let app = TestApp::start(&url).await;
    let (stream, state) = written(&app).await;
    let pool = PgPoolOptions::new().connect(&url).await.unwrap();
    let repository = postgres_es::PostgresEventRepository::new(pool);
    let events = repository.get_events::<Customer>(&stream).await.unwrap();
    assert_eq!((events.len(), folded(events)), (3, state));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_sqlite_es_reads_our_streams() {
    let folder = testbed::temp_dir().unwrap();
    let url = format!("sqlite://{}", folder.join("ledger.db").display());
    let app = TestApp::start(&url).await;
    let (stream, state) = written(&app).await;
    let pool = SqlitePoolOptions::new().connect(&url).await.unwrap();
    let repository = sqlite_es::SqliteEventRepository::new(pool);
    let events = repository.get_events::<Customer>(&stream).await.unwrap();
    assert_eq!((events.len(), folded(events)), (3, state));
    app.stop().await;
}
