//! `GET|POST /ledger/v1/customers/{id}/balance`: what a customer has in advance, bought or given.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::account::Account;
use domain::customer::Customer;
use domain::id::{CustomerId, PaymentMethodId, TenantId};
use domain::payment::PaymentStatus;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::balance as operation;
use crate::operations::payments;
use crate::web::amount::Amount;
use crate::web::sum::currency;
use crate::web::{Body, Caller, Reply, Sum};

#[derive(Debug, Deserialize)]
pub(super) struct BalanceWrite {
    amount: Sum,
    currency: String,
    /// `purchase`, charged now, or `goodwill`, which may be below zero to take credit back.
    kind: Option<String>,
    payment_method_id: Option<String>,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct InWire {
    currency: &'static str,
    /// Credit notes, overpayments, goodwill: never money that was sold for.
    credit: Amount,
    /// Bought in advance.
    prepaid: Amount,
    total: Amount,
}

#[derive(Debug, Serialize)]
pub(super) struct BalanceWire {
    customer_id: String,
    balances: Vec<InWire>,
    /// Of a purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<String>,
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
) -> Result<Json<BalanceWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    Ok(Json(load(&app, &caller.principal.tenant, customer_id, None).await?))
}

pub(super) async fn post(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
    body: Body<BalanceWrite>,
) -> Result<Reply<BalanceWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let (call, tenant) = (caller.call(&body.bytes), &caller.principal.tenant);
    let wire = body.json;
    let currency = currency("currency", &wire.currency)?;
    let (done, payment) = match wire.kind.as_deref() {
        None | Some("purchase") => {
            let amount = wire.amount.positive("amount", currency)?;
            let method = wire.payment_method_id.as_deref().map(method_id).transpose()?;
            let done = operation::buy_balance(&app.ledger, &call, &customer_id, amount, method.as_ref()).await?;
            let payment = payments::outcome_of(&app.ledger, &call, &done).await?;
            if payment.snapshot().is_none_or(|snapshot| snapshot.status == PaymentStatus::Failed) {
                return Err(Failure::not_found("payment"));
            }
            (done.clone(), Some(done.id))
        }
        Some("goodwill") => {
            let amount = wire.amount.read("amount", currency)?;
            (operation::adjust_balance(&app.ledger, &call, &customer_id, amount, wire.reason).await?, None)
        }
        Some(other) => return Err(Failure::invalid("kind", Some(other), "purchase or goodwill")),
    };
    app.wait_for(done.position).await;
    let json = load(&app, tenant, customer_id, payment).await?;
    Ok(Reply { status: StatusCode::CREATED, position: done.position, json })
}

async fn load(
    app: &App,
    tenant: &TenantId,
    customer_id: String,
    payment_id: Option<String>,
) -> Result<BalanceWire, Failure> {
    let unknown = || Failure::not_found("customer");
    let id = CustomerId::parse(&customer_id).map_err(|_| unknown())?;
    let customer = app.ledger.load::<Customer>(tenant, id.as_str()).await?;
    customer.state.snapshot().ok_or_else(unknown)?;
    let account = app.ledger.load::<Account>(tenant, id.as_str()).await?;
    let balances = account.state.snapshot().balances.iter().map(|known| {
        let amount = |minor| Amount::minor(minor, known.currency);
        let (credit, prepaid) = (known.balance.credit_minor(), known.balance.prepaid_minor());
        InWire {
            currency: known.currency.code(),
            credit: amount(credit),
            prepaid: amount(prepaid),
            total: amount(credit + prepaid),
        }
    });
    Ok(BalanceWire { balances: balances.collect(), customer_id, payment_id })
}

fn method_id(id: &str) -> Result<PaymentMethodId, Failure> {
    PaymentMethodId::parse(id).map_err(|_| Failure::invalid("payment_method_id", Some(id), "A payment method's id"))
}
