//! `GET /customers/{id}/invoices`, `GET /invoices/{id}`, `POST /invoices/{id}/pay` and `…/remind`, and the PDF in a file of
//! its own.

mod pdf;
mod wire;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::id::TenantId;
use domain::invoice::{InvoiceSnapshot, InvoiceStatus};
use domain::sealed::Sealed;
use projections::invoices::InvoiceRow;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::paging::{self, Pagination};
use super::{own, person, words};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::Call;
use crate::operations::invoices as operation;
use crate::operations::payments::{self, PayWith, RetryFields};
use crate::web::amount::{Amount, rfc3339};
use crate::web::{Body, Caller, Params, Reply, etag};

pub(super) use pdf::pdf;
use wire::{InvoiceWire, sealed_of, wire};
pub(super) use wire::{LineWire, line_wires};

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    status: Option<String>,
    page: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    invoices: Vec<InvoiceWire>,
    pagination: Pagination,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let status = match params.status.as_deref() {
        None => None,
        Some(word) => Some(InvoiceStatus::from_word(word).ok_or_else(|| {
            Failure::invalid("status", Some(word), "draft, open, paid, uncollectible, void or deleted")
        })?),
    };
    let wanted = paging::request(params.page.as_deref(), params.limit.as_deref(), params.cursor.as_deref(), 25)?;
    let pool = app.ledger.pool();
    projections::customers::find_customer(pool, tenant.as_str(), &customer_id)
        .await?
        .ok_or_else(|| Failure::not_found("customer"))?;
    let page = projections::invoices::invoices_of_customer(pool, tenant.as_str(), &customer_id, status, &wanted)
        .await
        .map_err(paging::list_failure)?;
    let pagination = Pagination::of(&wanted, &page);
    let sealed: Vec<Option<&Sealed>> = page.rows.iter().flat_map(sealed_of).collect();
    let mut plain = person::unseal_all(&app, tenant, &sealed).await?.into_iter();
    let invoices = page.rows.into_iter().map(|row| wire(row, &mut plain)).collect();
    Ok(Json(ListWire { invoices, pagination }))
}

#[derive(Debug, Serialize)]
struct NoteWire {
    credit_note_id: String,
    credit_note_number: String,
    amount: Amount,
    status: &'static str,
    issued_at: String,
}

#[derive(Debug, Serialize)]
struct CouponWire {
    code: String,
    amount: Amount,
}

/// One invoice, with what a list leaves out.
#[derive(Debug, Serialize)]
pub(super) struct OneWire {
    #[serde(flatten)]
    invoice: InvoiceWire,
    discounts: Vec<CouponWire>,
    balance_applied: Amount,
    credit_notes: Vec<NoteWire>,
    payment_id: Option<String>,
    attempt_count: u32,
    next_payment_attempt: Option<String>,
    overdue: bool,
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let row = find(&app, tenant, &invoice_id).await?;
    let position = row.position;
    Ok(([etag(position)], Json(render(&app, &caller.call(&[]), row).await?)))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct PayWire {
    payment_method_id: Option<String>,
}

pub(super) async fn pay(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
    body: Body<PayWire>,
) -> Result<Reply<OneWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let method = words::payment_method(body.json.payment_method_id.as_deref())?;
    let fields = RetryFields {
        invoice_id: invoice_id.clone(),
        customer_id: None,
        amount: None,
        pay_with: method.map_or(PayWith::Agreed, PayWith::Method),
    };
    let done = payments::retry_payment(&app.ledger, &call, &fields).await?;
    app.wait_for(done.position).await;
    payments::outcome_of(&app.ledger, &call, &done).await?;
    let json = render(&app, &call, find(&app, tenant, &invoice_id).await?).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct RemindWire {
    message_type: Option<String>,
    send_via: Option<Vec<String>>,
}

/// Ways in which a reminder can be sent.
const REMINDED_VIA: [&str; 2] = ["email", "sms"];

pub(super) async fn remind(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
    body: Body<RemindWire>,
) -> Result<Reply<Value>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let send_via = body.json.send_via.unwrap_or_else(|| vec!["email".to_owned()]);
    if let Some(other) = send_via.iter().find(|way| !REMINDED_VIA.contains(&way.as_str())) {
        return Err(Failure::invalid("send_via", Some(other), "email or sms"));
    }
    if send_via.is_empty() {
        return Err(Failure::invalid("send_via", None, "At least one of email and sms"));
    }
    let done = operation::remind_of_invoice(&app.ledger, &call, &invoice_id).await?;
    app.wait_for(done.position).await;
    let json = json!({
        "invoice_id": invoice_id,
        "status": "queued",
        "message_type": body.json.message_type.unwrap_or_else(|| "gentle_reminder".to_owned()),
        "send_via": send_via,
        "queued_at": rfc3339(call.now),
    });
    Ok(Reply { status: StatusCode::ACCEPTED, position: done.position, json })
}

async fn find(app: &App, tenant: &TenantId, invoice_id: &str) -> Result<InvoiceRow, Failure> {
    let row = projections::invoices::find_invoice(app.ledger.pool(), tenant.as_str(), invoice_id).await?;
    row.filter(|row| row.status != InvoiceStatus::Deleted).ok_or_else(|| Failure::not_found("invoice"))
}

async fn render(app: &App, call: &Call, row: InvoiceRow) -> Result<OneWire, Failure> {
    let id = operation::parse(&row.invoice_id)?;
    let snapshot = operation::invoice(&app.ledger, call, &id).await?;
    let sealed: Vec<Option<&Sealed>> = sealed_of(&row).collect();
    let mut plain = person::unseal_all(app, &call.tenant, &sealed).await?.into_iter();
    Ok(one(&snapshot, wire(row, &mut plain)))
}

fn one(snapshot: &InvoiceSnapshot, invoice: InvoiceWire) -> OneWire {
    let amount = |minor| Amount::minor(minor, snapshot.currency);
    let coupons = snapshot.discounts.iter();
    let notes = snapshot.notes.iter();
    OneWire {
        invoice,
        discounts: coupons
            .map(|share| CouponWire { code: share.coupon.clone(), amount: amount(share.amount_minor) })
            .collect(),
        balance_applied: amount(snapshot.applied_credit_minor + snapshot.applied_prepaid_minor),
        credit_notes: notes
            .map(|note| NoteWire {
                credit_note_id: note.id.clone(),
                credit_note_number: note.number.clone(),
                amount: amount(note.note.figures().total_minor),
                status: if note.voided_at.is_some() { "void" } else { "issued" },
                issued_at: rfc3339(note.issued_at),
            })
            .collect(),
        payment_id: snapshot.payment.as_ref().map(ToString::to_string),
        attempt_count: snapshot.attempt_count,
        next_payment_attempt: snapshot.next_attempt_at.map(rfc3339),
        overdue: snapshot.overdue,
    }
}
