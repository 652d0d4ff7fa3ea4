//! The coaching business's surface (seeds 000_ and 001_): `/api/v1`, and Stripe's webhook at `/webhooks/stripe`.

mod analytics;
mod customers;
mod dunning;
mod failure;
mod invoices;
mod paging;
mod payment_methods;
mod payments;
mod person;
mod subscriptions;
mod upcoming;
mod webhooks;
mod words;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{delete, get, post};
use domain::id::TenantId;

use crate::app::App;
use crate::auth::Principal;
use crate::failure::Failure;
use crate::web::render_failures;

/// The tenant this surface belongs to.
pub const TENANT: &str = "coaching";

/// Where Stripe's events of this tenant are delivered.
pub const WEBHOOK_PATH: &str = "/webhooks/stripe";

pub fn routes(app: &App) -> Router<App> {
    let api = Router::new()
        .route("/customers", get(customers::list).post(customers::create))
        .route("/customers/{customer_id}", get(customers::get).put(customers::update))
        .route("/customers/{customer_id}/invoices", get(invoices::list))
        .route("/customers/{customer_id}/payment-methods", get(payment_methods::list).post(payment_methods::attach))
        .route("/customers/{customer_id}/payment-methods/{method_id}", delete(payment_methods::detach))
        .route("/subscriptions", post(subscriptions::create))
        .route(
            "/subscriptions/{subscription_id}",
            get(subscriptions::get).put(subscriptions::change).delete(subscriptions::cancel),
        )
        .route(
            "/subscriptions/{subscription_id}/preview",
            get(subscriptions::preview_of_query).post(subscriptions::preview),
        )
        .route("/subscriptions/{subscription_id}/reactivate", post(subscriptions::reactivate))
        .route("/subscriptions/{subscription_id}/retention-offers/{type}/accept", post(subscriptions::accept_offer))
        .route("/subscriptions/{subscription_id}/pause", post(subscriptions::pause))
        .route("/subscriptions/{subscription_id}/resume", post(subscriptions::resume))
        .route("/payments", post(payments::create))
        .route("/payments/{payment_id}", get(payments::get))
        .route("/payments/{payment_id}/refund", post(payments::refund))
        .route("/invoices/{invoice_id}", get(invoices::get))
        .route("/invoices/{invoice_id}/pdf", get(invoices::pdf))
        .route("/invoices/{invoice_id}/pay", post(invoices::pay))
        .route("/invoices/{invoice_id}/remind", post(invoices::remind))
        .route("/dunning/campaigns", get(dunning::list))
        .route("/dunning/campaigns/{campaign_id}", get(dunning::get))
        .route("/dunning/campaigns/{campaign_id}/actions", post(dunning::act))
        .route("/dunning/campaigns/{campaign_id}/cancel", post(dunning::cancel))
        .route("/dunning/campaigns/{campaign_id}/offers/{type}/accept", post(dunning::accept_offer))
        .route("/analytics/revenue", get(analytics::revenue))
        .route("/webhooks/events", get(webhooks::list))
        .route("/webhooks/events/{event_id}/retry", post(webhooks::retry))
        .fallback(no_route);
    Router::new()
        .nest("/api/v1", api)
        .route(WEBHOOK_PATH, post(webhooks::receive))
        .layer(from_fn_with_state(app.clone(), render))
}

async fn render(State(app): State<App>, request: Request, next: Next) -> axum::response::Response {
    render_failures(request, next, app.ledger.clock().now(), failure::render).await
}

async fn no_route() -> Failure {
    Failure::not_found("route")
}

/// A key of another tenant is no key of this surface.
fn own(principal: &Principal) -> Result<&TenantId, Failure> {
    if principal.tenant.as_str() == TENANT { Ok(&principal.tenant) } else { Err(Failure::WrongCredentials) }
}

/// An instant of a request: RFC 3339 with a zone, in microseconds.
fn instant(field: &str, text: &str) -> Result<i64, Failure> {
    text.parse::<jiff::Timestamp>().map(domain::time::to_micros).map_err(|_| {
        Failure::invalid(field, Some(text), "An RFC 3339 instant with a zone, such as 2024-02-01T00:00:00Z")
    })
}
