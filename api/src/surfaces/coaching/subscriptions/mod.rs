//! `POST /subscriptions`, `GET /subscriptions/{id}`, and, in files of their own, what becomes of one.

mod cancel;
mod change;
mod rest;
mod wire;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::proration::ProrationBehavior;
use domain::subscription::Collection;
use domain::time::from_micros;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::wire::SubscriptionWire;
use super::{instant, own, words};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::subscriptions::{self as operation, PlanQuantity, SubscriptionFields};
use crate::web::{Body, Caller, Reply, etag};

pub(super) use cancel::{accept_offer, cancel, reactivate};
pub(super) use change::{change, preview, preview_of_query};
pub(super) use rest::{pause, resume};

/// Days that a payer may be given; more is a mistake in a form.
const MAX_DAYS_UNTIL_DUE: u16 = 365;

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ItemWire {
    plan_id: String,
    quantity: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CreateWire {
    customer_id: String,
    plan_id: Option<String>,
    quantity: Option<u64>,
    items: Option<Vec<ItemWire>>,
    payment_method_id: Option<String>,
    trial_period_days: Option<u16>,
    billing_cycle_anchor: Option<String>,
    start_date: Option<String>,
    collection_method: Option<String>,
    days_until_due: Option<u16>,
    proration_behavior: Option<String>,
    discount_code: Option<String>,
    metadata: Option<Map<String, Value>>,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    body: Body<CreateWire>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let moment = |field: &str, text: &Option<String>| text.as_deref().map(|text| instant(field, text)).transpose();
    let anchor = moment("billing_cycle_anchor", &wire.billing_cycle_anchor)?;
    let start = moment("start_date", &wire.start_date)?;
    // A new subscription has nothing that could be prorated; the word is checked as everywhere.
    behavior(wire.proration_behavior.as_deref(), ProrationBehavior::CreateProrations)?;
    let collection = words::collection(wire.collection_method.as_deref())?;
    let fields = SubscriptionFields {
        customer_id: wire.customer_id,
        plans: plans(wire.plan_id, wire.quantity, wire.items)?,
        payment_method_id: words::payment_method(wire.payment_method_id.as_deref())?,
        trial_period_days: wire.trial_period_days,
        billing_cycle_anchor: anchor.map(from_micros),
        start_date: start.map(from_micros),
        discount_code: wire.discount_code,
        collection,
        days_until_due: days_until_due(wire.days_until_due, collection)?,
        metadata: wire.metadata,
    };
    let done = operation::create_subscription(&app.ledger, &call, fields).await?;
    app.wait_for(done.position).await;
    let json = wire::load(&app, &call, &done.id).await?;
    Ok(Reply { status: StatusCode::CREATED, position: done.position, json })
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let row = wire::find(&app, tenant, &subscription_id).await?;
    let position = row.position;
    Ok(([etag(position)], Json(wire::render(&app, &caller.call(&[]), row).await?)))
}

/// The plans of a request: one with its quantity, or several.
fn plans(
    plan_id: Option<String>,
    quantity: Option<u64>,
    items: Option<Vec<ItemWire>>,
) -> Result<Vec<PlanQuantity>, Failure> {
    match (plan_id, items) {
        (Some(_), Some(_)) => Err(Failure::invalid("items", None, "Either items or a plan_id, not both")),
        (Some(plan_id), None) => Ok(vec![PlanQuantity { plan_id, quantity: quantity.unwrap_or(1) }]),
        (None, Some(_)) if quantity.is_some() => {
            Err(Failure::invalid("quantity", None, "Quantities in the items, where items are named"))
        }
        (None, Some(items)) if items.is_empty() => Err(Failure::invalid("items", None, "At least one item")),
        (None, Some(items)) => Ok(items.into_iter().map(quantity_of).collect()),
        (None, None) => Err(Failure::invalid("plan_id", None, "missing field `plan_id`")),
    }
}

fn quantity_of(item: ItemWire) -> PlanQuantity {
    PlanQuantity { plan_id: item.plan_id, quantity: item.quantity.unwrap_or(1) }
}

fn behavior(word: Option<&str>, default: ProrationBehavior) -> Result<ProrationBehavior, Failure> {
    match word {
        None => Ok(default),
        Some("create_prorations") => Ok(ProrationBehavior::CreateProrations),
        Some("always_invoice") => Ok(ProrationBehavior::AlwaysInvoice),
        Some("none") => Ok(ProrationBehavior::None),
        Some(other) => {
            Err(Failure::invalid("proration_behavior", Some(other), "create_prorations, always_invoice or none"))
        }
    }
}

fn days_until_due(days: Option<u16>, collection: Collection) -> Result<Option<u16>, Failure> {
    match (days, collection) {
        (Some(_), Collection::ChargeAutomatically) => {
            Err(Failure::invalid("days_until_due", None, "Only with the collection_method send_invoice"))
        }
        (Some(days), Collection::SendInvoice) if days > MAX_DAYS_UNTIL_DUE => {
            let expected = format!("At most {MAX_DAYS_UNTIL_DUE} days");
            Err(Failure::invalid("days_until_due", Some(&days.to_string()), &expected))
        }
        (days, Collection::SendInvoice) => Ok(days),
        (None, Collection::ChargeAutomatically) => Ok(None),
    }
}
