//! `DELETE /subscriptions/{id}`, `POST …/reactivate`, and `POST …/retention-offers/{type}/accept`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::proration::TerminationPolicy;
use domain::time::from_micros;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{instant, own, words};
use super::wire::{self, SubscriptionWire};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::subscriptions::{
    self as operation, CancelFields, CancelWhen, DISCOUNT_MONTHS, DISCOUNT_PERCENT, MAX_PAUSE_MONTHS, Offer,
};
use crate::web::amount::{rfc3339, rfc3339_micros};
use crate::web::{Body, Caller, Reply};

#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct CancelWire {
    #[serde(alias = "cancelAtPeriodEnd")]
    cancel_at_period_end: Option<bool>,
    cancellation_reason: Option<String>,
    feedback: Option<String>,
    offer_retention: Option<bool>,
    /// What is given back where it ends now: `skip`, `credit` or `refund`.
    termination: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OfferWire {
    Discount { discount_percent: u8, duration_months: u32, offer_expires: String },
    PauseSubscription { max_pause_months: u32, offer_expires: String },
}

#[derive(Debug, Serialize)]
pub(in super::super) struct CanceledWire {
    subscription_id: String,
    status: &'static str,
    cancel_at_period_end: bool,
    cancel_at: Option<String>,
    retention_offers: Vec<OfferWire>,
    cancelled_at: Option<String>,
}

pub(in super::super) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<CancelWire>,
) -> Result<Reply<CanceledWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let when = if wire.cancel_at_period_end.unwrap_or(true) { CancelWhen::AtPeriodEnd } else { CancelWhen::Now };
    let fields = CancelFields {
        when,
        termination: termination(wire.termination.as_deref(), when)?,
        reason: wire.cancellation_reason,
        feedback: wire.feedback,
    };
    let done = operation::cancel_subscription(&app.ledger, &call, &subscription_id, &fields).await?;
    app.wait_for(done.position).await;
    let row = wire::find(&app, tenant, &done.id).await?;
    let until = operation::offers_until(&row.snapshot).filter(|_| wire.offer_retention.unwrap_or(false));
    let json = CanceledWire {
        status: words::status(row.status),
        cancel_at_period_end: row.cancel_at_period_end,
        cancel_at: row.cancel_at.map(rfc3339_micros),
        retention_offers: until.map(offers).unwrap_or_default(),
        cancelled_at: row.canceled_at.map(rfc3339_micros),
        subscription_id: row.subscription_id,
    };
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

pub(in super::super) async fn reactivate(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<Value>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let done = operation::reactivate_subscription(&app.ledger, &call, &subscription_id).await?;
    app.wait_for(done.position).await;
    let json = wire::load(&app, &call, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct AcceptWire {
    pause_until: Option<String>,
}

pub(in super::super) async fn accept_offer(
    State(app): State<App>,
    caller: Caller,
    Path((subscription_id, kind)): Path<(String, String)>,
    body: Body<AcceptWire>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let until = body.json.pause_until.as_deref().map(|text| instant("pause_until", text)).transpose()?;
    let offer = match kind.as_str() {
        "discount" => Offer::Discount,
        "pause_subscription" => Offer::Pause { until: until.map(from_micros) },
        _ => return Err(Failure::not_found("retention offer")),
    };
    let done = operation::accept_retention_offer(&app.ledger, &call, &subscription_id, offer).await?;
    app.wait_for(done.position).await;
    let json = wire::load(&app, &call, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

/// The two offers of the document.
fn offers(until: Timestamp) -> Vec<OfferWire> {
    let offer_expires = rfc3339(until);
    vec![
        OfferWire::Discount {
            discount_percent: DISCOUNT_PERCENT,
            duration_months: DISCOUNT_MONTHS,
            offer_expires: offer_expires.clone(),
        },
        OfferWire::PauseSubscription { max_pause_months: MAX_PAUSE_MONTHS, offer_expires },
    ]
}

fn termination(word: Option<&str>, when: CancelWhen) -> Result<TerminationPolicy, Failure> {
    let wrong = |word, expected| Err(Failure::invalid("termination", Some(word), expected));
    match (word, when) {
        (None | Some("skip"), _) => Ok(TerminationPolicy::Skip),
        (Some(word @ ("credit" | "refund")), CancelWhen::AtPeriodEnd) => {
            wrong(word, "skip, as nothing of a period that is used to its end is given back")
        }
        (Some("credit"), CancelWhen::Now) => Ok(TerminationPolicy::Credit),
        (Some("refund"), CancelWhen::Now) => Ok(TerminationPolicy::Refund),
        (Some(other), _) => wrong(other, "skip, credit or refund"),
    }
}
