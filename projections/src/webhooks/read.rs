//! Questions about the webhook log.

use domain::sealed::Sealed;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::row::WebhookRow;
use crate::page::{Direction, Page, PageRequest};
use crate::query::{ListError, number, row_of};

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("webhooks::FIND", FIND),
    ("webhooks::COUNT", COUNT),
    ("webhooks::NEWEST", NEWEST),
    ("webhooks::OLDEST", OLDEST),
    ("webhooks::OUTCOMES", OUTCOMES),
];

/// A received event with its sealed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    pub row: WebhookRow,
    pub body: Option<Sealed>,
}

/// Which events are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WebhookFilter<'a> {
    pub source: Option<&'a str>,
    pub processed: Option<bool>,
    pub event_type: Option<&'a str>,
}

/// How many events of one type had one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCount {
    pub event_type: String,
    pub outcome: String,
    pub count: i64,
}

pub async fn find_webhook_event(
    pool: &AnyPool,
    tenant: &str,
    event_id: &str,
) -> Result<Option<WebhookEvent>, StoreError> {
    let found = sqlx::query(FIND).bind(tenant).bind(event_id).fetch_optional(pool).await?;
    found.as_ref().map(with_body).transpose()
}

/// The log, the newest first.
pub async fn list_webhook_events(
    pool: &AnyPool,
    tenant: &str,
    filter: WebhookFilter<'_>,
    request: &PageRequest,
) -> Result<Page<WebhookEvent>, ListError> {
    let start = request.start("received_position:desc", Direction::Desc)?;
    let processed = filter.processed.map(i64::from);
    let count = sqlx::query(COUNT).bind(tenant).bind(filter.source).bind(processed).bind(filter.event_type);
    let total = number(pool, count).await?;
    let statement = match start.direction {
        Direction::Desc => NEWEST,
        Direction::Asc => OLDEST,
    };
    let found = sqlx::query(statement)
        .bind(tenant)
        .bind(filter.source)
        .bind(processed)
        .bind(filter.event_type)
        .bind(start.value)
        .bind(start.id.as_str())
        .bind(start.limit)
        .bind(start.offset)
        .fetch_all(pool)
        .await
        .map_err(StoreError::from)?;
    let found = found.iter().map(with_body).collect::<Result<Vec<_>, _>>()?;
    Ok(start.finish(found, total, |event| (event.row.received_position, event.row.event_id.clone())))
}

pub async fn count_webhook_outcomes(pool: &AnyPool, tenant: &str) -> Result<Vec<OutcomeCount>, StoreError> {
    let found = sqlx::query(OUTCOMES).bind(tenant).fetch_all(pool).await?;
    found
        .iter()
        .map(|row| Ok(OutcomeCount { event_type: row.try_get(0)?, outcome: row.try_get(1)?, count: row.try_get(2)? }))
        .collect()
}

fn with_body(found: &AnyRow) -> Result<WebhookEvent, StoreError> {
    let body: Option<String> = found.try_get("body")?;
    Ok(WebhookEvent { row: row_of(found)?, body: body.map(Sealed::from_ciphertext) })
}

const FIND: &str = "\
    SELECT e.tenant, e.event_id, e.source, e.event_type, e.api_version, e.object, e.object_id, e.customer_id, \
    e.processed, e.outcome, e.reason, e.conflicts, e.processed_at, e.retry_count, e.created_at, \
    e.received_at, e.received_position, e.position, b.body \
    FROM webhook_events e LEFT JOIN webhook_bodies b ON b.tenant = e.tenant AND b.event_id = e.event_id \
    WHERE e.tenant = $1 AND e.event_id = $2";

const COUNT: &str = "\
    SELECT COUNT(*) FROM webhook_events e WHERE e.tenant = $1 \
    AND (CAST($2 AS TEXT) IS NULL OR e.source = $2) AND (CAST($3 AS BIGINT) IS NULL OR e.processed = $3) \
    AND (CAST($4 AS TEXT) IS NULL OR e.event_type = $4)";

const NEWEST: &str = "\
    SELECT e.tenant, e.event_id, e.source, e.event_type, e.api_version, e.object, e.object_id, e.customer_id, \
    e.processed, e.outcome, e.reason, e.conflicts, e.processed_at, e.retry_count, e.created_at, \
    e.received_at, e.received_position, e.position, b.body \
    FROM webhook_events e LEFT JOIN webhook_bodies b ON b.tenant = e.tenant AND b.event_id = e.event_id \
    WHERE e.tenant = $1 \
    AND (CAST($2 AS TEXT) IS NULL OR e.source = $2) AND (CAST($3 AS BIGINT) IS NULL OR e.processed = $3) \
    AND (CAST($4 AS TEXT) IS NULL OR e.event_type = $4) \
    AND (e.received_position, e.event_id) < ($5, $6) \
    ORDER BY e.received_position DESC, e.event_id DESC LIMIT $7 OFFSET $8";

const OLDEST: &str = "\
    SELECT e.tenant, e.event_id, e.source, e.event_type, e.api_version, e.object, e.object_id, e.customer_id, \
    e.processed, e.outcome, e.reason, e.conflicts, e.processed_at, e.retry_count, e.created_at, \
    e.received_at, e.received_position, e.position, b.body \
    FROM webhook_events e LEFT JOIN webhook_bodies b ON b.tenant = e.tenant AND b.event_id = e.event_id \
    WHERE e.tenant = $1 \
    AND (CAST($2 AS TEXT) IS NULL OR e.source = $2) AND (CAST($3 AS BIGINT) IS NULL OR e.processed = $3) \
    AND (CAST($4 AS TEXT) IS NULL OR e.event_type = $4) \
    AND (e.received_position, e.event_id) > ($5, $6) \
    ORDER BY e.received_position, e.event_id LIMIT $7 OFFSET $8";

const OUTCOMES: &str = "\
    SELECT event_type, outcome, COUNT(*) FROM webhook_events WHERE tenant = $1 \
    GROUP BY event_type, outcome ORDER BY event_type, outcome";
