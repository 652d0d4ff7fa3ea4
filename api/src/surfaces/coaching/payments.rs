//! `POST /payments`, `GET /payments/{id}`, `POST /payments/{id}/refund`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::money::Currency;
use domain::payment::{Payment, PaymentSnapshot, RefundReport, RefundStatus};
use domain::sealed::Sealed;
use serde::{Deserialize, Serialize};

use super::payment_methods::CardNumberWire;
use super::{own, person, words};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::payment_methods::NewMethod;
use crate::operations::payments::{self as operation, PayWith, RetryFields, SaleFields};
use crate::operations::{Call, invoices};
use crate::web::amount::{Amount, rfc3339};
use crate::web::sum::currency;
use crate::web::{Body, Caller, Reply, Sum, etag};

/// Longest description of a payment.
const MAX_TEXT_CHARS: usize = 1_000;
/// Why money is given back, in the processor's words.
const REASONS: [&str; 4] = ["requested_by_customer", "duplicate", "fraudulent", "other"];

#[derive(Debug, Deserialize)]
pub(super) struct PaymentWrite {
    customer_id: Option<String>,
    amount: Option<Sum>,
    currency: Option<String>,
    /// A failed payment's invoice, to be charged again.
    invoice_id: Option<String>,
    payment_method_id: Option<String>,
    card: Option<CardNumberWire>,
    description: Option<String>,
}

#[derive(Debug, Serialize)]
struct MethodWire {
    #[serde(rename = "type")]
    kind: Option<String>,
    last4: Option<String>,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
}

#[derive(Debug, Serialize)]
pub(super) struct RefundWire {
    refund_id: String,
    payment_id: String,
    amount: Amount,
    currency: &'static str,
    status: &'static str,
    reason: Option<String>,
    created_at: String,
    /// Of the payment, all refunds together.
    refunded_amount: Amount,
    payment_status: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct PaymentWire {
    payment_id: String,
    stripe_payment_intent_id: String,
    customer_id: Option<String>,
    invoice_id: Option<String>,
    amount: Amount,
    currency: &'static str,
    status: &'static str,
    payment_method: MethodWire,
    description: Option<String>,
    /// Why the last attempt failed; null where it did not.
    decline_code: Option<String>,
    failed_attempts: u32,
    receipt_url: Option<String>,
    /// The processor's; null until it is known.
    processing_fee: Option<Amount>,
    net_amount: Option<Amount>,
    refunded_amount: Amount,
    disputed: bool,
    refunds: Vec<RefundWire>,
    processed_at: String,
    created_at: String,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    body: Body<PaymentWrite>,
) -> Result<Reply<PaymentWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let pay_with = match (wire.payment_method_id.as_deref(), wire.card) {
        (Some(_), Some(_)) => return Err(Failure::invalid("card", None, "Either a card or a payment_method_id")),
        (None, Some(card)) => PayWith::New(NewMethod::Card(card.read(&app, tenant, call.now)?)),
        (method, None) => words::payment_method(method)?.map_or(PayWith::Agreed, PayWith::Method),
    };
    let asked = wire.currency.as_deref().map(|code| currency("currency", code)).transpose()?;
    let missing = |field: &str| Failure::invalid(field, None, &format!("missing field `{field}`"));
    let done = if let Some(invoice_id) = wire.invoice_id {
        let amount = match &wire.amount {
            Some(amount) => Some(amount.positive("amount", of_invoice(&app, &call, &invoice_id, asked).await?)?),
            None => None,
        };
        let fields = RetryFields { invoice_id, customer_id: wire.customer_id, amount, pay_with };
        operation::retry_payment(&app.ledger, &call, &fields).await?
    } else {
        let customer_id = wire.customer_id.ok_or_else(|| missing("customer_id"))?;
        let amount = wire.amount.ok_or_else(|| missing("amount"))?;
        let amount = amount.positive("amount", asked.ok_or_else(|| missing("currency"))?)?;
        let description = checked_text("description", wire.description)?;
        let fields = SaleFields { customer_id, amount, description, pay_with };
        operation::sell(&app.ledger, &call, &fields).await?
    };
    app.wait_for(done.position).await;
    let payment = operation::outcome_of(&app.ledger, &call, &done).await?;
    let json = render(&app, &call, &done.id, &payment).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(payment_id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Scope::Read)?;
    own(&caller.principal)?;
    let call = caller.call(&[]);
    let id = operation::parse(&payment_id)?;
    let loaded = app.ledger.load::<Payment>(&call.tenant, id.as_str()).await?;
    let json = render(&app, &call, &payment_id, &loaded.state).await?;
    Ok(([etag(loaded.sequence)], Json(json)))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct RefundWrite {
    /// All that is left, where it is not named.
    amount: Option<Sum>,
    currency: Option<String>,
    reason: Option<String>,
}

pub(super) async fn refund(
    State(app): State<App>,
    caller: Caller,
    Path(payment_id): Path<String>,
    body: Body<RefundWrite>,
) -> Result<Reply<RefundWire>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let payment = operation::payment(&app.ledger, &call, &operation::parse(&payment_id)?).await?;
    let asked = wire.currency.as_deref().map(|code| currency("currency", code)).transpose()?;
    if asked.is_some_and(|asked| asked != payment.currency) {
        let expected = format!("{}, as the payment is in", payment.currency);
        return Err(Failure::invalid("currency", wire.currency.as_deref(), &expected));
    }
    if let Some(other) = wire.reason.as_deref().filter(|reason| !REASONS.contains(reason)) {
        return Err(Failure::invalid("reason", Some(other), &REASONS.join(", ")));
    }
    let amount = wire.amount.map(|amount| amount.positive("amount", payment.currency)).transpose()?;
    let amount_minor = amount.map(domain::money::Money::minor);
    let done = operation::refund_payment(&app.ledger, &call, &payment_id, amount_minor, wire.reason).await?;
    app.wait_for(done.position).await;
    let (refunded, refund) = operation::refund_of(&app.ledger, &call, &payment_id, &done).await?;
    let json = refund_wire(&payment_id, &refunded, &refund);
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

/// The currency that an amount for an invoice is read in.
async fn of_invoice(app: &App, call: &Call, id: &str, asked: Option<Currency>) -> Result<Currency, Failure> {
    match asked {
        Some(currency) => Ok(currency),
        None => Ok(invoices::invoice(&app.ledger, call, &invoices::parse(id)?).await?.currency),
    }
}

async fn render(app: &App, call: &Call, id: &str, payment: &Payment) -> Result<PaymentWire, Failure> {
    let snapshot = payment.snapshot().ok_or_else(|| Failure::not_found("payment"))?;
    let note = operation::note_of(&app.ledger, call, &snapshot).await?;
    let sealed: [Option<&Sealed>; 3] =
        [snapshot.last4.as_ref(), snapshot.description.as_ref().or(note.as_ref()), snapshot.receipt_url.as_ref()];
    let mut plain = person::unseal_all(app, &call.tenant, &sealed).await?.into_iter();
    let (last4, description, receipt_url) = (plain.next().flatten(), plain.next().flatten(), plain.next().flatten());
    let amount = |minor| Amount::minor(minor, snapshot.currency);
    let invoice = snapshot.invoice.as_ref().filter(|_| snapshot.succeeded_at.is_some());
    Ok(PaymentWire {
        payment_id: id.to_owned(),
        stripe_payment_intent_id: person::processor_id(snapshot.origin, id),
        customer_id: snapshot.customer.as_ref().map(ToString::to_string),
        invoice_id: snapshot.invoice.as_ref().map(ToString::to_string),
        amount: amount(snapshot.amount_minor),
        currency: snapshot.currency.code(),
        status: snapshot.status.as_str(),
        payment_method: MethodWire {
            kind: snapshot.method_type.clone(),
            last4,
            exp_month: snapshot.exp_month,
            exp_year: snapshot.exp_year,
        },
        description,
        decline_code: snapshot.decline_code.clone(),
        failed_attempts: snapshot.failed_attempts,
        // A paid invoice is its receipt.
        receipt_url: receipt_url.or_else(|| invoice.map(|invoice| format!("/api/v1/invoices/{invoice}/pdf"))),
        processing_fee: snapshot.fee_minor.map(amount),
        net_amount: snapshot.net_minor.map(amount),
        refunded_amount: amount(snapshot.refunded_minor),
        disputed: snapshot.open_dispute || snapshot.disputed_minor > 0,
        refunds: payment.all_refunds().map(|refund| refund_wire(id, &snapshot, refund)).collect(),
        processed_at: rfc3339(snapshot.succeeded_at.unwrap_or(snapshot.created_at)),
        created_at: rfc3339(snapshot.created_at),
    })
}

fn refund_wire(payment_id: &str, payment: &PaymentSnapshot, refund: &RefundReport) -> RefundWire {
    RefundWire {
        refund_id: refund.id.clone(),
        payment_id: payment_id.to_owned(),
        amount: Amount::minor(refund.amount_minor, refund.currency),
        currency: refund.currency.code(),
        status: match refund.status {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed => "failed",
            RefundStatus::Canceled => "canceled",
        },
        reason: refund.reason.clone(),
        created_at: rfc3339(refund.created_at),
        refunded_amount: Amount::minor(payment.refunded_minor, payment.currency),
        payment_status: payment.status.as_str(),
    }
}

fn checked_text(field: &str, text: Option<String>) -> Result<Option<String>, Failure> {
    match text {
        Some(text) if text.chars().count() > MAX_TEXT_CHARS || text.contains('\0') => {
            Err(Failure::invalid(field, None, &format!("At most {MAX_TEXT_CHARS} characters, no NUL")))
        }
        text => Ok(text),
    }
}
