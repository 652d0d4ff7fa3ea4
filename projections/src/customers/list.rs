//! Which orders a list of customers has, and the statement of each. Filters that do not apply are bound as NULL.

use super::row::{CustomerRow, LifecycleStage};
use crate::page::Direction;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerSort {
    CreatedAt,
    LastActivityAt,
    LifetimeValue,
    CustomerId,
}

impl CustomerSort {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::LastActivityAt => "last_activity_at",
            Self::LifetimeValue => "lifetime_value",
            Self::CustomerId => "customer_id",
        }
    }

    /// The sort fields that clients may name.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::CreatedAt, Self::LastActivityAt, Self::LifetimeValue, Self::CustomerId]
            .into_iter()
            .find(|sort| sort.as_str() == word)
    }

    /// The value a row is sorted by; its id decides among equals, and alone where it is the sort field.
    pub(super) fn value(self, row: &CustomerRow) -> i64 {
        match self {
            Self::CreatedAt => row.created_at,
            Self::LastActivityAt => row.last_activity_at,
            Self::LifetimeValue => row.lifetime_value_minor,
            Self::CustomerId => 0,
        }
    }

    pub(super) fn statement(self, direction: Direction) -> &'static str {
        match (self, direction) {
            (Self::CreatedAt, Direction::Asc) => BY_CREATED_AT_ASC,
            (Self::CreatedAt, Direction::Desc) => BY_CREATED_AT_DESC,
            (Self::LastActivityAt, Direction::Asc) => BY_LAST_ACTIVITY_AT_ASC,
            (Self::LastActivityAt, Direction::Desc) => BY_LAST_ACTIVITY_AT_DESC,
            (Self::LifetimeValue, Direction::Asc) => BY_LIFETIME_VALUE_ASC,
            (Self::LifetimeValue, Direction::Desc) => BY_LIFETIME_VALUE_DESC,
            (Self::CustomerId, Direction::Asc) => BY_CUSTOMER_ID_ASC,
            (Self::CustomerId, Direction::Desc) => BY_CUSTOMER_ID_DESC,
        }
    }
}

/// Which customers are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    pub lifecycle_stage: Option<LifecycleStage>,
    /// Microseconds; later ones only.
    pub created_after: Option<i64>,
}

pub(super) const COUNT: &str = "\
    SELECT COUNT(*) \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3)";

pub(super) const BY_CREATED_AT_ASC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND (created_at, customer_id) > ($4, $5) ORDER BY created_at, customer_id LIMIT $6 OFFSET $7";

pub(super) const BY_CREATED_AT_DESC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND (created_at, customer_id) < ($4, $5) ORDER BY created_at DESC, customer_id DESC LIMIT $6 OFFSET $7";

pub(super) const BY_LAST_ACTIVITY_AT_ASC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND (last_activity_at, customer_id) > ($4, $5) ORDER BY last_activity_at, customer_id LIMIT $6 OFFSET $7";

pub(super) const BY_LAST_ACTIVITY_AT_DESC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND (last_activity_at, customer_id) < ($4, $5) \
    ORDER BY last_activity_at DESC, customer_id DESC LIMIT $6 OFFSET $7";

pub(super) const BY_LIFETIME_VALUE_ASC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND (lifetime_value_minor, customer_id) > ($4, $5) ORDER BY lifetime_value_minor, customer_id LIMIT $6 OFFSET $7";

pub(super) const BY_LIFETIME_VALUE_DESC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND (lifetime_value_minor, customer_id) < ($4, $5) \
    ORDER BY lifetime_value_minor DESC, customer_id DESC LIMIT $6 OFFSET $7";

pub(super) const BY_CUSTOMER_ID_ASC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND CAST($4 AS BIGINT) IS NOT NULL AND customer_id > $5 \
    ORDER BY customer_id LIMIT $6 OFFSET $7";

pub(super) const BY_CUSTOMER_ID_DESC: &str = "\
    SELECT tenant, customer_id, origin, email, email_index, first_name, last_name, name, phone, company, address, \
    country, currency, metadata, acquisition_source, created_at, created_position, last_activity_at, has_activity, \
    default_payment_method, balance_minor, delinquent, deleted, lifecycle_stage, subscriptions, lifetime_value, \
    lifetime_value_minor, position \
    FROM customers WHERE tenant = $1 AND created_position IS NOT NULL \
    AND (CAST($2 AS TEXT) IS NULL OR lifecycle_stage = $2) AND (CAST($3 AS BIGINT) IS NULL OR created_at > $3) \
    AND CAST($4 AS BIGINT) IS NOT NULL AND customer_id < $5 \
    ORDER BY customer_id DESC LIMIT $6 OFFSET $7";
