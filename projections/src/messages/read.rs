//! Questions about messages.

use sqlx::AnyPool;
use store::StoreError;

use super::row::MessageRow;
use crate::query::row_of;

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("messages::AFTER", AFTER)];

/// A tenant's messages after a position, in the order in which they came up.
pub async fn list_messages(
    pool: &AnyPool,
    tenant: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    sqlx::query(AFTER).bind(tenant).bind(after).bind(limit).fetch_all(pool).await?.iter().map(row_of).collect()
}

const AFTER: &str = "\
    SELECT tenant, position, channel, template, customer_id, subject, offer, queued_at, personalization FROM messages \
    WHERE tenant = $1 AND position > $2 ORDER BY position LIMIT $3";
