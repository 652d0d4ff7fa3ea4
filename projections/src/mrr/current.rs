//! What is MRR at a moment: of a customer, of a page of customers, of a tenant.

use std::collections::BTreeMap;

use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::known::OPEN;
use crate::query::number;

/// Customers in one look-up; a longer list takes several.
const CUSTOMERS_AT_ONCE: usize = 25;

/// As of now: before this position every row that still holds was known.
pub(super) const HEAD: i64 = OPEN - 1;

/// A tenant's MRR by currency, and the customers who have any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub mrr_minor: BTreeMap<String, i64>,
    pub active_customers: i64,
}

/// The customer's MRR at an instant in microseconds. The instant matters even for the present: a discount that will
/// end is known to.
pub async fn current_mrr_of_customer(
    pool: &AnyPool,
    tenant: &str,
    customer_id: &str,
    currency: &str,
    at: i64,
) -> Result<i64, StoreError> {
    let statement = sqlx::query(OF_CUSTOMER).bind(tenant).bind(customer_id).bind(OPEN).bind(at).bind(currency);
    number(pool, statement).await
}

/// The MRR of these customers by customer and currency; those without any are left out.
pub async fn current_mrr_of_customers(
    pool: &AnyPool,
    tenant: &str,
    ids: &[&str],
    at: i64,
) -> Result<BTreeMap<(String, String), i64>, StoreError> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(CUSTOMERS_AT_ONCE) {
        let Some(last) = some.last() else { continue };
        let mut statement = sqlx::query(OF_CUSTOMERS).bind(tenant).bind(OPEN).bind(at);
        // The statement has a fixed number of places; those to spare repeat the last id.
        for id in some.iter().chain(std::iter::repeat(last)).take(CUSTOMERS_AT_ONCE) {
            statement = statement.bind(*id);
        }
        for row in statement.fetch_all(pool).await? {
            found.insert((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?);
        }
    }
    Ok(found)
}

/// A tenant's totals at an instant in microseconds, as known now.
pub async fn totals_at(pool: &AnyPool, tenant: &str, at: i64) -> Result<Totals, StoreError> {
    totals_as_of(pool, tenant, at, HEAD).await
}

async fn totals_as_of(pool: &AnyPool, tenant: &str, at: i64, as_of: i64) -> Result<Totals, StoreError> {
    let by_currency = mrr_at(pool, tenant, at, as_of).await?;
    let active_customers = active_at(pool, tenant, at, as_of).await?;
    Ok(Totals {
        mrr_minor: by_currency.into_iter().map(|(currency, (mrr_minor, _))| (currency, mrr_minor)).collect(),
        active_customers,
    })
}

/// MRR and the number of customers who have any, by currency.
pub(super) async fn mrr_at(
    pool: &AnyPool,
    tenant: &str,
    at: i64,
    as_of: i64,
) -> Result<BTreeMap<String, (i64, i64)>, StoreError> {
    let found = sqlx::query(AT).bind(tenant).bind(at).bind(as_of).fetch_all(pool).await?;
    found.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
}

/// Customers with MRR in any currency, each once.
pub(super) async fn active_at(pool: &AnyPool, tenant: &str, at: i64, as_of: i64) -> Result<i64, StoreError> {
    number(pool, sqlx::query(ACTIVE_AT).bind(tenant).bind(at).bind(as_of)).await
}

pub(super) const OF_CUSTOMER: &str = "\
    SELECT CAST(COALESCE(SUM(mrr_minor), 0) AS BIGINT) FROM mrr_balances \
    WHERE tenant = $1 AND customer_id = $2 AND to_position = $3 AND effective_to > $4 AND effective_from <= $4 \
    AND currency = $5";

pub(super) const OF_CUSTOMERS: &str = "\
    SELECT customer_id, currency, CAST(SUM(mrr_minor) AS BIGINT) FROM mrr_balances \
    WHERE tenant = $1 AND to_position = $2 AND effective_to > $3 AND effective_from <= $3 AND mrr_minor > 0 \
    AND customer_id IN ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
    $23, $24, $25, $26, $27, $28) \
    GROUP BY customer_id, currency ORDER BY customer_id, currency";

pub(super) const AT: &str = "\
    SELECT currency, CAST(SUM(mrr_minor) AS BIGINT), COUNT(DISTINCT customer_id) FROM mrr_balances \
    WHERE tenant = $1 AND effective_from <= $2 AND effective_to > $2 AND from_position <= $3 AND to_position > $3 \
    AND mrr_minor > 0 GROUP BY currency ORDER BY currency";

pub(super) const ACTIVE_AT: &str = "\
    SELECT COUNT(DISTINCT customer_id) FROM mrr_balances \
    WHERE tenant = $1 AND effective_from <= $2 AND effective_to > $2 AND from_position <= $3 AND to_position > $3 \
    AND mrr_minor > 0";
