//! The newest cohorts of a tenant in one currency, with retention and realized lifetime value.

use std::collections::BTreeMap;

use domain::money::Currency;
use domain::mrr::{Cohort, Member, Movement, MovementType, cohorts, member};
use domain::time::{first_of_month, from_micros, local_date, month_of, start_of_day, to_micros};
use jiff::tz::TimeZone;
use sqlx::{AnyPool, Row as _};
use store::StoreError;

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("cohorts::MOVEMENTS", MOVEMENTS), ("cohorts::COLLECTED", COLLECTED)];

/// From where cohorts are looked at.
#[derive(Debug, Clone)]
pub struct Horizon {
    /// What happens from this instant on is not seen.
    pub until_at: i64,
    /// What was learnt after this position is not known.
    pub as_of: i64,
    /// Whose months they are.
    pub zone: TimeZone,
    /// How many months, the current one among them.
    pub months: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortFigures {
    pub cohort: Cohort,
    /// Collected from its customers so far.
    pub realized_minor: i64,
}

/// The cohorts of the last months, the newest first. A customer belongs to the month in which it first had MRR, if
/// that was in this currency; months in which nobody began have no cohort.
pub async fn newest_cohorts(
    pool: &AnyPool,
    tenant: &str,
    currency: Currency,
    horizon: &Horizon,
) -> Result<Vec<CohortFigures>, StoreError> {
    let today = local_date(from_micros(horizon.until_at - 1), &horizon.zone);
    let Some(first) = first_of_month(today, 1 - horizon.months) else { return Ok(Vec::new()) };
    let since_at = to_micros(start_of_day(first, &horizon.zone));
    let bind = |text| {
        sqlx::query(text).bind(tenant).bind(currency.code()).bind(horizon.as_of).bind(since_at).bind(horizon.until_at)
    };
    let mut movements: BTreeMap<String, Vec<Movement>> = BTreeMap::new();
    for row in bind(MOVEMENTS).fetch_all(pool).await? {
        let movement = amounts_only(currency, row.try_get(1)?, row.try_get(2)?);
        movements.entry(row.try_get(0)?).or_default().push(movement);
    }
    let mut members: Vec<Member> = Vec::new();
    let mut months: BTreeMap<String, String> = BTreeMap::new();
    for (customer, movements) in movements {
        let Some(member) = member(&movements, currency, today, &horizon.zone) else { continue };
        months.insert(customer, month_of(member.month));
        members.push(member);
    }
    let mut realized: BTreeMap<&str, i64> = BTreeMap::new();
    for row in bind(COLLECTED).fetch_all(pool).await? {
        let Some(month) = months.get(row.try_get::<&str, _>(0)?) else { continue };
        let sum = realized.entry(month).or_default();
        *sum = sum.saturating_add(row.try_get(1)?);
    }
    let figures = cohorts(&members, today).into_iter().rev().map(|cohort| {
        let realized_minor = realized.get(cohort.month.as_str()).copied().unwrap_or(0);
        CohortFigures { cohort, realized_minor }
    });
    Ok(figures.collect())
}

/// A movement with what cohorts look at: when, and how much MRR there was afterwards.
fn amounts_only(currency: Currency, effective_at: i64, after_minor: i64) -> Movement {
    Movement {
        effective_at: from_micros(effective_at),
        kind: MovementType::New,
        reason: None,
        currency,
        before_minor: 0,
        after_minor,
        amount_minor: 0,
        logo: None,
        event_ids: Vec::new(),
        position: 0,
    }
}

const MOVEMENTS: &str = "\
    SELECT customer_id, effective_at, after_minor FROM mrr_movements \
    WHERE tenant = $1 AND currency = $2 AND from_position <= $3 AND to_position > $3 \
    AND effective_at >= $4 AND effective_at < $5 AND customer_id IN (\
        SELECT customer_id FROM mrr_movements \
        WHERE tenant = $1 AND currency = $2 AND from_position <= $3 AND to_position > $3 \
        AND effective_at >= $4 AND effective_at < $5 AND kind = 'new'\
    ) ORDER BY customer_id, effective_at";

const COLLECTED: &str = "\
    SELECT customer_id, CAST(SUM(amount_minor) AS BIGINT) FROM payment_collections \
    WHERE tenant = $1 AND currency = $2 AND from_position <= $3 AND to_position > $3 \
    AND effective_at < $5 AND customer_id IN (\
        SELECT customer_id FROM mrr_movements \
        WHERE tenant = $1 AND currency = $2 AND from_position <= $3 AND to_position > $3 \
        AND effective_at >= $4 AND effective_at < $5 AND kind = 'new'\
    ) GROUP BY customer_id ORDER BY customer_id";
