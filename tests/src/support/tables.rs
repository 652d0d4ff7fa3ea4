//! Every row of every read-model table as text, for comparing whole tables.

use std::collections::BTreeMap;

use sqlx::Row as _;
use store::{ColumnType, Ledger, Table};

/// The sorted rows of all projections' tables, by table.
pub async fn all_tables(ledger: &Ledger) -> BTreeMap<&'static str, Vec<String>> {
    let mut tables = BTreeMap::new();
    for projection in projections::all() {
        for table in &projection.tables {
            tables.insert(table.name, rows_of(ledger, table).await);
        }
    }
    tables
}

async fn rows_of(ledger: &Ledger, table: &Table) -> Vec<String> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let sql = format!("SELECT {} FROM {}", columns.join(", "), table.name);
    let found = sqlx::query(&sql).fetch_all(ledger.pool()).await.expect("the table is read");
    let mut rows: Vec<String> = found
        .iter()
        .map(|row| {
            let value = |(index, column): (usize, &store::Column)| match column.kind {
                ColumnType::Int => format!("{:?}", row.try_get::<Option<i64>, _>(index).expect("an integer")),
                ColumnType::Text => format!("{:?}", row.try_get::<Option<String>, _>(index).expect("a text")),
            };
            table.columns.iter().enumerate().map(value).collect::<Vec<_>>().join("|")
        })
        .collect();
    rows.sort();
    rows
}
