//! How a subscription is paused and resumed (decision B1): nothing is billed meanwhile, and it returns to where it was.

use jiff::Timestamp;

use super::command::AsBilled;
use super::decide::{event, with_standing};
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::state::{Subscription, illegal};
use super::terms::Standing;
use crate::refusal::Refusal;

pub(super) fn pause(
    subscription: &Subscription,
    now: Timestamp,
    resumes_at: Option<Timestamp>,
    change: SubscriptionChange,
    as_billed: &AsBilled,
) -> Result<Vec<SubscriptionEvent>, Refusal> {
    let (id, snapshot) = subscription.living("pause")?;
    let past_due_since = match snapshot.standing {
        Standing::PastDue { since } => Some(since),
        Standing::Trialing { .. } | Standing::Active {} => None,
        Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. }
        | Standing::Canceled { .. } => return Err(illegal(&snapshot.standing, "pause")),
    };
    if resumes_at.is_some_and(|date| date <= now) {
        return Err(Refusal::invalid("pause_until", "lies in the past"));
    }
    let mut after = with_standing(snapshot, Standing::Paused { since: now, resumes_at, past_due_since });
    as_billed.apply(&mut after.terms);
    Ok(vec![event(now, id, change, after)])
}

pub(super) fn resume(
    subscription: &Subscription,
    now: Timestamp,
    as_billed: &AsBilled,
) -> Result<Vec<SubscriptionEvent>, Refusal> {
    let (id, snapshot) = subscription.living("resume")?;
    let Standing::Paused { past_due_since, .. } = snapshot.standing else {
        return Err(illegal(&snapshot.standing, "resume"));
    };
    // What was owed is owed still, and a trial that is not over yet goes on; otherwise the resumed subscription is
    // active (billing.md §3.1).
    let standing = match (past_due_since, snapshot.terms.trial) {
        (Some(since), _) => Standing::PastDue { since },
        (None, Some(trial)) if trial.contains(now) => Standing::Trialing { trial },
        (None, Some(_) | None) => Standing::Active {},
    };
    let mut after = with_standing(snapshot, standing);
    as_billed.apply(&mut after.terms);
    Ok(vec![event(now, id, SubscriptionChange::SubscriptionResumed {}, after)])
}
