//! `GET /ledger/v1/streams/{type}/{id}`: one stream's events and what they fold to.

use axum::Json;
use axum::extract::{Path, State};
use domain::account::Account;
use domain::catalogue_entry::CatalogueEntry;
use domain::customer::Customer;
use domain::dunning::Dunning;
use domain::id::TenantId;
use domain::invoice::Invoice;
use domain::issued::Decider;
use domain::payment::Payment;
use domain::payout::Payout;
use domain::processor_call::ProcessorCall;
use domain::sandbox::Sandbox;
use domain::stripe_event::StripeEvent;
use domain::subscription::Subscription;
use domain::tenant_settings::TenantSettings;
use domain::usage::UsageLog;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::AsOf;

use super::events::{EventWire, number, wire};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::web::{Caller, Params};

/// Events of one answer.
const MAX_EVENTS: i64 = 1_000;

#[derive(Debug, Deserialize)]
pub(super) struct StreamParams {
    /// A position; the head where it is not given.
    as_of: Option<String>,
    after: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct StreamWire {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    sequence: i64,
    state: Value,
    events: Vec<EventWire>,
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    Params(params): Params<StreamParams>,
) -> Result<Json<StreamWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let tenant = &caller.principal.tenant;
    let as_of = number("as_of", params.as_of.as_deref(), i64::MAX, 0, i64::MAX)?;
    let after = number("after", params.after.as_deref(), 0, 0, i64::MAX)?;
    let limit = number("limit", params.limit.as_deref(), MAX_EVENTS, 1, MAX_EVENTS)?;
    let (state, sequence) = fold(&app, tenant, &kind, &id, as_of).await?;
    if sequence == 0 {
        return Err(Failure::not_found("stream"));
    }
    let entries = app.ledger.read_stream(tenant, &kind, &id, after, limit).await?;
    let events =
        entries.into_iter().filter(|entry| entry.position <= as_of).map(wire).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(StreamWire { kind, id, sequence, state, events }))
}

async fn fold(app: &App, tenant: &TenantId, kind: &str, id: &str, as_of: i64) -> Result<(Value, i64), Failure> {
    match kind {
        Customer::TYPE => folded::<Customer>(app, tenant, id, as_of).await,
        Subscription::TYPE => folded::<Subscription>(app, tenant, id, as_of).await,
        Invoice::TYPE => folded::<Invoice>(app, tenant, id, as_of).await,
        Payment::TYPE => folded::<Payment>(app, tenant, id, as_of).await,
        Dunning::TYPE => folded::<Dunning>(app, tenant, id, as_of).await,
        StripeEvent::TYPE => folded::<StripeEvent>(app, tenant, id, as_of).await,
        CatalogueEntry::TYPE => folded::<CatalogueEntry>(app, tenant, id, as_of).await,
        TenantSettings::TYPE => folded::<TenantSettings>(app, tenant, id, as_of).await,
        Account::TYPE => folded::<Account>(app, tenant, id, as_of).await,
        UsageLog::TYPE => folded::<UsageLog>(app, tenant, id, as_of).await,
        Sandbox::TYPE => folded::<Sandbox>(app, tenant, id, as_of).await,
        Payout::TYPE => folded::<Payout>(app, tenant, id, as_of).await,
        ProcessorCall::TYPE => folded::<ProcessorCall>(app, tenant, id, as_of).await,
        _ => Err(Failure::not_found("stream type")),
    }
}

async fn folded<A: Decider>(app: &App, tenant: &TenantId, id: &str, as_of: i64) -> Result<(Value, i64), Failure> {
    let loaded = app.ledger.load_at::<A>(tenant, id, AsOf::Position(as_of)).await?;
    let state =
        serde_json::to_value(loaded.state.as_ref()).map_err(|error| Failure::Internal { reason: error.to_string() })?;
    Ok((state, loaded.sequence))
}
