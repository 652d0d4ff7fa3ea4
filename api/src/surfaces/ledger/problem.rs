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
    let (detail, field) = explain(failure);
    let body = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "field": field,
        "request_id": request_id.0,
    });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
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
        Failure::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable"),
        Failure::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
    }
}

fn explain(failure: &Failure) -> (String, Option<&str>) {
    match failure {
        Failure::Invalid { field, expected, .. } => (format!("{field}: {expected}"), Some(field)),
        Failure::Malformed { reason } | Failure::Webhook { reason, .. } | Failure::Illegal { reason } => {
            (reason.clone(), None)
        }
        Failure::TooLarge { limit_bytes } => (format!("the body is larger than {limit_bytes} bytes"), None),
        Failure::UnsupportedMediaType => ("the body must be application/json".to_owned(), None),
        Failure::MethodNotAllowed => ("the method is not allowed here".to_owned(), None),
        Failure::Unauthenticated => ("an API key is required".to_owned(), None),
        Failure::WrongCredentials => ("the API key is invalid".to_owned(), None),
        Failure::Forbidden { needed } => (format!("the key lacks the scope {needed}"), None),
        Failure::NotFound { what } => (format!("the {what} does not exist"), None),
        Failure::Conflict { what } => (what.clone(), None),
        Failure::Unavailable => ("try again shortly".to_owned(), None),
        Failure::Internal { .. } => ("a server error occurred".to_owned(), None),
    }
}
