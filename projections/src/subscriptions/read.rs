//! Questions about subscriptions.

use sqlx::AnyPool;
use store::StoreError;

use super::row::SubscriptionRow;
use crate::query::{row, rows};

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[("subscriptions::FIND", FIND), ("subscriptions::OF_CUSTOMER", OF_CUSTOMER)];

pub async fn find_subscription(
    pool: &AnyPool,
    tenant: &str,
    subscription_id: &str,
) -> Result<Option<SubscriptionRow>, StoreError> {
    row(pool, sqlx::query(FIND).bind(tenant).bind(subscription_id)).await
}

/// A customer's subscriptions, the newest first; the thousand newest where there are more.
pub async fn subscriptions_of_customer(
    pool: &AnyPool,
    tenant: &str,
    customer_id: &str,
) -> Result<Vec<SubscriptionRow>, StoreError> {
    rows(pool, sqlx::query(OF_CUSTOMER).bind(tenant).bind(customer_id)).await
}

const FIND: &str = "\
    SELECT tenant, subscription_id, customer_id, origin, status, plan_id, plan_name, quantity, amount_minor, \
    currency, interval_unit, interval_count, period_start_at, period_end_at, trial_start_at, trial_end_at, \
    anchor_at, cancel_at, cancel_at_period_end, canceled_at, ended_at, paused_until_at, payment_method_id, \
    latest_invoice_id, created_at, created_position, snapshot, position \
    FROM subscriptions WHERE tenant = $1 AND subscription_id = $2";

const OF_CUSTOMER: &str = "\
    SELECT tenant, subscription_id, customer_id, origin, status, plan_id, plan_name, quantity, amount_minor, \
    currency, interval_unit, interval_count, period_start_at, period_end_at, trial_start_at, trial_end_at, \
    anchor_at, cancel_at, cancel_at_period_end, canceled_at, ended_at, paused_until_at, payment_method_id, \
    latest_invoice_id, created_at, created_position, snapshot, position \
    FROM subscriptions WHERE tenant = $1 AND customer_id = $2 \
    ORDER BY created_at DESC, subscription_id DESC LIMIT 1000";
