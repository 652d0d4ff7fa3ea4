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
    /// Null where there is none, and after the customer was erased.
    personalization: Value,
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
    let sealed: Vec<_> = rows.iter().filter_map(|row| row.personalization.as_ref()).collect();
    let mut texts = app.ledger.keyring().unseal_many(&caller.principal.tenant, &sealed).await?.into_iter();
    let mut messages = Vec::new();
    for row in rows {
        let text = row.personalization.as_ref().and_then(|_| texts.next().flatten());
        messages.push(wire(row, text.as_deref()));
    }
    Ok(Json(ListWire { messages, next }))
}

fn wire(row: MessageRow, personalization: Option<&str>) -> MessageWire {
    MessageWire {
        position: row.position,
        channel: row.channel,
        template: row.template,
        customer_id: row.customer_id,
        subject: row.subject,
        offer: serde_json::to_value(row.offer).unwrap_or(Value::Null),
        personalization: personalization.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null),
        queued_at: rfc3339(from_micros(row.queued_at)),
    }
}
