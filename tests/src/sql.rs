//! Every read statement prepares on both engines, and every table is what its projection says it is.

use sqlx::{Executor as _, Row as _};
use store::{Engine, Ledger, Options};

use crate::support::on_both_engines;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares() {
    on_both_engines(|url| async move {
        let ledger = Ledger::open(&url, Options::new([7; 32])).await.unwrap();
        let mut connection = ledger.pool().acquire().await.unwrap();
        let statements = projections::statements()
            .chain(api::auth::keys::STATEMENTS.iter().copied())
            .chain(api::demo::marks::STATEMENTS.iter().copied())
            .chain(api::operations::coupons::STATEMENTS.iter().copied())
            .chain(api::operations::repeats::STATEMENTS.iter().copied());
        let mut wrong = Vec::new();
        for (name, sql) in statements {
            if let Err(error) = connection.prepare(sql).await {
                wrong.push(format!("{name}: {error}"));
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
        drop(connection);
        ledger.shutdown().await;
    })
    .await;
}

const SQLITE_COLUMNS: &str = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
const POSTGRES_COLUMNS: &str = "\
SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT)
  FROM information_schema.columns
 WHERE table_schema = 'public'
   AND table_name = $1
 ORDER BY ordinal_position";

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_the_columns_its_projection_writes() {
    on_both_engines(|url| async move {
        let ledger = Ledger::open(&url, Options::new([7; 32])).await.unwrap();
        let statement = match ledger.engine() {
            Engine::Sqlite => SQLITE_COLUMNS,
            Engine::Postgres => POSTGRES_COLUMNS,
        };
        for projection in projections::all() {
            for table in &projection.tables {
                let found = sqlx::query(statement).bind(table.name).fetch_all(ledger.pool()).await.unwrap();
                let mut stored: Vec<(String, String)> =
                    found.iter().map(|row| (row.get::<String, _>(0), row.get::<String, _>(1).to_lowercase())).collect();
                stored.sort();
                let mut declared: Vec<(String, String)> = table
                    .columns
                    .iter()
                    .map(|column| {
                        let kind = match column.kind {
                            store::ColumnType::Int => "bigint",
                            store::ColumnType::Text => "text",
                        };
                        (column.name.to_owned(), kind.to_owned())
                    })
                    .collect();
                declared.sort();
                assert_eq!(stored, declared, "{}", table.name);
            }
        }
        ledger.shutdown().await;
    })
    .await;
}
