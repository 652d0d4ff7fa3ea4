//! The read model of the webhook log: what a processor sent and what became of it.

mod body;
mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use body::WebhookBodyRow;
pub use fold::WebhookFold;
pub use read::{
    OutcomeCount, STATEMENTS, WebhookEvent, WebhookFilter, count_webhook_outcomes, find_webhook_event,
    list_webhook_events,
};
pub use row::WebhookRow;
