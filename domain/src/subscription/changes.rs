//! How the terms of a subscription change beside its items: a change agreed on for later, another payment method, and
//! what was billed for the running period. What a change costs is decided elsewhere.

use jiff::Timestamp;

use super::command::AsBilled;
use super::create::check_items;
use super::decide::{event, with_terms};
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::state::{Subscription, illegal};
use super::terms::{CycleMove, ScheduledChange, Standing};
use crate::id::PaymentMethodId;
use crate::price::Item;
use crate::refusal::Refusal;
use crate::sealed::Sealed;

type Decision = Result<Vec<SubscriptionEvent>, Refusal>;

pub(super) fn schedule_change(subscription: &Subscription, now: Timestamp, at: Timestamp, items: &[Item]) -> Decision {
    let (id, snapshot) = subscription.changeable("change")?;
    check_items(items, snapshot.terms.currency)?;
    if at <= now {
        return Err(Refusal::invalid("effective_date", "lies in the past"));
    }
    let scheduled = Some(ScheduledChange { at, items: items.to_vec() });
    if snapshot.terms.scheduled == scheduled {
        return Ok(Vec::new());
    }
    let after = with_terms(snapshot, |terms| terms.scheduled = scheduled);
    Ok(vec![event(now, id, SubscriptionChange::SubscriptionChangeScheduled {}, after)])
}

pub(super) fn withdraw_change(subscription: &Subscription, now: Timestamp) -> Decision {
    let (id, snapshot) = subscription.living("change")?;
    if snapshot.terms.scheduled.is_none() {
        return Ok(Vec::new());
    }
    let after = with_terms(snapshot, |terms| terms.scheduled = None);
    Ok(vec![event(now, id, SubscriptionChange::SubscriptionChangeWithdrawn {}, after)])
}

/// Allowed while it is incomplete, too: a first payment that failed is mended like that (billing.md §3.1).
pub(super) fn set_payment_method(
    subscription: &Subscription,
    now: Timestamp,
    method: Option<&PaymentMethodId>,
) -> Decision {
    let (id, snapshot) = subscription.living("change")?;
    if snapshot.terms.payment_method.as_ref() == method {
        return Ok(Vec::new());
    }
    let after = with_terms(snapshot, |terms| terms.payment_method = method.cloned());
    Ok(vec![event(now, id, SubscriptionChange::SubscriptionPaymentMethodChanged {}, after)])
}

/// Never a reason to bill, and allowed whatever is owed (billing.md §3.4).
pub(super) fn set_metadata(
    subscription: &Subscription,
    now: Timestamp,
    metadata: Option<&Sealed>,
    seen: Option<&Sealed>,
) -> Decision {
    let (id, snapshot) = subscription.living("change")?;
    if snapshot.terms.metadata.as_ref() != seen {
        return Err(Refusal::Superseded { what: "the metadata".to_owned() });
    }
    if snapshot.terms.metadata.as_ref() == metadata {
        return Ok(Vec::new());
    }
    let after = with_terms(snapshot, |terms| terms.metadata = metadata.cloned());
    Ok(vec![event(now, id, SubscriptionChange::SubscriptionMetadataChanged {}, after)])
}

/// What was agreed for the end of the running period moves with it.
pub(super) fn move_cycle(
    subscription: &Subscription,
    now: Timestamp,
    as_billed: &AsBilled,
    cycle_move: CycleMove,
) -> Decision {
    let (id, snapshot) = subscription.living("move the cycle of")?;
    match snapshot.standing {
        Standing::Trialing { .. } | Standing::Active {} | Standing::PastDue { .. } => {}
        Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. }
        | Standing::Canceled { .. } => return Err(illegal(&snapshot.standing, "move the cycle of")),
    }
    let old_end = snapshot.terms.period.map(|period| period.end);
    let after = with_terms(snapshot, |terms| {
        as_billed.apply(terms);
        terms.cycle_move = cycle_move;
        let end = terms.period.map(|period| period.end);
        if terms.cancel_at_period_end {
            terms.cancel_at = end;
        }
        if let (Some(scheduled), Some(end)) = (&mut terms.scheduled, end)
            && Some(scheduled.at) == old_end
        {
            scheduled.at = end;
        }
    });
    if after == *snapshot {
        return Ok(Vec::new());
    }
    Ok(vec![event(now, id, SubscriptionChange::SubscriptionCycleMoved {}, after)])
}

pub(super) fn note_billed(subscription: &Subscription, now: Timestamp, as_billed: &AsBilled) -> Vec<SubscriptionEvent> {
    let Ok((id, snapshot)) = subscription.existing() else { return Vec::new() };
    let after = with_terms(snapshot, |terms| as_billed.apply(terms));
    if after == *snapshot {
        return Vec::new();
    }
    vec![event(now, id, SubscriptionChange::SubscriptionBilled {}, after)]
}
