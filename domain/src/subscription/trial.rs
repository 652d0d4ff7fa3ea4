//! How a subscription's trial begins, is extended and ends. A trial overlays the billing periods: it says from when
//! on they are charged. Nothing is invoiced here.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::command::{ActivationCause, AsBilled};
use super::decide::{event, with_terms};
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::state::{Subscription, illegal};
use super::terms::Standing;
use crate::refusal::Refusal;
use crate::time::Period;

/// Days a trial may last: Stripe's limit of two years.
pub const MAX_TRIAL_DAYS: u16 = 730;

pub(super) fn trial_period(now: Timestamp, days: Option<u16>, zone: &TimeZone) -> Result<Option<Period>, Refusal> {
    match days {
        None | Some(0) => Ok(None),
        Some(days) if days > MAX_TRIAL_DAYS => {
            Err(Refusal::invalid("trial_period_days", format!("must be at most {MAX_TRIAL_DAYS}")))
        }
        Some(days) => {
            // The trial ends at the second of the day at which it began, days later: 24 hours each in UTC, as at Stripe,
            // and by the wall clock in a zone that has others (K-35 of billing.md §5.1).
            let ends = zone.to_datetime(now).checked_add(i64::from(days).days()).and_then(|at| zone.to_timestamp(at));
            let end = ends.map_err(|_| Refusal::invalid("trial_period_days", "ends outside the calendar"))?;
            Ok(Some(Period { start: now, end }))
        }
    }
}

/// A trial given to a trialing or active subscription. Periods that counted from the trial's end, and those of an
/// active subscription, count from the new end (billing.md §3.3: next bill 23 July, trial until 1 August: 1 August).
pub(super) fn extend_trial(
    subscription: &Subscription,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<SubscriptionEvent>, Refusal> {
    let (id, snapshot) = subscription.living("extend the trial of")?;
    let longest = now.saturating_add((i64::from(MAX_TRIAL_DAYS) * 24).hours()).unwrap_or(Timestamp::MAX);
    let (known, moves_anchor) = match &snapshot.standing {
        Standing::Trialing { trial } => (Some(*trial), snapshot.terms.anchor == trial.end),
        Standing::Active {} => (None, true),
        Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::PastDue { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. }
        | Standing::Canceled { .. } => return Err(illegal(&snapshot.standing, "extend the trial of")),
    };
    if until <= now || until > longest {
        return Err(Refusal::invalid("trial_end", format!("must lie within {MAX_TRIAL_DAYS} days from now")));
    }
    if known.is_some_and(|trial| trial.end == until) {
        return Ok(Vec::new());
    }
    let trial = Period { start: known.map_or(now, |trial| trial.start), end: until };
    let mut after = snapshot.clone();
    after.standing = Standing::Trialing { trial };
    after.terms.trial = Some(trial);
    after.terms.trial_end_announced = false;
    if moves_anchor {
        after.terms.anchor = until;
        after.terms.period = Some(trial);
        after.terms.cycle_move.anchor = None;
    }
    Ok(vec![event(now, id, SubscriptionChange::SubscriptionTrialExtended {}, after)])
}

/// The customer was told that the trial ends; once a trial.
pub(super) fn announce_trial_end(subscription: &Subscription, now: Timestamp) -> Vec<SubscriptionEvent> {
    let Ok((id, snapshot)) = subscription.existing() else { return Vec::new() };
    if !matches!(snapshot.standing, Standing::Trialing { .. }) || snapshot.terms.trial_end_announced {
        return Vec::new();
    }
    let after = with_terms(snapshot, |terms| terms.trial_end_announced = true);
    vec![event(now, id, SubscriptionChange::SubscriptionTrialEndAnnounced {}, after)]
}

/// The trial is over, on time or early. A trial that ended early is remembered as it was, and periods that counted
/// from its end count from its real end.
pub(super) fn end_trial(subscription: &Subscription, now: Timestamp, as_billed: &AsBilled) -> Vec<SubscriptionEvent> {
    let Ok((id, snapshot)) = subscription.existing() else { return Vec::new() };
    let Standing::Trialing { trial } = snapshot.standing else { return Vec::new() };
    let mut after = snapshot.clone();
    after.standing = Standing::Active {};
    if now < trial.end {
        let real = Period { start: trial.start, end: now };
        after.terms.trial = Some(real);
        if snapshot.terms.anchor == trial.end {
            after.terms.anchor = now;
            after.terms.period = Some(real);
        }
    }
    as_billed.apply(&mut after.terms);
    let change = SubscriptionChange::SubscriptionActivated { cause: ActivationCause::TrialEnded };
    vec![event(now, id, change, after)]
}
