//! Questions about invoices.

use std::collections::BTreeMap;

use domain::invoice::InvoiceStatus;
use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::row::InvoiceRow;
use crate::page::{Direction, Page, PageRequest};
use crate::query::{ListError, number, row, rows};

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("invoices::FIND", FIND),
    ("invoices::LATEST_OF_SUBSCRIPTION", LATEST_OF_SUBSCRIPTION),
    ("invoices::COUNT_OF_CUSTOMER", COUNT_OF_CUSTOMER),
    ("invoices::NEWEST_OF_CUSTOMER", NEWEST_OF_CUSTOMER),
    ("invoices::OLDEST_OF_CUSTOMER", OLDEST_OF_CUSTOMER),
    ("invoices::BILLED", BILLED),
];

pub async fn find_invoice(pool: &AnyPool, tenant: &str, invoice_id: &str) -> Result<Option<InvoiceRow>, StoreError> {
    row(pool, sqlx::query(FIND).bind(tenant).bind(invoice_id)).await
}

pub async fn latest_invoice_of_subscription(
    pool: &AnyPool,
    tenant: &str,
    subscription_id: &str,
) -> Result<Option<InvoiceRow>, StoreError> {
    row(pool, sqlx::query(LATEST_OF_SUBSCRIPTION).bind(tenant).bind(subscription_id)).await
}

/// A customer's invoices, the newest first.
pub async fn invoices_of_customer(
    pool: &AnyPool,
    tenant: &str,
    customer_id: &str,
    status: Option<InvoiceStatus>,
    request: &PageRequest,
) -> Result<Page<InvoiceRow>, ListError> {
    let start = request.start("created_at:desc", Direction::Desc)?;
    let status = status.map(InvoiceStatus::as_str);
    let count = sqlx::query(COUNT_OF_CUSTOMER).bind(tenant).bind(customer_id).bind(status);
    let total = number(pool, count).await?;
    let statement = match start.direction {
        Direction::Desc => NEWEST_OF_CUSTOMER,
        Direction::Asc => OLDEST_OF_CUSTOMER,
    };
    let statement = sqlx::query(statement)
        .bind(tenant)
        .bind(customer_id)
        .bind(status)
        .bind(start.value)
        .bind(start.id.as_str())
        .bind(start.limit)
        .bind(start.offset);
    let found = rows::<InvoiceRow>(pool, statement).await?;
    Ok(start.finish(found, total, |row| (row.created_at, row.invoice_id.clone())))
}

/// What invoices finalized in `[from_at, to_at)`, in microseconds, come to without tax, by currency. Void ones were
/// taken back and do not count.
pub async fn billed_between(
    pool: &AnyPool,
    tenant: &str,
    (from_at, to_at): (i64, i64),
) -> Result<BTreeMap<String, i64>, StoreError> {
    let found = sqlx::query(BILLED).bind(tenant).bind(from_at).bind(to_at).fetch_all(pool).await?;
    found.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

const FIND: &str = "\
    SELECT tenant, invoice_id, number, customer_id, subscription_id, origin, status, currency, subtotal_minor, \
    discount_minor, tax_minor, total_minor, amount_due_minor, amount_paid_minor, amount_remaining_minor, \
    attempt_count, next_attempt_at, created_at, due_at, finalized_at, paid_at, closed_at, period_start_at, \
    period_end_at, billing_reason, hosted_url, pdf_url, lines, payment_id, created_position, position \
    FROM invoices WHERE tenant = $1 AND invoice_id = $2";

const LATEST_OF_SUBSCRIPTION: &str = "\
    SELECT tenant, invoice_id, number, customer_id, subscription_id, origin, status, currency, subtotal_minor, \
    discount_minor, tax_minor, total_minor, amount_due_minor, amount_paid_minor, amount_remaining_minor, \
    attempt_count, next_attempt_at, created_at, due_at, finalized_at, paid_at, closed_at, period_start_at, \
    period_end_at, billing_reason, hosted_url, pdf_url, lines, payment_id, created_position, position \
    FROM invoices WHERE tenant = $1 AND subscription_id = $2 \
    ORDER BY created_at DESC, invoice_id DESC LIMIT 1";

const COUNT_OF_CUSTOMER: &str = "\
    SELECT COUNT(*) \
    FROM invoices WHERE tenant = $1 AND customer_id = $2 AND (CAST($3 AS TEXT) IS NULL OR status = $3)";

const NEWEST_OF_CUSTOMER: &str = "\
    SELECT tenant, invoice_id, number, customer_id, subscription_id, origin, status, currency, subtotal_minor, \
    discount_minor, tax_minor, total_minor, amount_due_minor, amount_paid_minor, amount_remaining_minor, \
    attempt_count, next_attempt_at, created_at, due_at, finalized_at, paid_at, closed_at, period_start_at, \
    period_end_at, billing_reason, hosted_url, pdf_url, lines, payment_id, created_position, position \
    FROM invoices WHERE tenant = $1 AND customer_id = $2 AND (CAST($3 AS TEXT) IS NULL OR status = $3) \
    AND (created_at, invoice_id) < ($4, $5) ORDER BY created_at DESC, invoice_id DESC LIMIT $6 OFFSET $7";

const OLDEST_OF_CUSTOMER: &str = "\
    SELECT tenant, invoice_id, number, customer_id, subscription_id, origin, status, currency, subtotal_minor, \
    discount_minor, tax_minor, total_minor, amount_due_minor, amount_paid_minor, amount_remaining_minor, \
    attempt_count, next_attempt_at, created_at, due_at, finalized_at, paid_at, closed_at, period_start_at, \
    period_end_at, billing_reason, hosted_url, pdf_url, lines, payment_id, created_position, position \
    FROM invoices WHERE tenant = $1 AND customer_id = $2 AND (CAST($3 AS TEXT) IS NULL OR status = $3) \
    AND (created_at, invoice_id) > ($4, $5) ORDER BY created_at, invoice_id LIMIT $6 OFFSET $7";

const BILLED: &str = "\
    SELECT currency, CAST(SUM(total_minor - tax_minor) AS BIGINT) FROM invoices \
    WHERE tenant = $1 AND finalized_at >= $2 AND finalized_at < $3 AND status NOT IN ('void', 'deleted') \
    GROUP BY currency ORDER BY currency";
