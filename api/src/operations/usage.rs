//! What is done with usage: it is recorded, and billed in arrears with the period it falls into.

use domain::billing;
use domain::command::Command;
use domain::id::SubscriptionId;
use domain::issued::Decider as _;
use domain::pricing::Metric;
use domain::refusal::Refusal;
use domain::subscription::Subscription;
use domain::usage::UsageCommand;
use jiff::Timestamp;
use store::{ExecuteError, Ledger};

use super::repeats::once;
use super::{Call, Done, request};
use crate::failure::Failure;

#[derive(Debug, Clone)]
pub struct UsageFields {
    pub subscription_id: String,
    pub metric: String,
    pub quantity: u64,
    /// `None` is now.
    pub used_at: Option<Timestamp>,
}

/// Tries of a record that changes of the subscription keep getting in the way of.
const MAX_TRIES: u32 = 16;

/// Records usage of one of the subscription's metrics. Without an idempotency key each record counts.
pub async fn record_usage(ledger: &Ledger, call: &Call, fields: &UsageFields) -> Result<Done, Failure> {
    once(ledger, call, async {
        let key = call.idempotency.as_ref().map_or_else(|| store::ids::prefixed("use_"), |(key, _)| key.clone());
        for _ in 0..MAX_TRIES {
            if let Some(done) = record(ledger, call, fields, &key).await? {
                return Ok(done);
            }
        }
        Err(Failure::Unavailable)
    })
    .await
}

/// `None` where the subscription has changed meanwhile: what the record earns is decided on how it stands.
async fn record(ledger: &Ledger, call: &Call, fields: &UsageFields, key: &str) -> Result<Option<Done>, Failure> {
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
    let (quantity, used_at) = (fields.quantity, fields.used_at.unwrap_or(call.now));
    let rates = billing::usage_rates(snapshot, &metric);
    let command = UsageCommand::Record { id: id.clone(), key: key.to_owned(), metric, quantity, used_at, rates };
    let planned_on = [(Subscription::TYPE, id.to_string(), loaded.sequence)];
    let request = request(call, vec![Command::Usage(id, command)], key);
    match ledger.execute_planned(request, &planned_on).await {
        Ok(receipt) => Ok(Some(Done::of(key, receipt))),
        Err(ExecuteError::Refused(Refusal::Superseded { .. })) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
