//! How read functions ask: one statement text for both engines through `AnyPool`, and rows made of its columns.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyPool, Row as _};
use store::{ColumnType, StoreError, Value, Values};

use crate::fold::Row;
use crate::page::PageError;

/// Why a list was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The request was wrong.
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) type Statement<'q> = Query<'q, Any, AnyArguments<'q>>;

/// The rows of a statement that selects a table's columns in their order.
pub(crate) async fn rows<R: Row>(pool: &AnyPool, statement: Statement<'_>) -> Result<Vec<R>, StoreError> {
    let found = statement.fetch_all(pool).await?;
    found.iter().map(row_of::<R>).collect()
}

pub(crate) async fn row<R: Row>(pool: &AnyPool, statement: Statement<'_>) -> Result<Option<R>, StoreError> {
    let found = statement.fetch_optional(pool).await?;
    found.as_ref().map(row_of::<R>).transpose()
}

/// The one number that a statement selects.
pub(crate) async fn number(pool: &AnyPool, statement: Statement<'_>) -> Result<i64, StoreError> {
    let found = statement.fetch_one(pool).await?;
    Ok(found.try_get(0)?)
}

/// A row from the first columns of what was selected; more may follow them.
pub(crate) fn row_of<R: Row>(found: &AnyRow) -> Result<R, StoreError> {
    let mut values: Values = Vec::with_capacity(R::TABLE.columns.len());
    for (index, column) in R::TABLE.columns.iter().enumerate() {
        let value = match column.kind {
            ColumnType::Int => found.try_get::<Option<i64>, _>(index).map(|value| value.map(Value::Int)),
            ColumnType::Text => found.try_get::<Option<String>, _>(index).map(|value| value.map(Value::Text)),
        };
        let value = value.map_err(|error| StoreError::Corrupt {
            place: format!("{}.{}", R::TABLE.name, column.name),
            reason: error.to_string(),
        })?;
        values.push(value.unwrap_or(Value::Null));
    }
    R::read(values)
}
