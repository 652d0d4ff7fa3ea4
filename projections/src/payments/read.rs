//! Questions about payments and the money collected.

use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::row::PaymentRow;
use crate::mrr::OPEN;
use crate::query::{row, rows};

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("payments::FIND", FIND),
    ("payments::OF_INVOICE", OF_INVOICE),
    ("payments::COLLECTED", COLLECTED),
    ("payments::ATTEMPTS", ATTEMPTS),
];

/// What was collected in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    pub currency: String,
    /// Payments that succeeded.
    pub succeeded: i64,
    /// Attempts that failed.
    pub failed: i64,
    /// Money taken less money given back.
    pub collected_minor: i64,
}

/// How often a tenant's payments were attempted, whatever the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    pub succeeded: i64,
    pub failed: i64,
}

pub async fn find_payment(pool: &AnyPool, tenant: &str, payment_id: &str) -> Result<Option<PaymentRow>, StoreError> {
    row(pool, sqlx::query(FIND).bind(tenant).bind(payment_id)).await
}

/// An invoice's payments in the order they were made.
pub async fn payments_of_invoice(
    pool: &AnyPool,
    tenant: &str,
    invoice_id: &str,
) -> Result<Vec<PaymentRow>, StoreError> {
    rows(pool, sqlx::query(OF_INVOICE).bind(tenant).bind(invoice_id)).await
}

/// Counts and sums of `[from_at, to_at)` in microseconds of business time, as known at a position, a row a currency in
/// order of its code.
pub async fn collected_between(
    pool: &AnyPool,
    tenant: &str,
    (from_at, to_at): (i64, i64),
    as_of: i64,
) -> Result<Vec<Collected>, StoreError> {
    let found = sqlx::query(COLLECTED).bind(tenant).bind(from_at).bind(to_at).bind(as_of).fetch_all(pool).await?;
    found
        .iter()
        .map(|row| {
            Ok(Collected {
                currency: row.try_get(0)?,
                succeeded: row.try_get(1)?,
                failed: row.try_get(2)?,
                collected_minor: row.try_get(3)?,
            })
        })
        .collect()
}

pub async fn attempt_counts(pool: &AnyPool, tenant: &str) -> Result<Attempts, StoreError> {
    let row = sqlx::query(ATTEMPTS).bind(tenant).bind(OPEN).fetch_one(pool).await?;
    Ok(Attempts { succeeded: row.try_get(0)?, failed: row.try_get(1)? })
}

const FIND: &str = "\
    SELECT tenant, payment_id, customer_id, invoice_id, origin, status, amount_minor, currency, payment_method_id, \
    method_type, last4, exp_month, exp_year, decline_code, refunded_minor, disputed_minor, open_dispute, \
    fee_minor, net_minor, created_at, succeeded_at, failed_attempts, description, receipt_url, standing, \
    created_position, position \
    FROM payments WHERE tenant = $1 AND payment_id = $2";

const OF_INVOICE: &str = "\
    SELECT tenant, payment_id, customer_id, invoice_id, origin, status, amount_minor, currency, payment_method_id, \
    method_type, last4, exp_month, exp_year, decline_code, refunded_minor, disputed_minor, open_dispute, \
    fee_minor, net_minor, created_at, succeeded_at, failed_attempts, description, receipt_url, standing, \
    created_position, position \
    FROM payments WHERE tenant = $1 AND invoice_id = $2 \
    ORDER BY created_at, payment_id LIMIT 1000";

const COLLECTED: &str = "\
    SELECT currency, COUNT(*) FILTER (WHERE kind = 'taken'), COUNT(*) FILTER (WHERE kind = 'declined'), \
    CAST(SUM(amount_minor) AS BIGINT) \
    FROM payment_collections WHERE tenant = $1 AND effective_at >= $2 AND effective_at < $3 \
    AND from_position <= $4 AND to_position > $4 GROUP BY currency ORDER BY currency";

const ATTEMPTS: &str = "\
    SELECT COUNT(*) FILTER (WHERE kind = 'taken'), COUNT(*) FILTER (WHERE kind = 'declined') \
    FROM payment_collections WHERE tenant = $1 AND to_position = $2";
