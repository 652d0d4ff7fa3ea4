//! How a subscription is canceled, brought back, paused and resumed.

use domain::billing::{self, Cancellation};
use domain::proration::{ProrationBehavior, TerminationPolicy};
use domain::subscription::{CancelReason, SubscriptionCommand};
use jiff::Timestamp;
use store::Ledger;

use super::{parse, place_of, seal_words};
use crate::billing::bill;
use crate::failure::Failure;
use crate::operations::repeats::once;
use crate::operations::{Call, Done, stripe_calls};

/// How a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelWhen {
    Now,
    AtPeriodEnd,
}

#[derive(Debug, Clone)]
pub struct CancelFields {
    pub when: CancelWhen,
    /// What is given back where it ends now.
    pub termination: TerminationPolicy,
    pub reason: Option<String>,
    pub feedback: Option<String>,
}

#[derive(Debug, Clone)]
pub struct PauseFields {
    pub resumes_at: Option<Timestamp>,
    pub reason: Option<String>,
    pub maintain_access: bool,
    pub behavior: ProrationBehavior,
}

pub async fn cancel_subscription(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    fields: &CancelFields,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::cancel_subscription(ledger, call, patience, id, fields)).await;
    }
    once(ledger, call, async {
        let id = parse(id)?;
        let (snapshot, place) = place_of(ledger, call, &id).await?;
        let words = [fields.reason.clone(), fields.feedback.clone()];
        let [reason, feedback] = seal_words(ledger, call, &snapshot, words).await?;
        let ((), receipt) = bill(ledger, call, &place, id.as_str(), |desk| match fields.when {
            CancelWhen::AtPeriodEnd => {
                let (reason, feedback) = (reason.clone(), feedback.clone());
                desk.on_subscription(&id, SubscriptionCommand::CancelAtPeriodEnd { reason, feedback })
            }
            CancelWhen::Now => {
                let wanted = Cancellation {
                    cause: CancelReason::Requested,
                    termination: fields.termination,
                    reason: reason.clone(),
                    feedback: feedback.clone(),
                };
                billing::cancel(desk, &id, &wanted)
            }
        })
        .await?;
        Ok(Done::of(id.as_str(), receipt))
    })
    .await
}

/// Takes a cancellation at the period's end back.
pub async fn reactivate_subscription(ledger: &Ledger, call: &Call, id: &str) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::reactivate_subscription(ledger, call, patience, id)).await;
    }
    once(ledger, call, async {
        let id = parse(id)?;
        let (_, place) = place_of(ledger, call, &id).await?;
        let work =
            |desk: &mut domain::billing::Desk| desk.on_subscription(&id, SubscriptionCommand::WithdrawCancellation);
        let ((), receipt) = bill(ledger, call, &place, id.as_str(), work).await?;
        Ok(Done::of(id.as_str(), receipt))
    })
    .await
}

pub async fn pause_subscription(ledger: &Ledger, call: &Call, id: &str, fields: &PauseFields) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::pause_subscription(ledger, call, patience, id, fields)).await;
    }
    once(ledger, call, async {
        let id = parse(id)?;
        let (snapshot, place) = place_of(ledger, call, &id).await?;
        let [reason] = seal_words(ledger, call, &snapshot, [fields.reason.clone()]).await?;
        let ((), receipt) = bill(ledger, call, &place, id.as_str(), |desk| {
            let (until, access) = (fields.resumes_at, fields.maintain_access);
            billing::pause(desk, &id, until, reason.clone(), access, fields.behavior)
        })
        .await?;
        Ok(Done::of(id.as_str(), receipt))
    })
    .await
}

pub async fn resume_subscription(
    ledger: &Ledger,
    call: &Call,
    id: &str,
    behavior: ProrationBehavior,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::resume_subscription(ledger, call, patience, id, behavior)).await;
    }
    once(ledger, call, async {
        let id = parse(id)?;
        let (_, place) = place_of(ledger, call, &id).await?;
        let work = |desk: &mut domain::billing::Desk| billing::resume(desk, &id, behavior);
        let ((), receipt) = bill(ledger, call, &place, id.as_str(), work).await?;
        Ok(Done::of(id.as_str(), receipt))
    })
    .await
}
