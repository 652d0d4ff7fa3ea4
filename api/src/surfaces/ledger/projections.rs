//! `GET /ledger/v1/projections`: how far each projection and the reactor are.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
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
    let checkpoints = app.ledger.checkpoints().await?;
    // The head is read after the checkpoints, so a lag is never negative.
    let head = app.ledger.head().await?;
    let projections = checkpoints
        .into_iter()
        .map(|checkpoint| ProjectionWire {
            lag: head - checkpoint.position,
            state: if checkpoint.failure.is_some() { "paused" } else { "running" },
            failure: checkpoint.failure.map(|failure| FailureWire {
                position: failure.position,
                event_type: failure.event_type,
                reason: failure.reason,
            }),
            name: checkpoint.name,
            version: checkpoint.version,
            position: checkpoint.position,
        })
        .collect();
    Ok(Json(ListWire { head, projections }))
}
