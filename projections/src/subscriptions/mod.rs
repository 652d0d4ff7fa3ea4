//! The read model of subscriptions.

mod fold;
mod read;
mod row;
#[cfg(test)]
pub(crate) mod tests;

pub use fold::SubscriptionFold;
pub use read::{STATEMENTS, find_subscription, subscriptions_of_customer};
pub use row::SubscriptionRow;
