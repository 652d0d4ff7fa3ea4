//! What the read models hold, without what tells when or in which order it arrived, so that the rows of two ledgers can
//! be compared.

use std::collections::BTreeMap;

use api::app::App;
use serde_json::Value;
use sqlx::Row as _;
use store::{ColumnType, Table};

use super::convergence::unseal;

/// The rows of every table that hold, each as an object, by table.
pub type Rows = BTreeMap<&'static str, Vec<String>>;

/// Columns, and fields of documents, that are about arrival: where and when something was recorded, and as which event.
const ARRIVAL: [&str; 9] = [
    "position",
    "created_position",
    "received_position",
    "from_position",
    "to_position",
    "received_at",
    "processed_at",
    "event_id",
    "event_ids",
];
/// Tables whose rows tell of the order of arrival by their nature.
const JOURNAL: &str = "journal_";
/// The webhook log's `event_id` is Stripe's own, which does not depend on arrival.
const KEYED_BY_EVENT: [&str; 2] = ["webhook_events", "webhook_bodies"];

pub async fn rows(app: &App) -> Rows {
    let mut tables = Rows::new();
    for projection in projections::all() {
        for table in projection.tables.iter().filter(|table| !table.name.starts_with(JOURNAL)) {
            tables.insert(table.name, rows_of(app, table).await);
        }
    }
    tables.insert("journal balances", journal_balances(app).await);
    tables
}

/// What stands on each account. Which entries led there tells in which order things were learnt: what a later report
/// changes is reversed and posted anew, never edited.
async fn journal_balances(app: &App) -> Vec<String> {
    let query = "SELECT tenant, currency, CAST(account AS BIGINT), debit_minor - credit_minor FROM journal_balances \
                 WHERE debit_minor <> credit_minor ORDER BY tenant, currency, account";
    let found = sqlx::query(query).fetch_all(app.ledger.pool()).await.expect("the table is read");
    let row = |row: &sqlx::any::AnyRow| {
        let (tenant, currency): (String, String) = (row.get(0), row.get(1));
        let (account, minor): (i64, i64) = (row.get(2), row.get(3));
        format!("{tenant} {currency} {account} {minor}")
    };
    found.iter().map(row).collect()
}

async fn rows_of(app: &App, table: &Table) -> Vec<String> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    // Rows that were closed tell what was known before, which does depend on the order.
    let holding = if columns.contains(&"to_position") {
        format!("WHERE to_position = {}", projections::mrr::OPEN)
    } else {
        String::new()
    };
    let sql = format!("SELECT {} FROM {} {holding}", columns.join(", "), table.name);
    let found = sqlx::query(&sql).fetch_all(app.ledger.pool()).await.expect("the table is read");
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        let mut fields = serde_json::Map::new();
        for (index, column) in table.columns.iter().enumerate() {
            let value = match column.kind {
                ColumnType::Int => Value::from(row.try_get::<Option<i64>, _>(index).expect("an integer")),
                ColumnType::Text => text(row.try_get(index).expect("a text")),
            };
            fields.insert(column.name.to_owned(), value);
        }
        let stripe_id = fields.get("event_id").cloned().filter(|_| KEYED_BY_EVENT.contains(&table.name));
        let mut row = Value::Object(fields);
        unseal(app, &mut row).await;
        forget_arrival(&mut row);
        row["stripe_event_id"] = Value::from(stripe_id);
        rows.push(row.to_string());
    }
    rows.sort();
    rows
}

/// Documents are looked into; other texts are themselves.
fn text(text: Option<String>) -> Value {
    match text {
        Some(text) if text.starts_with(['{', '[']) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        text => Value::from(text),
    }
}

fn forget_arrival(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(forget_arrival),
        Value::Object(fields) => {
            fields.retain(|name, _| !ARRIVAL.contains(&name.as_str()));
            fields.values_mut().for_each(forget_arrival);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
