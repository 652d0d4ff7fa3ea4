//! `GET /ledger/v1/projections`: how far each projection and the reactor are.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::reactor;
use crate::web::Caller;

#[derive(Debug, Serialize)]
struct FailureWire {
    position: i64,
    event_type: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct ProjectionWire {
    name: String,
    version: i64,
    position: i64,
    lag: i64,
    state: &'static str,
    failure: Option<FailureWire>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    head: i64,
    projections: Vec<ProjectionWire>,
}

pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let statuses = projections::statuses(&app.ledger, &projections::all()).await?;
    let reactor = app.ledger.checkpoints().await?.into_iter().find(|checkpoint| checkpoint.name == reactor::NAME);
    let head = app.ledger.head().await?;
    let mut listed: Vec<ProjectionWire> = statuses
        .into_iter()
        .map(|status| ProjectionWire {
            name: status.name.to_owned(),
            version: status.version,
            position: status.position,
            lag: status.lag,
            state: status.state.as_str(),
            failure: status.failure.map(failure),
        })
        .collect();
    listed.extend(reactor.map(|checkpoint| ProjectionWire {
        version: checkpoint.version,
        position: checkpoint.position,
        lag: head.saturating_sub(checkpoint.position),
        state: if checkpoint.failure.is_some() { "paused" } else { "running" },
        failure: checkpoint.failure.map(failure),
        name: checkpoint.name,
    }));
    Ok(Json(ListWire { head, projections: listed }))
}

fn failure(failure: store::Failure) -> FailureWire {
    FailureWire { position: failure.position, event_type: failure.event_type, reason: failure.reason }
}
