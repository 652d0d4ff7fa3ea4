//! `POST /ledger/v1/usage`: so much of a metric was used; it is billed in arrears.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::usage::{self as operation, UsageFields};
use crate::web::amount::rfc3339;
use crate::web::{Body, Caller, Reply};

#[derive(Debug, Deserialize)]
pub(super) struct UsageWrite {
    subscription_id: String,
    metric: String,
    quantity: u64,
    at: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct UsageWire {
    usage_id: String,
    subscription_id: String,
    metric: String,
    quantity: u64,
    at: String,
}

pub(super) async fn record(
    State(app): State<App>,
    caller: Caller,
    body: Body<UsageWrite>,
) -> Result<Reply<UsageWire>, Failure> {
    caller.require(Scope::LedgerAdmin)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let instant = |text: &str| {
        let expected = "An RFC 3339 instant with a zone, such as 2024-02-01T00:00:00Z";
        text.parse().map_err(|_| Failure::invalid("at", Some(text), expected))
    };
    let used_at = wire.at.as_deref().map(instant).transpose()?;
    let fields =
        UsageFields { subscription_id: wire.subscription_id, metric: wire.metric, quantity: wire.quantity, used_at };
    let done = operation::record_usage(&app.ledger, &call, &fields).await?;
    app.wait_for(done.position).await;
    let json = UsageWire {
        usage_id: done.id,
        subscription_id: fields.subscription_id,
        metric: fields.metric,
        quantity: fields.quantity,
        at: rfc3339(used_at.unwrap_or(call.now)),
    };
    Ok(Reply { status: StatusCode::CREATED, position: done.position, json })
}
