//! `POST /subscriptions/{id}/pause` and `…/resume`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::proration::ProrationBehavior;
use domain::time::from_micros;
use serde::Deserialize;

use super::super::{instant, own};
use super::behavior;
use super::wire::{self, SubscriptionWire};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::subscriptions::{self as operation, PauseFields};
use crate::web::{Body, Caller, Reply};

#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct PauseWire {
    pause_until: Option<String>,
    reason: Option<String>,
    maintain_access: Option<bool>,
    automatic_resume: Option<bool>,
    proration_behavior: Option<String>,
}

pub(in super::super) async fn pause(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<PauseWire>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let until = wire.pause_until.as_deref().map(|text| instant("pause_until", text)).transpose()?;
    let fields = PauseFields {
        // Without automatic resumption the date is the caller's own note; the subscription stays paused until resumed.
        resumes_at: until.filter(|_| wire.automatic_resume.unwrap_or(true)).map(from_micros),
        reason: wire.reason,
        maintain_access: wire.maintain_access.unwrap_or(false),
        behavior: behavior(wire.proration_behavior.as_deref(), ProrationBehavior::None)?,
    };
    let done = operation::pause_subscription(&app.ledger, &call, &subscription_id, &fields).await?;
    app.wait_for(done.position).await;
    let json = wire::load(&app, &call, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct ResumeWire {
    proration_behavior: Option<String>,
}

pub(in super::super) async fn resume(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<ResumeWire>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let behavior = behavior(body.json.proration_behavior.as_deref(), ProrationBehavior::CreateProrations)?;
    let done = operation::resume_subscription(&app.ledger, &call, &subscription_id, behavior).await?;
    app.wait_for(done.position).await;
    let json = wire::load(&app, &call, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}
