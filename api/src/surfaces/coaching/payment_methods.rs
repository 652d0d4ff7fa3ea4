//! `GET|POST /customers/{id}/payment-methods`, `DELETE /customers/{id}/payment-methods/{id}`.

use std::fmt;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::catalogue::Processor;
use domain::id::TenantId;
use domain::sandbox::Outcome;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::customers::CardWire;
use super::{own, words};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::payment_methods::{self as operation, Card, NewMethod};
use crate::web::{Body, Caller, Reply};

/// Years that a card may be good for; more is a mistake in a form.
const MAX_YEARS: i16 = 50;

/// A card as a payer has it. It is read once and goes no further.
#[derive(Deserialize)]
pub(super) struct CardNumberWire {
    number: String,
    exp_month: u8,
    exp_year: u16,
    cvc: Option<String>,
}

impl fmt::Debug for CardNumberWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumberWire")
    }
}

impl CardNumberWire {
    /// The test card of this number. The sandbox alone takes numbers, and no error repeats one.
    pub(super) fn read(self, app: &App, tenant: &TenantId, now: Timestamp) -> Result<Card, Failure> {
        if app.settings.tenant(tenant).is_none_or(|settings| settings.processor != Processor::Sandbox) {
            return Err(Failure::invalid("card", None, "A payment_method_id; the sandbox alone takes card numbers"));
        }
        let last4 = Outcome::test_card(&self.number)
            .ok_or_else(|| Failure::invalid("card.number", None, "The number of a test card"))?;
        let today = TimeZone::UTC.to_datetime(now);
        let year = i16::try_from(self.exp_year).unwrap_or(i16::MAX);
        if !(1..=12).contains(&self.exp_month) {
            return Err(Failure::invalid("card.exp_month", Some(&self.exp_month.to_string()), "A month from 1 to 12"));
        }
        let month = i8::try_from(self.exp_month).unwrap_or(i8::MAX);
        if (year, month) < (today.year(), today.month()) || year > today.year() + MAX_YEARS {
            let given = self.exp_year.to_string();
            return Err(Failure::invalid("card.exp_year", Some(&given), "A date on which the card is still good"));
        }
        let is_code = |code: &str| (3..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        if !self.cvc.as_deref().is_none_or(is_code) {
            return Err(Failure::invalid("card.cvc", None, "Three or four digits"));
        }
        let brand = if self.number.trim_start().starts_with('5') { "mastercard" } else { "visa" };
        Ok(Card { brand, last4, exp_month: self.exp_month, exp_year: self.exp_year })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct AttachWire {
    #[serde(alias = "paymentMethodId")]
    payment_method_id: Option<String>,
    card: Option<CardNumberWire>,
    set_default: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    payment_methods: Vec<CardWire>,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let customer = super::customers::load(&app, tenant, &customer_id).await?;
    Ok(Json(ListWire { payment_methods: customer.payment_methods }))
}

pub(super) async fn attach(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
    body: Body<AttachWire>,
) -> Result<Reply<Value>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let new = match (words::payment_method(wire.payment_method_id.as_deref())?, wire.card) {
        (Some(_), Some(_)) => return Err(Failure::invalid("card", None, "Either a card or a payment_method_id")),
        (None, Some(card)) => NewMethod::Card(card.read(&app, tenant, call.now)?),
        (Some(id), None) => NewMethod::Named(id),
        (None, None) => return Err(Failure::invalid("payment_method_id", None, "missing field `payment_method_id`")),
    };
    let make_default = wire.set_default.unwrap_or(false);
    let done = operation::attach_payment_method(&app.ledger, &call, &customer_id, &new, make_default).await?;
    app.wait_for(done.position).await;
    let customer = super::customers::load(&app, tenant, &customer_id).await?;
    let method = customer.payment_methods.into_iter().find(|method| method.id == done.id);
    let json = serde_json::to_value(method.ok_or(Failure::Unavailable)?)
        .map_err(|error| Failure::Internal { reason: error.to_string() })?;
    Ok(Reply { status: StatusCode::CREATED, position: done.position, json })
}

pub(super) async fn detach(
    State(app): State<App>,
    caller: Caller,
    Path((customer_id, method_id)): Path<(String, String)>,
    body: Body<Value>,
) -> Result<Reply<Value>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let done = operation::detach_payment_method(&app.ledger, &call, &customer_id, &method_id).await?;
    app.wait_for(done.position).await;
    let json = json!({ "id": method_id, "customer_id": customer_id, "deleted": true });
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}
