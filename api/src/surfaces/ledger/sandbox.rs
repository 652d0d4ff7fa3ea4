//! What the sandbox plays: `POST /ledger/v1/sandbox/payments/{id}/dispute` and `…/dispute/close`, and `PUT
//! /ledger/v1/sandbox/customers/{id}/outcomes`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::catalogue::Processor;
use domain::payment::{DisputeReport, DisputeStatus};
use domain::sandbox::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::{Call, Done, payments, sandbox};
use crate::web::amount::{Amount, rfc3339};
use crate::web::{Body, Caller, Reply, Sum};

/// Why banks dispute, in the processor's words.
const REASONS: [&str; 8] = [
    "fraudulent",
    "duplicate",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "credit_not_processed",
    "unrecognized",
    "general",
];

#[derive(Debug, Default, Deserialize)]
pub(super) struct DisputeWrite {
    reason: Option<String>,
    /// All that was collected, where it is not named.
    amount: Option<Sum>,
}

#[derive(Debug, Serialize)]
pub(super) struct DisputeWire {
    dispute_id: String,
    payment_id: String,
    status: &'static str,
    reason: Option<String>,
    amount: Amount,
    currency: &'static str,
    withdrawn: Option<Amount>,
    reinstated: Amount,
    fee: Option<Amount>,
    created_at: String,
}

pub(super) async fn dispute(
    State(app): State<App>,
    caller: Caller,
    Path(payment_id): Path<String>,
    body: Body<DisputeWrite>,
) -> Result<Reply<DisputeWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    is_sandbox(&app, &caller)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    if let Some(other) = wire.reason.as_deref().filter(|reason| !REASONS.contains(reason)) {
        return Err(Failure::invalid("reason", Some(other), &REASONS.join(", ")));
    }
    let payment = payments::payment(&app.ledger, &call, &payments::parse(&payment_id)?).await?;
    let amount = wire.amount.map(|amount| amount.positive("amount", payment.currency)).transpose()?;
    let amount_minor = amount.map(domain::money::Money::minor);
    let reason = wire.reason.or_else(|| Some("general".to_owned()));
    let done = payments::dispute_payment(&app.ledger, &call, &payment_id, amount_minor, reason).await?;
    answer(&app, &call, payment_id, done, StatusCode::CREATED).await
}

#[derive(Debug, Deserialize)]
pub(super) struct CloseWire {
    outcome: String,
}

pub(super) async fn close_dispute(
    State(app): State<App>,
    caller: Caller,
    Path(payment_id): Path<String>,
    body: Body<CloseWire>,
) -> Result<Reply<DisputeWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    is_sandbox(&app, &caller)?;
    let call = caller.call(&body.bytes);
    let won = match body.json.outcome.as_str() {
        "won" => true,
        "lost" => false,
        other => return Err(Failure::invalid("outcome", Some(other), "won or lost")),
    };
    let done = payments::close_dispute(&app.ledger, &call, &payment_id, won).await?;
    answer(&app, &call, payment_id, done, StatusCode::OK).await
}

pub(super) async fn script_outcomes(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
    body: Body<Vec<String>>,
) -> Result<Reply<Value>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    is_sandbox(&app, &caller)?;
    let call = caller.call(&body.bytes);
    let read = |word: &String| {
        let expected = "succeed, processing or a decline code such as insufficient_funds";
        Outcome::from_word(word).ok_or_else(|| Failure::invalid("outcomes", Some(word), expected))
    };
    let outcomes: Vec<Outcome> = body.json.iter().map(read).collect::<Result<_, _>>()?;
    let done = sandbox::script_outcomes(&app.ledger, &call, &customer_id, outcomes).await?;
    app.wait_for(done.position).await;
    let json = json!({ "customer_id": customer_id, "outcomes": body.json });
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

/// Other processors have banks of their own.
fn is_sandbox(app: &App, caller: &Caller) -> Result<(), Failure> {
    let settings = app.settings.tenant(&caller.principal.tenant);
    if settings.is_none_or(|settings| settings.processor != Processor::Sandbox) {
        return Err(Failure::Illegal { reason: "only a tenant of the sandbox has one".to_owned() });
    }
    Ok(())
}

async fn answer(
    app: &App,
    call: &Call,
    payment_id: String,
    done: Done,
    status: StatusCode,
) -> Result<Reply<DisputeWire>, Failure> {
    app.wait_for(done.position).await;
    let dispute = payments::dispute_at(&app.ledger, call, &payment_id, &done).await?;
    Ok(Reply { status, position: done.position, json: wire(payment_id, dispute) })
}

fn wire(payment_id: String, dispute: DisputeReport) -> DisputeWire {
    let amount = |minor| Amount::minor(minor, dispute.currency);
    DisputeWire {
        payment_id,
        status: match dispute.status {
            DisputeStatus::Inquiry => "inquiry",
            DisputeStatus::Open => "open",
            DisputeStatus::Won => "won",
            DisputeStatus::Lost => "lost",
            DisputeStatus::InquiryClosed => "inquiry_closed",
        },
        amount: amount(dispute.amount_minor),
        currency: dispute.currency.code(),
        withdrawn: dispute.withdrawn_minor.map(amount),
        reinstated: amount(dispute.reinstated_minor),
        fee: dispute.fee_minor.map(amount),
        created_at: rfc3339(dispute.created_at),
        reason: dispute.reason,
        dispute_id: dispute.id,
    }
}
