//! `GET|POST /ledger/v1/sandbox/clock`: a tenant's time is moved, and everything that falls due until then is carried out.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use domain::catalogue::Processor;
use domain::id::TenantId;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::Scope;
use crate::billing::now_of;
use crate::failure::Failure;
use crate::operations::sandbox as operation;
use crate::web::amount::rfc3339;
use crate::web::{Body, Caller, Params, Reply};

/// Where a move can be watched.
const PROGRESS: &str = "/ledger/v1/sandbox/clock";
/// How long a caller who waits is kept waiting for the projections, once everything is carried out.
const PROJECTED: Duration = Duration::from_mins(5);

#[derive(Debug, Deserialize)]
pub(super) struct ClockWire {
    now: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct WaitParams {
    wait: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct StandWire {
    now: String,
    /// Timers that are due and not carried out yet.
    due: i64,
    /// `running` while there are any.
    state: &'static str,
    progress: &'static str,
}

pub(super) async fn get(State(app): State<App>, caller: Caller) -> Result<Json<StandWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    Ok(Json(stand(&app, &caller.principal.tenant).await?))
}

pub(super) async fn post(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<WaitParams>,
    body: Body<ClockWire>,
) -> Result<Response, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let tenant = &caller.principal.tenant;
    if app.settings.tenant(tenant).is_none_or(|settings| settings.processor != Processor::Sandbox) {
        return Err(Failure::Illegal { reason: "only a tenant of the sandbox has a clock of its own".to_owned() });
    }
    let expected = "An RFC 3339 instant with a zone, such as 2024-03-01T00:00:00Z";
    let now = &body.json.now;
    let now = now.parse().map_err(|_| Failure::invalid("now", Some(now), expected))?;
    // Whether the tenant is empty is asked of the read models.
    app.wait_for(app.ledger.head().await?).await;
    let done = operation::set_clock(&app.ledger, &caller.call(&body.bytes), now).await?;
    if params.wait.unwrap_or(false) {
        app.scheduler.advance(tenant).await?;
        let head = app.ledger.head().await?;
        app.positions.wait_for(&[], head, PROJECTED).await;
        let json = stand(&app, tenant).await?;
        return Ok(Reply { status: StatusCode::OK, position: head, json }.into_response());
    }
    app.scheduler.wake();
    let json = stand(&app, tenant).await?;
    let reply = Reply { status: StatusCode::ACCEPTED, position: done.position, json };
    Ok(([(LOCATION, PROGRESS)], reply).into_response())
}

async fn stand(app: &App, tenant: &TenantId) -> Result<StandWire, Failure> {
    let due = app.scheduler.due(tenant).await?;
    Ok(StandWire {
        now: rfc3339(now_of(&app.ledger, tenant).await?),
        due,
        state: if due > 0 { "running" } else { "idle" },
        progress: PROGRESS,
    })
}
