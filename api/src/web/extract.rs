//! Extractors whose rejections name the field that is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use futures::StreamExt as _;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::failure::Failure;

/// Bytes of a JSON body; the largest documented request has under 2 KiB.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Bytes of a body that is too large which are read before the connection is closed.
const MAX_DISCARDED_BYTES: usize = 8 * 1024 * 1024;

/// A JSON body, read into its wire struct, with the bytes it was read from.
#[derive(Debug)]
pub struct Body<T> {
    pub json: T,
    pub bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // A DELETE with a body is often sent without saying what the body is.
        if !declared.is_empty() && !declared.to_ascii_lowercase().starts_with("application/json") {
            return Err(Failure::UnsupportedMediaType);
        }
        let bytes = read_bytes(request, app, MAX_BODY_BYTES).await?;
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let json = from_json(text)?;
        Ok(Self { json, bytes })
    }
}

/// The raw body, up to a limit.
pub async fn read_bytes(request: Request, app: &App, limit_bytes: usize) -> Result<Bytes, Failure> {
    let declared = request.headers().get(axum::http::header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > limit_bytes) {
        discard(request).await;
        return Err(Failure::TooLarge { limit_bytes });
    }
    let limited = request.map(|body| axum::body::Body::new(http_body_util::Limited::new(body, limit_bytes)));
    Bytes::from_request(limited, app).await.map_err(|rejection| {
        if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Failure::TooLarge { limit_bytes }
        } else {
            Failure::Malformed { reason: "the body could not be read".to_owned() }
        }
    })
}

/// Reads what a client is still sending, up to a bound, so that it gets to read the answer: a connection closed under
/// a sender shows it a reset instead.
async fn discard(request: Request) {
    let mut body = Box::pin(request.into_body().into_data_stream());
    let mut left = MAX_DISCARDED_BYTES;
    while let Some(Ok(chunk)) = body.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

/// Reads JSON and says in which field it is wrong.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            let reason = inner.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            let field = missing_field(&reason).unwrap_or(field);
            Failure::Invalid { field, value: None, expected: reason }
        } else {
            Failure::Malformed { reason: format!("the body is not JSON: {inner}") }
        }
    })?;
    deserializer.end().map_err(|error| Failure::Malformed { reason: format!("the body is not JSON: {error}") })?;
    Ok(value)
}

/// The name in serde's "missing field `x`", whose path is the object around it.
fn missing_field(reason: &str) -> Option<String> {
    reason.strip_prefix("missing field `")?.strip_suffix('`').map(str::to_owned)
}

/// Query parameters.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Query(params) = Query::<T>::from_request_parts(parts, app).await.map_err(|rejection| {
            let text = rejection.body_text();
            let detail = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, detail)| detail);
            match detail.split_once(": ") {
                Some((field, reason)) => Failure::invalid(field, None, reason),
                None => Failure::invalid(&missing_field(detail).unwrap_or_else(|| "query".to_owned()), None, detail),
            }
        })?;
        Ok(Self(params))
    }
}
