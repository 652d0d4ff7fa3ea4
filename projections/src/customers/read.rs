//! Questions about customers.

use sqlx::AnyPool;
use store::StoreError;

use super::list::{self, CustomerFilter, CustomerSort};
use super::row::{CustomerRow, LifecycleStage};
use crate::page::{Direction, Page, PageRequest};
use crate::query::{ListError, number, row, rows};

/// Every statement of this file and `list`, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("customers::FIND", FIND),
    ("customers::FIND_BY_EMAIL_INDEX", FIND_BY_EMAIL_INDEX),
    ("customers::COUNT", list::COUNT),
    ("customers::BY_CREATED_AT_ASC", list::BY_CREATED_AT_ASC),
    ("customers::BY_CREATED_AT_DESC", list::BY_CREATED_AT_DESC),
    ("customers::BY_LAST_ACTIVITY_AT_ASC", list::BY_LAST_ACTIVITY_AT_ASC),
    ("customers::BY_LAST_ACTIVITY_AT_DESC", list::BY_LAST_ACTIVITY_AT_DESC),
    ("customers::BY_LIFETIME_VALUE_ASC", list::BY_LIFETIME_VALUE_ASC),
    ("customers::BY_LIFETIME_VALUE_DESC", list::BY_LIFETIME_VALUE_DESC),
    ("customers::BY_CUSTOMER_ID_ASC", list::BY_CUSTOMER_ID_ASC),
    ("customers::BY_CUSTOMER_ID_DESC", list::BY_CUSTOMER_ID_DESC),
];

/// A customer that has events of its own.
pub async fn find_customer(pool: &AnyPool, tenant: &str, customer_id: &str) -> Result<Option<CustomerRow>, StoreError> {
    row(pool, sqlx::query(FIND).bind(tenant).bind(customer_id)).await
}

/// The living customers with this blind index of an e-mail address, the oldest first. Addresses are unique only among
/// customers created through an API, so there can be several.
pub async fn find_customer_by_email(
    pool: &AnyPool,
    tenant: &str,
    email_index: &str,
) -> Result<Vec<CustomerRow>, StoreError> {
    rows(pool, sqlx::query(FIND_BY_EMAIL_INDEX).bind(tenant).bind(email_index)).await
}

pub async fn list_customers(
    pool: &AnyPool,
    tenant: &str,
    filter: CustomerFilter,
    (sort, direction): (CustomerSort, Direction),
    request: &PageRequest,
) -> Result<Page<CustomerRow>, ListError> {
    let start = request.start(&format!("{}:{}", sort.as_str(), direction.as_str()), direction)?;
    let stage = filter.lifecycle_stage.map(LifecycleStage::as_str);
    let count = sqlx::query(list::COUNT).bind(tenant).bind(stage).bind(filter.created_after);
    let total = number(pool, count).await?;
    let statement = sqlx::query(sort.statement(start.direction))
        .bind(tenant)
        .bind(stage)
        .bind(filter.created_after)
        .bind(start.value)
        .bind(start.id.as_str())
        .bind(start.limit)
        .bind(start.offset);
    let found = rows::<CustomerRow>(pool, statement).await?;
    Ok(start.finish(found, total, |row| (sort.value(row), row.customer_id.clone())))
}

const FIND: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND customer_id = $2 AND created_position IS NOT NULL";

const FIND_BY_EMAIL_INDEX: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND email_index = $2 AND deleted = 0 ORDER BY created_position LIMIT 100";
