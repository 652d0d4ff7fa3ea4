//! Questions about payment methods.

use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::row::PaymentMethodRow;
use crate::query::row_of;

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("payment_methods::OF_CUSTOMER", OF_CUSTOMER)];

/// A payment method and whether its customer is charged by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerMethod {
    pub method: PaymentMethodRow,
    pub is_default: bool,
}

/// A customer's attached payment methods, the oldest first.
pub async fn payment_methods_of_customer(
    pool: &AnyPool,
    tenant: &str,
    customer_id: &str,
) -> Result<Vec<CustomerMethod>, StoreError> {
    let found = sqlx::query(OF_CUSTOMER).bind(tenant).bind(customer_id).fetch_all(pool).await?;
    let mut methods = Vec::with_capacity(found.len());
    for row in &found {
        let is_default: i64 = row.try_get("is_default")?;
        methods.push(CustomerMethod { method: row_of(row)?, is_default: is_default == 1 });
    }
    Ok(methods)
}

const OF_CUSTOMER: &str = "\
    SELECT m.tenant, m.payment_method_id, m.customer_id, m.kind, m.brand, m.last4, m.exp_month, m.exp_year, \
    m.attached, m.created_at, m.position, CAST(CASE WHEN d.payment_method_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS \
    is_default \
    FROM payment_methods m LEFT JOIN payment_method_defaults d \
    ON d.tenant = m.tenant AND d.customer_id = m.customer_id AND d.payment_method_id = m.payment_method_id \
    WHERE m.tenant = $1 AND m.customer_id = $2 AND m.attached = 1 \
    ORDER BY m.created_at, m.payment_method_id LIMIT 1000";
