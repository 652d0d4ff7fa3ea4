//! Failures as RFC 9457 problem details: one match to status and title.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

use crate::failure::{Failure, RETRY_AFTER_S};
use crate::web::RequestId;

pub(super) fn render(failure: &Failure, request_id: &RequestId, _now: Timestamp) -> Response {
    let (status, title) = classify(failure);
    let (field, decline_code) = named(failure);
    let body = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": failure.to_string(),
        "field": field,
        "decline_code": decline_code,
        "request_id": request_id.0,
    });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

/// The field that is wrong, and why a payment failed.
fn named(failure: &Failure) -> (Option<&str>, Option<&str>) {
    match failure {
        Failure::Invalid { field, .. } => (Some(field), None),
        // What stands in the way is always where the thing stands.
        Failure::Illegal { .. } => (Some("status"), None),
        Failure::PaymentFailed { decline_code, .. } => (None, Some(decline_code)),
        Failure::Malformed { .. }
        | Failure::Webhook { .. }
        | Failure::TooLarge { .. }
        | Failure::UnsupportedMediaType
        | Failure::MethodNotAllowed
        | Failure::Unauthenticated
        | Failure::WrongCredentials
        | Failure::Forbidden { .. }
        | Failure::NotFound { .. }
        | Failure::Conflict { .. }
        | Failure::Unavailable
        | Failure::Internal { .. } => (None, None),
    }
}

fn classify(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        Failure::Invalid { .. } | Failure::Malformed { .. } | Failure::Webhook { .. } => {
            (StatusCode::BAD_REQUEST, "Invalid request")
        }
        Failure::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "Body too large"),
        Failure::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
        Failure::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Failure::Unauthenticated | Failure::WrongCredentials => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        Failure::Forbidden { .. } => (StatusCode::FORBIDDEN, "Forbidden"),
        Failure::NotFound { .. } => (StatusCode::NOT_FOUND, "Not found"),
        Failure::Conflict { .. } | Failure::Illegal { .. } => (StatusCode::CONFLICT, "Conflict"),
        Failure::PaymentFailed { .. } => (StatusCode::PAYMENT_REQUIRED, "Payment failed"),
        Failure::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable"),
        Failure::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
    }
}
