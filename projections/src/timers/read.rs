//! Questions about timers.

use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::row::TimerRow;
use crate::query::row_of;

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] =
    &[("timers::DUE_OF_CUSTOMERS", DUE_OF_CUSTOMERS), ("timers::COUNT_DUE", COUNT_DUE)];

/// Timers that are due until an instant, customer by customer from the one after `after_customer` on. The last customer
/// of a full page may have more than are shown.
pub async fn due_timers(
    pool: &AnyPool,
    tenant: &str,
    until: i64,
    after_customer: &str,
    limit: i64,
) -> Result<Vec<TimerRow>, StoreError> {
    let query = sqlx::query(DUE_OF_CUSTOMERS).bind(tenant).bind(until).bind(after_customer).bind(limit);
    query.fetch_all(pool).await?.iter().map(row_of).collect()
}

/// How many timers are due until an instant.
pub async fn timers_due(pool: &AnyPool, tenant: &str, until: i64) -> Result<i64, StoreError> {
    let row = sqlx::query(COUNT_DUE).bind(tenant).bind(until).fetch_one(pool).await?;
    Ok(row.try_get(0)?)
}

const DUE_OF_CUSTOMERS: &str = "\
    SELECT tenant, subject_type, subject_id, customer_id, kind, due_at, position FROM timers \
    WHERE tenant = $1 AND due_at <= $2 AND customer_id > $3 \
    ORDER BY customer_id, due_at, subject_type, subject_id LIMIT $4";

const COUNT_DUE: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM timers WHERE tenant = $1 AND due_at <= $2";
