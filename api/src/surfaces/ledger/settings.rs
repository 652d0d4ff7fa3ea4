//! `GET|PUT /ledger/v1/settings`: how the tenant bills where it has a choice.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::catalogue::Changes;

use super::changes::ChangesWire;
use crate::app::App;
use crate::auth::Scope;
use crate::catalogue;
use crate::failure::Failure;
use crate::operations::catalogue as operation;
use crate::web::{Body, Caller, Reply};

pub(super) async fn get(State(app): State<App>, caller: Caller) -> Result<Json<Changes>, Failure> {
    caller.require(Scope::LedgerRead)?;
    Ok(Json(catalogue::settings(&app.ledger, &caller.principal.tenant).await?.fields()))
}

pub(super) async fn put(
    State(app): State<App>,
    caller: Caller,
    body: Body<ChangesWire>,
) -> Result<Reply<Changes>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let done = operation::change_settings(&app.ledger, &call, body.json.read()?).await?;
    app.wait_for(done.position).await;
    let json = catalogue::settings(&app.ledger, &caller.principal.tenant).await?.fields();
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}
