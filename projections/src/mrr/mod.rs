//! The read model of monthly recurring revenue: how each customer's MRR moved and what each subscription was worth,
//! in business time and as of any position (rule P6). The rules themselves are `domain::mrr`; this keeps the answers.

mod balance_row;
mod current;
mod fold;
mod known;
mod movement_row;
mod period;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
pub(crate) mod sql_tests;
#[cfg(test)]
pub(crate) mod tests;
mod timeline_row;

pub use balance_row::BalanceRow;
pub use current::{Totals, current_mrr_of_customer, current_mrr_of_customers, totals_at};
pub use fold::MrrFold;
pub use known::{Known, OPEN};
pub use movement_row::MovementRow;
pub use period::{Customers, Revenue, Window, customers_lost_between, revenue_between};
pub use timeline_row::TimelineRow;

/// Every statement of this family, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("mrr::OF_CUSTOMER", current::OF_CUSTOMER),
    ("mrr::OF_CUSTOMERS", current::OF_CUSTOMERS),
    ("mrr::AT", current::AT),
    ("mrr::ACTIVE_AT", current::ACTIVE_AT),
    ("mrr::MOVED", period::MOVED),
    ("mrr::LOST", period::LOST),
];
