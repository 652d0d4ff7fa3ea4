//! `GET /ledger/v1/events`: the tenant's events in the order of the ledger, as JSON or one a line.

use axum::Json;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::Entry;

use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::web::amount::rfc3339_exact;
use crate::web::{Caller, Params};

/// Events of one answer.
const MAX_EVENTS: i64 = 1_000;
const DEFAULT_EVENTS: i64 = 100;
/// Where the next page starts, for answers that have no envelope.
const NEXT: HeaderName = HeaderName::from_static("daybook-next");
const NDJSON: &str = "application/x-ndjson";

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    after: Option<String>,
    limit: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    /// `subscription/sub_…`.
    stream: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct StreamName {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
}

#[derive(Debug, Serialize)]
pub(super) struct EventWire {
    position: i64,
    stream: StreamName,
    sequence: i64,
    #[serde(rename = "type")]
    event_type: String,
    version: String,
    event_id: String,
    recorded_at: String,
    booked_at: String,
    effective_at: String,
    actor: Option<String>,
    request_id: Option<String>,
    cause: Option<i64>,
    hash: String,
    data: Box<RawValue>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    actor: Option<String>,
    request_id: Option<String>,
    /// Text, since the stock libraries read metadata as a map of texts.
    cause: Option<String>,
}

#[derive(Debug, Serialize)]
struct ListWire {
    events: Vec<EventWire>,
    next: i64,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Params(params): Params<ListParams>,
) -> Result<Response, Failure> {
    caller.require(Scope::LedgerRead)?;
    let after = number("after", params.after.as_deref(), 0, 0, i64::MAX)?;
    let limit = number("limit", params.limit.as_deref(), DEFAULT_EVENTS, 1, MAX_EVENTS)?;
    let stream = match params.stream.as_deref() {
        None => None,
        Some(text) => Some(text.split_once('/').ok_or_else(|| Failure::invalid("stream", Some(text), "type/id"))?),
    };
    let tenant = &caller.principal.tenant;
    let page = app.ledger.read_filtered(tenant, after, limit, params.event_type.as_deref(), stream).await?;
    let events = page.entries.into_iter().map(wire).collect::<Result<Vec<_>, _>>()?;
    let wants_lines =
        headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(NDJSON));
    if !wants_lines {
        return Ok(Json(ListWire { events, next: page.next }).into_response());
    }
    let mut lines = Vec::new();
    for event in &events {
        serde_json::to_writer(&mut lines, event).map_err(|error| Failure::Internal { reason: error.to_string() })?;
        lines.push(b'\n');
    }
    Ok(([(CONTENT_TYPE, NDJSON.to_owned()), (NEXT, page.next.to_string())], lines).into_response())
}

/// A stored event as this surface shows it.
pub(super) fn wire(entry: Entry) -> Result<EventWire, Failure> {
    let broken =
        |error: serde_json::Error| Failure::Internal { reason: format!("position {}: {error}", entry.position) };
    let metadata: Metadata = serde_json::from_str(&entry.metadata).map_err(broken)?;
    let data = RawValue::from_string(entry.payload.clone()).map_err(broken)?;
    Ok(EventWire {
        position: entry.position,
        stream: StreamName { kind: entry.aggregate_type, id: entry.aggregate_id },
        sequence: entry.sequence,
        event_type: entry.event_type,
        version: entry.event_version,
        event_id: entry.event_id.to_string(),
        recorded_at: rfc3339_exact(entry.recorded_at),
        booked_at: rfc3339_exact(entry.booked_at),
        effective_at: rfc3339_exact(entry.effective_at),
        actor: metadata.actor,
        request_id: metadata.request_id,
        cause: metadata.cause.and_then(|position| position.parse().ok()),
        hash: hex::encode(entry.entry_hash),
        data,
    })
}

pub(super) fn number(field: &str, text: Option<&str>, default: i64, least: i64, most: i64) -> Result<i64, Failure> {
    let Some(text) = text else { return Ok(default) };
    let value = text.parse::<i64>().ok().filter(|value| (least..=most).contains(value));
    value.ok_or_else(|| Failure::invalid(field, Some(text), &format!("a number from {least} to {most}")))
}
