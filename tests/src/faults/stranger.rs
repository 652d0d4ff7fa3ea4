//! A stranger's open write transaction in the same PostgreSQL cluster does not delay projections (rule L1: readers
//! never wait for transactions that are not the ledger's).

use serde_json::json;
use sqlx::postgres::PgPoolOptions;

use crate::support::TestApp;
use crate::support::engines::{postgres_cluster_url, postgres_url};

#[tokio::test(flavor = "multi_thread")]
async fn an_open_transaction_of_somebody_else_delays_nothing() {
    let url = tokio::task::spawn_blocking(postgres_url).await.unwrap();
    let app = TestApp::start(&url).await;
    let mut strangers = Vec::new();
    // One in a database of its own, one in ours, both with a transaction id that stays in progress.
    for database in [postgres_cluster_url("postgres"), url.clone()] {
        let pool = PgPoolOptions::new().max_connections(1).connect(&database).await.unwrap();
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query("CREATE TABLE strangers_table (n bigint)").execute(&mut *transaction).await.unwrap();
        sqlx::query("INSERT INTO strangers_table VALUES (1)").execute(&mut *transaction).await.unwrap();
        strangers.push((pool, transaction));
    }
    for number in 0..20 {
        let body = json!({ "email": format!("s{number}@example.com") });
        let created = app.post("/api/v1/customers", &body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        // Read-your-writes: the answer was made from the read model, which had passed the position it wrote.
        let position: i64 = created.headers["daybook-position"].to_str().unwrap().parse().unwrap();
        assert!(app.app.positions.minimum().unwrap() >= position);
    }
    let listed = app.get("/api/v1/customers").await.json();
    assert_eq!(listed["pagination"]["total"], 20);
    for (_, transaction) in strangers {
        transaction.rollback().await.unwrap();
    }
    app.stop().await;
}
