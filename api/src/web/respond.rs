//! From an operation's outcome to a response, and the layer by which each surface puts failures in its own words.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;

use super::call::RequestId;
use crate::failure::Failure;

/// The position a response's write has in the ledger.
pub const POSITION: HeaderName = HeaderName::from_static("daybook-position");

/// A JSON answer to a write.
#[derive(Debug)]
pub struct Reply<T> {
    pub status: StatusCode,
    pub position: i64,
    pub json: T,
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.json)).into_response();
        if let Ok(value) = HeaderValue::from_str(&self.position.to_string()) {
            response.headers_mut().insert(POSITION, value);
        }
        response
    }
}

/// A failure leaves a handler as an empty response that carries it; the surface's layer gives it body and status.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A weak entity tag of a row that was last changed at a position.
pub fn etag(position: i64) -> (HeaderName, String) {
    (axum::http::header::ETAG, format!("W/\"{position}\""))
}

/// Runs a request and renders its failure, if it has one, by the surface's own function. Failures of the framework
/// itself (no route, wrong method) become the same kind of failure first. The only place where failures are logged.
pub async fn render_failures(
    request: Request,
    next: Next,
    now: Timestamp,
    render: fn(&Failure, &RequestId, Timestamp) -> Response,
) -> Response {
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(|| RequestId(String::new()));
    let mut response = next.run(request).await;
    let status = response.status();
    let failure = match response.extensions_mut().remove::<Failure>() {
        Some(failure) => failure,
        None if status == StatusCode::NOT_FOUND && is_bare(&response) => Failure::not_found("route"),
        None if status == StatusCode::METHOD_NOT_ALLOWED => Failure::MethodNotAllowed,
        None => return response,
    };
    if let Failure::Internal { reason } = &failure {
        tracing::error!(request_id = %request_id.0, reason, "internal error");
    } else {
        tracing::debug!(request_id = %request_id.0, %failure, "request refused");
    }
    let allow = response.headers_mut().remove(axum::http::header::ALLOW);
    let mut rendered = render(&failure, &request_id, now);
    if let Some(allow) = allow {
        rendered.headers_mut().insert(axum::http::header::ALLOW, allow);
    }
    rendered
}

/// The router's own 404 has no body.
fn is_bare(response: &Response) -> bool {
    !response.headers().contains_key(axum::http::header::CONTENT_TYPE)
}
