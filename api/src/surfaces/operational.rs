//! For those who run the server: `/health`, `/health/live`, `/health/ready`, `/metrics`.

mod metrics;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::failure::RETRY_AFTER_S;
use crate::web::amount::rfc3339;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(health))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics::scrape))
}

/// Each dependency under the names of seed 001_. Redis and Stripe's API are not used by this build and say so.
async fn health(State(app): State<App>) -> Response {
    let database = app.ledger.ping().await;
    let mut services = Map::new();
    if let Err(error) = &database {
        tracing::warn!(%error, "the database is not healthy");
    }
    services.insert("database".to_owned(), word(database.is_err().then(|| "unreachable".to_owned())));
    services.insert("redis".to_owned(), Value::from("not configured"));
    services.insert("stripe".to_owned(), Value::from("not configured"));
    let paused = paused_projections(&app).await;
    services
        .insert("projections".to_owned(), word((!paused.is_empty()).then(|| format!("paused: {}", paused.join(", ")))));
    let healthy = database.is_ok() && paused.is_empty();
    let body = json!({
        "status": if healthy { "healthy" } else { "unhealthy" },
        "timestamp": rfc3339(app.ledger.clock().now()),
        "services": services,
    });
    answer(healthy, &body)
}

fn word(problem: Option<String>) -> Value {
    Value::from(problem.map_or_else(|| "healthy".to_owned(), |problem| format!("unhealthy: {problem}")))
}

async fn paused_projections(app: &App) -> Vec<String> {
    let checkpoints = app.ledger.checkpoints().await.unwrap_or_default();
    checkpoints
        .into_iter()
        .filter(|checkpoint| checkpoint.failure.is_some())
        .map(|checkpoint| checkpoint.name)
        .collect()
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

async fn ready(State(app): State<App>) -> Response {
    let ready = app.ledger.ping().await.is_ok();
    answer(ready, &json!({ "status": if ready { "ready" } else { "not ready" } }))
}

fn answer(fine: bool, body: &Value) -> Response {
    if fine {
        return Json(body.clone()).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER_S.to_string())], Json(body.clone()))
        .into_response()
}
