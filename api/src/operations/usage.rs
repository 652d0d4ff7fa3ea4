//! What is done with usage: it is recorded, and billed in arrears with the period it falls into.

use domain::command::Command;
use domain::id::SubscriptionId;
use domain::pricing::Metric;
use domain::subscription::Subscription;
use domain::usage::UsageCommand;
use jiff::Timestamp;
use store::Ledger;

use super::repeats::once;
use super::{Call, Done, execute, request};
use crate::failure::Failure;

#[derive(Debug, Clone)]
pub struct UsageFields {
    pub subscription_id: String,
    pub metric: String,
    pub quantity: u64,
    /// `None` is now.
    pub used_at: Option<Timestamp>,
}

/// Records usage of one of the subscription's metrics. Without an idempotency key each record counts.
pub async fn record_usage(ledger: &Ledger, call: &Call, fields: &UsageFields) -> Result<Done, Failure> {
    once(ledger, call, async {
        let id = SubscriptionId::parse(&fields.subscription_id).map_err(|_| Failure::not_found("subscription"))?;
        let loaded = ledger.load::<Subscription>(&call.tenant, id.as_str()).await?;
        let snapshot = loaded.state.snapshot().ok_or_else(|| Failure::not_found("subscription"))?;
        let expected = "A metric that the subscription is charged for";
        let unknown = || Failure::invalid("metric", Some(&fields.metric), expected);
        let metric = Metric::parse(&fields.metric).map_err(|_| unknown())?;
        if !snapshot.terms.items.iter().any(|item| item.metric.as_ref() == Some(&metric)) {
            return Err(unknown());
        }
        if snapshot.standing.is_terminal() {
            return Err(Failure::Illegal { reason: "the subscription has ended".to_owned() });
        }
        let key = call.idempotency.as_ref().map_or_else(|| store::ids::prefixed("use_"), |(key, _)| key.clone());
        let used_at = fields.used_at.unwrap_or(call.now);
        let command =
            UsageCommand::Record { id: id.clone(), key: key.clone(), metric, quantity: fields.quantity, used_at };
        execute(ledger, &key, request(call, vec![Command::Usage(id, command)], &key)).await
    })
    .await
}
