//! `PUT /subscriptions/{id}`, and `GET|POST /subscriptions/{id}/preview`: what the same change would come to.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::customer::Patch;
use domain::invoice::InvoiceSnapshot;
use domain::proration::ProrationBehavior;
use domain::time::from_micros;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::customers::named;
use super::super::invoices::{LineWire, line_wires};
use super::super::{instant, own, words};
use super::wire::{self, SubscriptionWire};
use super::{ItemWire, behavior, quantity_of};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::Call;
use crate::operations::subscriptions::{self as operation, ChangeFields, ChangeWhen, CycleAnchor};
use crate::web::amount::{Amount, rfc3339};
use crate::web::{Body, Caller, Params, Reply};

/// What is not named stays as it is.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct ChangeWire {
    plan_id: Option<String>,
    quantity: Option<u64>,
    items: Option<Vec<ItemWire>>,
    /// `latest` sells its plans anew, as they are now; without it they keep the version they were sold in.
    price_version: Option<String>,
    proration_behavior: Option<String>,
    proration_date: Option<String>,
    /// `unchanged`, `now`, or the instant that its periods are to count from.
    billing_cycle_anchor: Option<String>,
    /// `now`, `period_end`, or an instant.
    effective: Option<String>,
    payment_method_id: Option<String>,
    #[serde(default, deserialize_with = "named")]
    metadata: Patch<Map<String, Value>>,
}

/// The same in a query, where every value is a text.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct ChangeParams {
    plan_id: Option<String>,
    quantity: Option<String>,
    price_version: Option<String>,
    proration_behavior: Option<String>,
    proration_date: Option<String>,
    billing_cycle_anchor: Option<String>,
    effective: Option<String>,
}

#[derive(Debug, Serialize)]
struct BillWire {
    subtotal: Amount,
    discount_amount: Amount,
    tax_amount: Amount,
    total: Amount,
    /// Of the customer's balance; below zero for what is added to it.
    balance_applied: Amount,
    amount_due: Amount,
    period_start: Option<String>,
    period_end: Option<String>,
    line_items: Vec<LineWire>,
}

#[derive(Debug, Serialize)]
pub(in super::super) struct PreviewWire {
    subscription_id: String,
    currency: String,
    proration_behavior: &'static str,
    /// Null where the change costs and gives back nothing.
    prorations: Option<BillWire>,
    /// Whether the prorations are invoiced with the change, and not with the next invoice.
    invoiced_now: bool,
    /// The first invoice after the change; null where nothing more will be billed.
    upcoming_invoice: Option<BillWire>,
}

pub(in super::super) async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<ChangeWire>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let fields = fields(body.json)?;
    let done = operation::change_subscription(&app.ledger, &call, &subscription_id, &fields).await?;
    app.wait_for(done.position).await;
    let json = wire::load(&app, &call, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

pub(in super::super) async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<ChangeWire>,
) -> Result<Json<PreviewWire>, Failure> {
    caller.require(Scope::Read)?;
    own(&caller.principal)?;
    previewed(&app, &caller.call(&body.bytes), subscription_id, fields(body.json)?).await
}

pub(in super::super) async fn preview_of_query(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    Params(params): Params<ChangeParams>,
) -> Result<Json<PreviewWire>, Failure> {
    caller.require(Scope::Read)?;
    own(&caller.principal)?;
    let whole = |text: &String| text.parse().map_err(|_| Failure::invalid("quantity", Some(text), "A whole number"));
    let wire = ChangeWire {
        quantity: params.quantity.as_ref().map(whole).transpose()?,
        plan_id: params.plan_id,
        price_version: params.price_version,
        proration_behavior: params.proration_behavior,
        proration_date: params.proration_date,
        billing_cycle_anchor: params.billing_cycle_anchor,
        effective: params.effective,
        ..ChangeWire::default()
    };
    previewed(&app, &caller.call(&[]), subscription_id, fields(wire)?).await
}

async fn previewed(
    app: &App,
    call: &Call,
    subscription_id: String,
    fields: ChangeFields,
) -> Result<Json<PreviewWire>, Failure> {
    let row = wire::find(app, &call.tenant, &subscription_id).await?;
    let preview = operation::preview_change(&app.ledger, call, &subscription_id, &fields).await?;
    let prorations = match preview.prorations {
        Some(invoice) => Some(bill_wire(app, call, &invoice).await?),
        None => None,
    };
    let upcoming_invoice = match preview.next {
        Some(invoice) => Some(bill_wire(app, call, &invoice).await?),
        None => None,
    };
    Ok(Json(PreviewWire {
        subscription_id,
        currency: row.currency,
        proration_behavior: words::behavior(fields.behavior),
        prorations,
        invoiced_now: preview.invoiced_now,
        upcoming_invoice,
    }))
}

async fn bill_wire(app: &App, call: &Call, invoice: &InvoiceSnapshot) -> Result<BillWire, Failure> {
    let amount = |minor| Amount::minor(minor, invoice.currency);
    Ok(BillWire {
        subtotal: amount(invoice.subtotal_minor),
        discount_amount: amount(invoice.discount_minor),
        tax_amount: amount(invoice.tax_minor),
        total: amount(invoice.total_minor),
        balance_applied: amount(invoice.applied_credit_minor + invoice.applied_prepaid_minor),
        amount_due: amount(invoice.amount_due_minor),
        period_start: invoice.period.map(|period| rfc3339(period.start)),
        period_end: invoice.period.map(|period| rfc3339(period.end)),
        line_items: line_wires(app, &call.tenant, &invoice.lines, invoice.currency).await?,
    })
}

fn fields(wire: ChangeWire) -> Result<ChangeFields, Failure> {
    let cycle_anchor = match wire.billing_cycle_anchor.as_deref() {
        None | Some("unchanged") => None,
        Some("now") => Some(CycleAnchor::Now),
        Some(text) => Some(CycleAnchor::At(from_micros(instant("billing_cycle_anchor", text).map_err(|_| {
            let expected = "unchanged, now or an RFC 3339 instant with a zone";
            Failure::invalid("billing_cycle_anchor", Some(text), expected)
        })?))),
    };
    let renew_versions = match wire.price_version.as_deref() {
        None | Some("current") => false,
        Some("latest") => true,
        Some(other) => return Err(Failure::invalid("price_version", Some(other), "current or latest")),
    };
    let date = wire.proration_date.as_deref().map(|text| instant("proration_date", text)).transpose()?;
    Ok(ChangeFields {
        plans: wire.items.map(|items| items.into_iter().map(quantity_of).collect()),
        plan_id: wire.plan_id,
        quantity: wire.quantity,
        renew_versions,
        behavior: behavior(wire.proration_behavior.as_deref(), ProrationBehavior::CreateProrations)?,
        proration_date: date.map(from_micros),
        when: match wire.effective.as_deref() {
            None | Some("now") => ChangeWhen::Now,
            Some("period_end") => ChangeWhen::AtPeriodEnd,
            Some(text) => ChangeWhen::At(from_micros(instant("effective", text).map_err(|_| {
                Failure::invalid("effective", Some(text), "now, period_end or an RFC 3339 instant with a zone")
            })?)),
        },
        payment_method_id: words::payment_method(wire.payment_method_id.as_deref())?,
        cycle_anchor,
        metadata: wire.metadata,
    })
}
