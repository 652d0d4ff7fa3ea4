//! All routes on one page. A surface is thin: it extracts, makes a command or a query, calls one function, renders.

pub mod coaching;
pub mod ledger;
pub mod operational;

use axum::Router;
use axum::middleware::from_fn;
use domain::id::TenantId;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::failure::Failure;
use crate::web::call::assign_request_id;

/// Everything the server answers.
pub fn router(app: &App) -> Router {
    Router::new()
        .merge(coaching::routes(app))
        .merge(ledger::routes(app))
        .merge(operational::routes())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn(assign_request_id))
        .with_state(app.clone())
}

/// Where Stripe tells a tenant of its events; `None` where its surface takes none yet.
pub fn webhook_path(tenant: &TenantId) -> Option<&'static str> {
    (tenant.as_str() == coaching::TENANT).then_some(coaching::WEBHOOK_PATH)
}

/// A panic is a defect of ours; the client gets the plain internal error of the surface.
fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let failure = Failure::Internal { reason: "a handler panicked".to_owned() };
    axum::response::IntoResponse::into_response(failure)
}
