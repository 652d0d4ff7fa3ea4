//! `POST /ledger/v1/invoices`, `GET /ledger/v1/invoices/{id}`, and what finance does with one: finalize, receive money that
//! came another way, write off, void.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::money::Currency;
use serde::Deserialize;
use serde_json::Value;

use super::invoice_wire::{self, InvoiceWire};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::invoices::{self as operation, InvoiceFields, ItemFields};
use crate::operations::{Call, Done};
use crate::web::sum::currency;
use crate::web::{Body, Caller, Reply, Sum};

/// Days that a payer is given where nothing is said.
const DAYS_UNTIL_DUE: u16 = 30;
const MAX_DAYS_UNTIL_DUE: u16 = 365;
/// Lines of one invoice that people read.
const MAX_ITEMS: usize = 250;
const MAX_QUANTITY: u64 = 1_000_000;
const MAX_TEXT_CHARS: usize = 1_000;

#[derive(Debug, Deserialize)]
struct ItemWire {
    description: String,
    quantity: Option<u64>,
    /// Of the whole line.
    amount: Option<Sum>,
    /// Of one.
    unit_amount: Option<Sum>,
}

#[derive(Debug, Deserialize)]
pub(super) struct InvoiceWrite {
    customer_id: String,
    currency: String,
    items: Vec<ItemWire>,
    /// Lines that wait for the customer's next invoice are billed along.
    include_pending: Option<bool>,
    collection_method: Option<String>,
    days_until_due: Option<u16>,
    /// Else it is left a draft.
    finalize: Option<bool>,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    body: Body<InvoiceWrite>,
) -> Result<Reply<InvoiceWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let currency = currency("currency", &wire.currency)?;
    if wire.items.is_empty() || wire.items.len() > MAX_ITEMS {
        return Err(Failure::invalid("items", None, &format!("1 to {MAX_ITEMS} items")));
    }
    let due_in_days = match (wire.collection_method.as_deref(), wire.days_until_due) {
        (None | Some("charge_automatically"), None) => None,
        (Some("send_invoice"), days) => Some(days.unwrap_or(DAYS_UNTIL_DUE)),
        (None | Some("charge_automatically"), Some(_)) => {
            return Err(Failure::invalid("days_until_due", None, "Only with the collection_method send_invoice"));
        }
        (Some(other), _) => {
            return Err(Failure::invalid("collection_method", Some(other), "charge_automatically or send_invoice"));
        }
    };
    if due_in_days.is_some_and(|days| days > MAX_DAYS_UNTIL_DUE) {
        return Err(Failure::invalid("days_until_due", None, &format!("At most {MAX_DAYS_UNTIL_DUE} days")));
    }
    let items = (0_usize..).zip(wire.items).map(|(index, item)| read_item(index, item, currency));
    let fields = InvoiceFields {
        customer_id: wire.customer_id,
        currency,
        items: items.collect::<Result<_, _>>()?,
        with_pending: wire.include_pending.unwrap_or(false),
        due_in_days,
        finalize: wire.finalize.unwrap_or(true),
    };
    let done = operation::create_invoice(&app.ledger, &call, &fields).await?;
    answer(&app, &call, done, StatusCode::CREATED).await
}

fn read_item(index: usize, item: ItemWire, currency: Currency) -> Result<ItemFields, Failure> {
    let field = |name: &str| format!("items[{index}].{name}");
    let quantity = item.quantity.unwrap_or(1);
    if quantity == 0 || quantity > MAX_QUANTITY {
        return Err(Failure::invalid(&field("quantity"), Some(&quantity.to_string()), "1 to 1000000"));
    }
    if item.description.trim().is_empty() || item.description.chars().count() > MAX_TEXT_CHARS {
        let expected = format!("1 to {MAX_TEXT_CHARS} characters");
        return Err(Failure::invalid(&field("description"), None, &expected));
    }
    let (name, unit, times) = match (item.amount, item.unit_amount) {
        (Some(amount), None) => ("amount", amount, 1),
        (None, Some(unit)) => ("unit_amount", unit, quantity),
        (Some(_), Some(_)) => {
            return Err(Failure::invalid(&field("amount"), None, "Either an amount or a unit_amount"));
        }
        (None, None) => return Err(Failure::invalid(&field("amount"), None, "missing field `amount`")),
    };
    let minor = unit.positive(&field(name), currency)?.minor();
    let amount_minor = i64::try_from(times).ok().and_then(|times| minor.checked_mul(times));
    let too_large = || Failure::invalid(&field(name), None, "An amount that the ledger accepts");
    Ok(ItemFields { description: item.description, quantity, amount_minor: amount_minor.ok_or_else(too_large)? })
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
) -> Result<Json<InvoiceWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let call = caller.call(&[]);
    let snapshot = operation::invoice(&app.ledger, &call, &operation::parse(&invoice_id)?).await?;
    Ok(Json(invoice_wire::render(&app, &call, &invoice_id, &snapshot).await?))
}

pub(super) async fn finalize(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
    body: Body<Value>,
) -> Result<Reply<InvoiceWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let done = operation::finalize_invoice(&app.ledger, &call, &invoice_id).await?;
    answer(&app, &call, done, StatusCode::OK).await
}

pub(super) async fn void(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
    body: Body<Value>,
) -> Result<Reply<InvoiceWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let done = operation::void_invoice(&app.ledger, &call, &invoice_id).await?;
    answer(&app, &call, done, StatusCode::OK).await
}

pub(super) async fn mark_uncollectible(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
    body: Body<Value>,
) -> Result<Reply<InvoiceWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let done = operation::mark_uncollectible(&app.ledger, &call, &invoice_id).await?;
    answer(&app, &call, done, StatusCode::OK).await
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ReceivedWire {
    /// All that remains, where it is not named; what is more becomes credit.
    amount: Option<Sum>,
}

pub(super) async fn pay_out_of_band(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
    body: Body<ReceivedWire>,
) -> Result<Reply<InvoiceWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let snapshot = operation::invoice(&app.ledger, &call, &operation::parse(&invoice_id)?).await?;
    let amount = body.json.amount.map(|amount| amount.positive("amount", snapshot.currency)).transpose()?;
    let amount_minor = amount.map(domain::money::Money::minor);
    let done = operation::receive_out_of_band(&app.ledger, &call, &invoice_id, amount_minor).await?;
    answer(&app, &call, done, StatusCode::OK).await
}

async fn answer(app: &App, call: &Call, done: Done, status: StatusCode) -> Result<Reply<InvoiceWire>, Failure> {
    app.wait_for(done.position).await;
    let json = invoice_wire::load(app, call, &done.id, done.position).await?;
    Ok(Reply { status, position: done.position, json })
}
