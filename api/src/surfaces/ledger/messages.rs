//! `GET /ledger/v1/messages`: the outbox, for whoever delivers it and for whoever wants to see what was said.

use axum::Json;
use axum::extract::State;
use domain::time::from_micros;
use projections::messages::{MessageRow, list_messages};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::web::amount::rfc3339;
use crate::web::{Caller, Params};

/// Messages of one answer.
const MAX_LIMIT: i64 = 1_000;

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    after: Option<i64>,
    limit: Option<i64>,
}

#[derive(Debug, Serialize)]
struct MessageWire {
    position: i64,
    channel: String,
    template: String,
    customer_id: String,
    subject: String,
    offer: Value,
    queued_at: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    messages: Vec<MessageWire>,
    next: i64,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::LedgerRead)?;
    let (after, limit) = (params.after.unwrap_or(0), params.limit.unwrap_or(100));
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::invalid("limit", Some(&limit.to_string()), "1 to 1000"));
    }
    let tenant = caller.principal.tenant.as_str();
    let rows = list_messages(app.ledger.pool(), tenant, after, limit).await?;
    let next = rows.last().map_or(after, |row| row.position);
    Ok(Json(ListWire { messages: rows.into_iter().map(wire).collect(), next }))
}

fn wire(row: MessageRow) -> MessageWire {
    MessageWire {
        position: row.position,
        channel: row.channel,
        template: row.template,
        customer_id: row.customer_id,
        subject: row.subject,
        offer: serde_json::to_value(row.offer).unwrap_or(Value::Null),
        queued_at: rfc3339(from_micros(row.queued_at)),
    }
}
