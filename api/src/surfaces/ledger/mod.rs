//! The ledger's own surface, `/ledger/v1`: events, streams, projections and the catalogue for finance and analysts, bare JSON,
//! RFC 9457 problem details, scopes `ledger:read` and `ledger:admin`.

mod accounts;
mod catalogue;
mod changes;
mod clock;
mod events;
mod journal;
mod problem;
mod projections;
mod settings;
mod streams;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::get;

use crate::app::App;
use crate::failure::Failure;
use crate::web::render_failures;

pub fn routes(app: &App) -> Router<App> {
    let api = Router::new()
        .route("/events", get(events::list))
        .route("/streams/{type}/{id}", get(streams::get))
        .route("/projections", get(projections::list))
        .route("/catalog/{kind}", get(catalogue::list))
        .route("/catalog/{kind}/{id}", get(catalogue::get).put(catalogue::put))
        .route("/settings", get(settings::get).put(settings::put))
        .route("/sandbox/clock", get(clock::get).post(clock::post))
        .route("/journal", get(journal::list))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{no}", get(accounts::get))
        .route("/trial-balance", get(accounts::trial_balance))
        .fallback(no_route);
    Router::new().nest("/ledger/v1", api).layer(from_fn_with_state(app.clone(), render))
}

async fn render(State(app): State<App>, request: Request, next: Next) -> axum::response::Response {
    render_failures(request, next, app.ledger.clock().now(), problem::render).await
}

async fn no_route() -> Failure {
    Failure::not_found("route")
}
