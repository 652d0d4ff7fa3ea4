//! `POST /ledger/v1/invoices/{id}/credit-notes`, `GET /ledger/v1/credit-notes`, `POST /ledger/v1/credit-notes/{id}/void`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use projections::credit_notes::list_credit_notes;
use projections::customers::find_customer;
use projections::{Cursor, From, ListError, MAX_LIMIT, PageRequest};
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
    customer_id: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    credit_notes: Vec<NoteWire>,
    next_cursor: Option<String>,
    previous_cursor: Option<String>,
}

/// The newest first; of one customer where one is named.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let (tenant, pool) = (caller.principal.tenant.as_str(), app.ledger.pool());
    let limit = params.limit.unwrap_or(MAX_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::invalid("limit", Some(&limit.to_string()), &format!("1 to {MAX_LIMIT}")));
    }
    let from = match &params.cursor {
        None => From::Page(1),
        Some(text) => From::Cursor(Cursor::decode(text).map_err(|_| foreign_cursor(text))?),
    };
    if let Some(customer) = &params.customer_id {
        find_customer(pool, tenant, customer).await?.ok_or_else(|| Failure::not_found("customer"))?;
    }
    let request = PageRequest { limit, from };
    let page =
        list_credit_notes(pool, tenant, params.customer_id.as_deref(), &request).await.map_err(
            |error| match error {
                ListError::Page(_) => foreign_cursor(params.cursor.as_deref().unwrap_or_default()),
                ListError::Store(error) => error.into(),
            },
        )?;
    Ok(Json(ListWire {
        next_cursor: page.next.as_ref().map(Cursor::encode),
        previous_cursor: page.previous.as_ref().map(Cursor::encode),
        credit_notes: page.rows.into_iter().map(NoteWire::of_row).collect(),
    }))
}

fn foreign_cursor(text: &str) -> Failure {
    Failure::invalid("cursor", Some(text), "A cursor of an earlier answer to the same list")
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
