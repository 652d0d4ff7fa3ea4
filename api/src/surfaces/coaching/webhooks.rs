//! Stripe's webhook and its log: `POST /webhooks/stripe`, `GET /webhooks/events`, `POST /webhooks/events/{id}/retry`.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use domain::id::TenantId;
use domain::sealed::Sealed;
use projections::webhooks::{WebhookEvent, WebhookFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::paging::{self, Pagination};
use super::{TENANT, own};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::stripe_events;
use crate::stripe::signature;
use crate::web::amount::rfc3339_micros;
use crate::web::extract::read_bytes;
use crate::web::{Caller, Params, Reply, RequestId};

/// Bytes of a webhook body. Stripe's largest events are a few hundred KiB.
const MAX_WEBHOOK_BYTES: usize = 1024 * 1024;

#[derive(Debug, Serialize)]
pub(super) struct Acknowledged {
    received: bool,
}

/// Verifies the signature on the raw bytes, appends, answers. What follows from the event is the reactor's work.
pub(super) async fn receive(State(app): State<App>, request: Request) -> Result<Reply<Acknowledged>, Failure> {
    let _delivery = app.ledger.intake().begin();
    let tenant = TenantId::parse(TENANT).map_err(|error| Failure::Internal { reason: error.to_string() })?;
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let headers: Vec<_> = request.headers().get_all("stripe-signature").iter().cloned().collect();
    let bytes = read_bytes(request, &app, MAX_WEBHOOK_BYTES).await?;
    let header = match headers.as_slice() {
        [] => None,
        [one] => Some(one.to_str().map_err(|_| wrong_signature(signature::SignatureError::Malformed))?),
        _ => return Err(wrong_signature(signature::SignatureError::Malformed)),
    };
    let secrets =
        app.settings.tenant(&tenant).map(|tenant| tenant.stripe_webhook_secrets.as_slice()).unwrap_or_default();
    let now_s = app.ledger.clock().now().as_second();
    signature::verify(header, &bytes, secrets, now_s, app.settings.webhook_tolerance_s).map_err(wrong_signature)?;
    let done = stripe_events::receive_stripe_event(&app.ledger, &tenant, request_id, &bytes).await?;
    app.metrics.webhook_received();
    Ok(Reply { status: StatusCode::OK, position: done.position, json: Acknowledged { received: true } })
}

fn wrong_signature(error: signature::SignatureError) -> Failure {
    let code = match error {
        signature::SignatureError::Missing => "SIGNATURE_MISSING",
        signature::SignatureError::Malformed => "SIGNATURE_MALFORMED",
        signature::SignatureError::NoSupportedScheme => "SIGNATURE_SCHEME",
        signature::SignatureError::Mismatch => "SIGNATURE_MISMATCH",
        signature::SignatureError::Stale => "SIGNATURE_STALE",
    };
    Failure::Webhook { code, reason: error.to_string() }
}

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    source: Option<String>,
    processed: Option<String>,
    event_type: Option<String>,
    page: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct EventWire {
    event_id: String,
    source: String,
    event_type: String,
    processed: bool,
    processed_at: Option<String>,
    retry_count: i64,
    outcome: String,
    reason: Option<String>,
    conflicts: i64,
    data: Value,
    created_at: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    events: Vec<EventWire>,
    pagination: Pagination,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let processed = match params.processed.as_deref() {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(other) => return Err(Failure::invalid("processed", Some(other), "true or false")),
    };
    let wanted = paging::request(params.page.as_deref(), params.limit.as_deref(), params.cursor.as_deref(), 50)?;
    let filter =
        WebhookFilter { source: params.source.as_deref(), processed, event_type: params.event_type.as_deref() };
    let page = projections::webhooks::list_webhook_events(app.ledger.pool(), tenant.as_str(), filter, &wanted)
        .await
        .map_err(paging::list_failure)?;
    let pagination = Pagination::of(&wanted, &page);
    let bodies: Vec<&Sealed> = page.rows.iter().filter_map(|event| event.body.as_ref()).collect();
    let mut plain = app.ledger.keyring().unseal_many(tenant, &bodies).await?.into_iter();
    let events = page
        .rows
        .into_iter()
        .map(|event| {
            let body = if event.body.is_some() { plain.next().flatten() } else { None };
            wire(event, body.as_deref())
        })
        .collect();
    Ok(Json(ListWire { events, pagination }))
}

fn wire(event: WebhookEvent, body: Option<&str>) -> EventWire {
    let row = event.row;
    let body: Value = body.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    EventWire {
        data: body.pointer("/data/object").map_or(Value::Object(Map::new()), summary),
        source: row.source,
        event_type: row.event_type,
        processed: row.processed,
        processed_at: row.processed_at.map(rfc3339_micros),
        retry_count: row.retry_count,
        outcome: row.outcome,
        reason: row.reason,
        conflicts: row.conflicts,
        created_at: rfc3339_micros(row.created_at),
        event_id: row.event_id,
    }
}

/// The object's plain fields, as the document prints them: what nests is left to the ledger's own surface. Secrets and
/// links that open pages without a login are for nobody who only reads a log.
fn summary(object: &Value) -> Value {
    match object {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(_, value)| !value.is_object() && !value.is_array() && !value.is_null())
                .filter(|(name, _)| !name.ends_with("_secret") && !name.ends_with("url"))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Value::Object(Map::new())
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct RetryWire {
    event_id: String,
    status: &'static str,
    retry_count: i64,
}

pub(super) async fn retry(
    State(app): State<App>,
    caller: Caller,
    Path(event_id): Path<String>,
) -> Result<Reply<RetryWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let done = stripe_events::retry_stripe_event(&app.ledger, &caller.call(b""), &event_id).await?;
    app.wait_for(done.position).await;
    let found = projections::webhooks::find_webhook_event(app.ledger.pool(), tenant.as_str(), &event_id)
        .await?
        .ok_or_else(|| Failure::not_found("webhook event"))?;
    let json = RetryWire { event_id, status: "queued", retry_count: found.row.retry_count };
    Ok(Reply { status: StatusCode::ACCEPTED, position: done.position, json })
}
