//! Failures in the coaching surface's words: one match to status, type and code (seed 000_, "API Error Responses").

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::failure::{Failure, RETRY_AFTER_S};
use crate::web::RequestId;
use crate::web::amount::rfc3339;

#[derive(Debug, Serialize)]
struct Wire {
    error: Inner,
}

#[derive(Debug, Serialize)]
struct Inner {
    #[serde(rename = "type")]
    kind: &'static str,
    code: &'static str,
    message: String,
    details: Map<String, Value>,
    request_id: String,
    timestamp: String,
}

/// Longest value of a request that is repeated in an error.
const MAX_ECHO_CHARS: usize = 200;

pub(super) fn render(failure: &Failure, request_id: &RequestId, now: Timestamp) -> Response {
    let (status, kind, code) = classify(failure);
    let wire = Wire {
        error: Inner {
            kind,
            code,
            message: message(failure),
            details: details(failure),
            request_id: request_id.0.clone(),
            timestamp: rfc3339(now),
        },
    };
    let mut response = (status, Json(wire)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

fn classify(failure: &Failure) -> (StatusCode, &'static str, &'static str) {
    match failure {
        Failure::Invalid { field, value: Some(_), .. } if field == "email" => {
            (StatusCode::BAD_REQUEST, "validation_error", "INVALID_EMAIL_FORMAT")
        }
        Failure::Invalid { .. } | Failure::Malformed { .. } => {
            (StatusCode::BAD_REQUEST, "validation_error", "VALIDATION_ERROR")
        }
        Failure::Webhook { code, .. } => (StatusCode::BAD_REQUEST, "webhook_error", code),
        Failure::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "validation_error", "VALIDATION_ERROR"),
        Failure::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "validation_error", "VALIDATION_ERROR"),
        Failure::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "validation_error", "VALIDATION_ERROR"),
        Failure::Unauthenticated => (StatusCode::UNAUTHORIZED, "authentication_error", "AUTHENTICATION_REQUIRED"),
        Failure::WrongCredentials => (StatusCode::UNAUTHORIZED, "authentication_error", "INVALID_API_KEY"),
        Failure::Forbidden { .. } => (StatusCode::FORBIDDEN, "permission_error", "INSUFFICIENT_PERMISSIONS"),
        Failure::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found_error", "RESOURCE_NOT_FOUND"),
        Failure::Conflict { .. } | Failure::Illegal { .. } => {
            (StatusCode::CONFLICT, "conflict_error", "RESOURCE_CONFLICT")
        }
        Failure::PaymentFailed { .. } => (StatusCode::BAD_REQUEST, "payment_error", "PAYMENT_FAILED"),
        Failure::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "service_error", "SERVICE_UNAVAILABLE"),
        Failure::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "INTERNAL_ERROR"),
    }
}

/// The document's own words where it prints some.
fn message(failure: &Failure) -> String {
    if let Failure::Invalid { field, value: Some(_), .. } = failure
        && field == "email"
    {
        return "The email address format is invalid".to_owned();
    }
    failure.to_string()
}

fn details(failure: &Failure) -> Map<String, Value> {
    let value = match failure {
        Failure::Invalid { field, value, expected } => {
            let value = value.as_ref().map(|value| value.chars().take(MAX_ECHO_CHARS).collect::<String>());
            json!({ "field": field, "value": value, "expected_format": expected })
        }
        Failure::NotFound { what } => json!({ "resource": what }),
        Failure::TooLarge { limit_bytes } => json!({ "limit_bytes": limit_bytes }),
        Failure::Forbidden { needed } => json!({ "required_scope": needed }),
        Failure::PaymentFailed { decline_code, payment_id } => {
            json!({ "decline_code": decline_code, "payment_id": payment_id })
        }
        // What stands in the way is always where the thing stands.
        Failure::Illegal { .. } => json!({ "field": "status" }),
        Failure::Malformed { .. }
        | Failure::Webhook { .. }
        | Failure::UnsupportedMediaType
        | Failure::MethodNotAllowed
        | Failure::Unauthenticated
        | Failure::WrongCredentials
        | Failure::Conflict { .. }
        | Failure::Unavailable
        | Failure::Internal { .. } => json!({}),
    };
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
