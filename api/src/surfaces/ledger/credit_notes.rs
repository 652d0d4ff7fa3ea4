//! `POST /ledger/v1/invoices/{id}/credit-notes`, `GET /ledger/v1/credit-notes`, `POST /ledger/v1/credit-notes/{id}/void`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::invoice::Invoice;
use projections::{From, PageRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::invoice_wire::{NoteWire, note_wire};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::invoices::{self as operation, CreditTo};
use crate::operations::{Call, Done};
use crate::web::{Body, Caller, Params, Reply, Sum};

#[derive(Debug, Deserialize)]
pub(super) struct NoteWrite {
    /// A sum with its tax; all that is left, where it is not named.
    amount: Option<Sum>,
    to: Option<String>,
    reason: Option<String>,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
    body: Body<NoteWrite>,
) -> Result<Reply<NoteWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let to = match wire.to.as_deref() {
        None | Some("balance") => CreditTo::Balance,
        Some("refund") => CreditTo::Refund,
        Some("receivable") => CreditTo::Receivable,
        Some(other) => return Err(Failure::invalid("to", Some(other), "balance, refund or receivable")),
    };
    let snapshot = operation::invoice(&app.ledger, &call, &operation::parse(&invoice_id)?).await?;
    let amount = wire.amount.map(|amount| amount.positive("amount", snapshot.currency)).transpose()?;
    let amount_minor = amount.map(domain::money::Money::minor);
    let done = operation::credit_invoice(&app.ledger, &call, &invoice_id, amount_minor, to, wire.reason).await?;
    answer(&app, &call, done, StatusCode::CREATED).await
}

pub(super) async fn void(
    State(app): State<App>,
    caller: Caller,
    Path(note_id): Path<String>,
    body: Body<Value>,
) -> Result<Reply<NoteWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let done = operation::void_credit_note(&app.ledger, &call, &note_id).await?;
    answer(&app, &call, done, StatusCode::OK).await
}

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    customer_id: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    credit_notes: Vec<NoteWire>,
}

/// The notes on all invoices of a customer, in the order of the invoices, the newest first.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let tenant = &caller.principal.tenant;
    let pool = app.ledger.pool();
    projections::customers::find_customer(pool, tenant.as_str(), &params.customer_id)
        .await?
        .ok_or_else(|| Failure::not_found("customer"))?;
    let mut credit_notes = Vec::new();
    let mut from = From::Page(1);
    loop {
        let request = PageRequest { limit: projections::MAX_LIMIT, from };
        let page =
            projections::invoices::invoices_of_customer(pool, tenant.as_str(), &params.customer_id, None, &request)
                .await
                .map_err(|error| Failure::Internal { reason: error.to_string() })?;
        for row in &page.rows {
            let loaded = app.ledger.load::<Invoice>(tenant, &row.invoice_id).await?;
            if let Some(snapshot) = loaded.state.snapshot() {
                credit_notes.extend(snapshot.notes.iter().map(|note| note_wire(&row.invoice_id, snapshot, note)));
            }
        }
        match page.next {
            Some(next) => from = From::Cursor(next),
            None => return Ok(Json(ListWire { credit_notes })),
        }
    }
}

async fn answer(app: &App, call: &Call, done: Done, status: StatusCode) -> Result<Reply<NoteWire>, Failure> {
    app.wait_for(done.position).await;
    let invoice_id = operation::invoice_of_note(&done.id)?.to_string();
    let at = Done { id: invoice_id.clone(), position: done.position };
    let invoice = operation::invoice_at(&app.ledger, call, &at).await?;
    let missing = || Failure::not_found("credit note");
    let snapshot = invoice.snapshot().ok_or_else(missing)?;
    let note = snapshot.notes.iter().find(|note| note.id == done.id).ok_or_else(missing)?;
    Ok(Reply { status, position: done.position, json: note_wire(&invoice_id, snapshot, note) })
}
