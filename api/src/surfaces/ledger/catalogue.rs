//! `GET|PUT /ledger/v1/catalog/{plans,coupons,tax-rates}/{id}` and the lists of each: what the tenant sells, in every
//! version, in the form in which a request changes it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::catalogue::Changes;
use domain::catalogue_entry::{CatalogueEntry, Definition, EntryId, Version};
use domain::id::{InvalidId, PlanId, TenantId};
use domain::time::to_micros;
use projections::catalogue::{CatalogueRow, EntryKind, list_catalogue_entries};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::changes::ChangesWire;
use super::events::number;
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::catalogue as operation;
use crate::web::amount::rfc3339_exact;
use crate::web::{Body, Caller, Params, Reply};

/// Entries of one answer.
const MAX_ENTRIES: i64 = 1_000;
const DEFAULT_ENTRIES: i64 = 100;

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    /// An id; entries come in the order of their ids.
    after: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct EntryParams {
    version: Option<String>,
}

/// Beside the fields of an entry its id, its version and since when that is sold.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct EntryWire(Changes);

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(kind): Path<String>,
    Params(params): Params<ListParams>,
) -> Result<Json<Value>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let entry_kind = kind_of(&kind)?;
    let limit = number("limit", params.limit.as_deref(), DEFAULT_ENTRIES, 1, MAX_ENTRIES)?;
    let tenant = caller.principal.tenant.as_str();
    let after = params.after.unwrap_or_default();
    let rows = list_catalogue_entries(app.ledger.pool(), tenant, entry_kind, &after, limit).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|found| found >= limit);
    let next = rows.last().filter(|_| is_full).map(|row| row.entry_id.clone());
    let entries: Vec<EntryWire> = rows.iter().map(listed).collect();
    Ok(Json(json!({ kind.replace('-', "_"): entries, "next": next })))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    Params(params): Params<EntryParams>,
) -> Result<Json<EntryWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let kind = kind_of(&kind)?;
    let version = params.version.as_deref();
    let number = version.map(|text| number("version", Some(text), 1, 1, i64::from(u32::MAX))).transpose()?;
    let id = entry_id(kind, &id).map_err(|_| not_found(kind))?;
    Ok(Json(load(&app, &caller.principal.tenant, &id, number).await?.ok_or_else(|| not_found(kind))?))
}

pub(super) async fn put(
    State(app): State<App>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    body: Body<ChangesWire>,
) -> Result<Reply<EntryWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let kind = kind_of(&kind)?;
    let id = entry_id(kind, &id).map_err(|error| Failure::invalid("id", Some(&id), &error.to_string()))?;
    let call = caller.call(&body.bytes);
    let changes = body.json.read()?;
    let done = operation::change_catalogue_entry(&app.ledger, &call, id.clone(), changes).await?;
    app.wait_for(done.position).await;
    let json = load(&app, &caller.principal.tenant, &id, None).await?.ok_or_else(|| not_found(kind))?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

/// A version of an entry, the newest where none is named.
async fn load(app: &App, tenant: &TenantId, id: &EntryId, number: Option<i64>) -> Result<Option<EntryWire>, Failure> {
    let entry = app.ledger.load::<CatalogueEntry>(tenant, &id.to_string()).await?.state;
    let version = match number {
        None => entry.latest(),
        Some(number) => u32::try_from(number).ok().and_then(|number| entry.version(number)),
    };
    Ok(version.map(|version| versioned(id_of(id), version)))
}

fn listed(row: &CatalogueRow) -> EntryWire {
    wire(&row.entry_id, row.version, row.since_at, &row.definition)
}

fn versioned(id: &str, version: &Version) -> EntryWire {
    wire(id, version.number, to_micros(version.since), &version.definition)
}

fn wire(id: &str, version: u32, since_at: i64, definition: &Definition) -> EntryWire {
    let mut fields = definition.fields();
    // A coupon's code is its id.
    fields.remove("code");
    fields.insert("id".to_owned(), json!(id));
    fields.insert("version".to_owned(), json!(version));
    fields.insert("since".to_owned(), json!(rfc3339_exact(since_at)));
    EntryWire(fields)
}

fn kind_of(word: &str) -> Result<EntryKind, Failure> {
    match word {
        "plans" => Ok(EntryKind::Plan),
        "coupons" => Ok(EntryKind::Coupon),
        "tax-rates" => Ok(EntryKind::TaxRate),
        _ => Err(Failure::not_found("route")),
    }
}

fn entry_id(kind: EntryKind, id: &str) -> Result<EntryId, InvalidId> {
    match kind {
        EntryKind::Plan => PlanId::parse(id).map(EntryId::Plan),
        EntryKind::Coupon => EntryId::coupon(id),
        EntryKind::TaxRate => EntryId::tax_rate(id),
    }
}

fn id_of(id: &EntryId) -> &str {
    match id {
        EntryId::Plan(id) => id.as_str(),
        EntryId::Coupon(id) | EntryId::TaxRate(id) => id,
    }
}

fn not_found(kind: EntryKind) -> Failure {
    Failure::not_found(match kind {
        EntryKind::Plan => "plan",
        EntryKind::Coupon => "coupon",
        EntryKind::TaxRate => "tax rate",
    })
}
