//! The ledger's own surface, `/ledger/v1`: events, streams, projections and the catalogue for finance and analysts, bare JSON,
//! RFC 9457 problem details, scopes `ledger:read` and `ledger:admin`.

mod accounts;
mod balance;
mod catalogue;
mod changes;
mod clock;
mod credit_notes;
mod events;
mod invoice_wire;
mod invoices;
mod journal;
mod messages;
mod problem;
mod projections;
mod sandbox;
mod settings;
mod streams;
mod usage;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{get, post, put};

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
        .route("/messages", get(messages::list))
        .route("/sandbox/clock", get(clock::get).post(clock::post))
        .merge(billing())
        .route("/journal", get(journal::list))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{no}", get(accounts::get))
        .route("/trial-balance", get(accounts::trial_balance))
        .fallback(no_route);
    Router::new().nest("/ledger/v1", api).layer(from_fn_with_state(app.clone(), render))
}

/// What finance does with what is billed.
fn billing() -> Router<App> {
    Router::new()
        .route("/invoices", post(invoices::create))
        .route("/invoices/{invoice_id}", get(invoices::get))
        .route("/invoices/{invoice_id}/finalize", post(invoices::finalize))
        .route("/invoices/{invoice_id}/void", post(invoices::void))
        .route("/invoices/{invoice_id}/mark-uncollectible", post(invoices::mark_uncollectible))
        .route("/invoices/{invoice_id}/pay-out-of-band", post(invoices::pay_out_of_band))
        .route("/invoices/{invoice_id}/credit-notes", post(credit_notes::create))
        .route("/credit-notes", get(credit_notes::list))
        .route("/credit-notes/{note_id}/void", post(credit_notes::void))
        .route("/usage", post(usage::record))
        .route("/customers/{customer_id}/balance", get(balance::get).post(balance::post))
        .route("/sandbox/customers/{customer_id}/outcomes", put(sandbox::script_outcomes))
        .route("/sandbox/payments/{payment_id}/dispute", post(sandbox::dispute))
        .route("/sandbox/payments/{payment_id}/dispute/close", post(sandbox::close_dispute))
}

async fn render(State(app): State<App>, request: Request, next: Next) -> axum::response::Response {
    render_failures(request, next, app.ledger.clock().now(), problem::render).await
}

async fn no_route() -> Failure {
    Failure::not_found("route")
}
