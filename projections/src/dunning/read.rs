//! Questions about dunning campaigns.

use domain::dunning::CampaignStatus;
use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::row::CampaignRow;
use crate::page::{Direction, Page, PageRequest};
use crate::query::{ListError, number, row, rows};

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("dunning::FIND", FIND),
    ("dunning::COUNT", COUNT),
    ("dunning::NEWEST", NEWEST),
    ("dunning::OLDEST", OLDEST),
    ("dunning::RECOVERY", RECOVERY),
];

/// Which campaigns are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CampaignFilter<'a> {
    pub status: Option<CampaignStatus>,
    pub customer_id: Option<&'a str>,
}

/// How the campaigns of one kind, opened in a stretch of time, stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    pub kind: String,
    pub currency: String,
    pub all: i64,
    /// Recovered, exhausted or canceled.
    pub closed: i64,
    pub recovered: i64,
    pub at_risk_minor: i64,
    pub recovered_minor: i64,
}

pub async fn find_campaign(pool: &AnyPool, tenant: &str, campaign_id: &str) -> Result<Option<CampaignRow>, StoreError> {
    row(pool, sqlx::query(FIND).bind(tenant).bind(campaign_id)).await
}

/// Campaigns, the newest first.
pub async fn list_campaigns(
    pool: &AnyPool,
    tenant: &str,
    filter: CampaignFilter<'_>,
    request: &PageRequest,
) -> Result<Page<CampaignRow>, ListError> {
    let start = request.start("opened_at:desc", Direction::Desc)?;
    let status = filter.status.map(CampaignStatus::as_str);
    let count = sqlx::query(COUNT).bind(tenant).bind(status).bind(filter.customer_id);
    let total = number(pool, count).await?;
    let statement = match start.direction {
        Direction::Desc => NEWEST,
        Direction::Asc => OLDEST,
    };
    let statement = sqlx::query(statement)
        .bind(tenant)
        .bind(status)
        .bind(filter.customer_id)
        .bind(start.value)
        .bind(start.id.as_str())
        .bind(start.limit)
        .bind(start.offset);
    let found = rows::<CampaignRow>(pool, statement).await?;
    Ok(start.finish(found, total, |row| (row.opened_at, row.campaign_id.clone())))
}

/// Counts and sums of the campaigns opened in `[from_at, to_at)`, by kind and currency.
pub async fn recovery_by_kind(
    pool: &AnyPool,
    tenant: &str,
    from_at: i64,
    to_at: i64,
) -> Result<Vec<Recovery>, StoreError> {
    let found = sqlx::query(RECOVERY).bind(tenant).bind(from_at).bind(to_at).fetch_all(pool).await?;
    found
        .iter()
        .map(|row| {
            Ok(Recovery {
                kind: row.try_get(0)?,
                currency: row.try_get(1)?,
                all: row.try_get(2)?,
                closed: row.try_get(3)?,
                recovered: row.try_get(4)?,
                at_risk_minor: row.try_get(5)?,
                recovered_minor: row.try_get(6)?,
            })
        })
        .collect()
}

const FIND: &str = "\
    SELECT tenant, campaign_id, kind, configuration, status, customer_id, subscription_id, invoice_id, \
    payment_method_id, amount_at_risk_minor, recovered_minor, currency, current_step, total_steps, \
    next_action_at, opened_at, closed_at, actions, attempts, steps, created_position, position \
    FROM dunning_campaigns WHERE tenant = $1 AND campaign_id = $2";

const COUNT: &str = "\
    SELECT COUNT(*) \
    FROM dunning_campaigns WHERE tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR status = $2) \
    AND (CAST($3 AS TEXT) IS NULL OR customer_id = $3)";

const NEWEST: &str = "\
    SELECT tenant, campaign_id, kind, configuration, status, customer_id, subscription_id, invoice_id, \
    payment_method_id, amount_at_risk_minor, recovered_minor, currency, current_step, total_steps, \
    next_action_at, opened_at, closed_at, actions, attempts, steps, created_position, position \
    FROM dunning_campaigns WHERE tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR status = $2) \
    AND (CAST($3 AS TEXT) IS NULL OR customer_id = $3) \
    AND (opened_at, campaign_id) < ($4, $5) ORDER BY opened_at DESC, campaign_id DESC LIMIT $6 OFFSET $7";

const OLDEST: &str = "\
    SELECT tenant, campaign_id, kind, configuration, status, customer_id, subscription_id, invoice_id, \
    payment_method_id, amount_at_risk_minor, recovered_minor, currency, current_step, total_steps, \
    next_action_at, opened_at, closed_at, actions, attempts, steps, created_position, position \
    FROM dunning_campaigns WHERE tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR status = $2) \
    AND (CAST($3 AS TEXT) IS NULL OR customer_id = $3) \
    AND (opened_at, campaign_id) > ($4, $5) ORDER BY opened_at, campaign_id LIMIT $6 OFFSET $7";

const RECOVERY: &str = "\
    SELECT kind, currency, COUNT(*), COUNT(*) FILTER (WHERE status <> 'active'), \
    COUNT(*) FILTER (WHERE status = 'recovered'), \
    CAST(SUM(amount_at_risk_minor) AS BIGINT), CAST(SUM(recovered_minor) AS BIGINT) \
    FROM dunning_campaigns WHERE tenant = $1 AND opened_at >= $2 AND opened_at < $3 \
    GROUP BY kind, currency ORDER BY kind, currency";
