//! How the terms of a subscription change beside its items: a change agreed on for later, another payment method, and
//! what was billed for the running period. What a change costs is decided elsewhere.

use jiff::Timestamp;

use super::command::AsBilled;
use super::create::check_items;
use super::decide::{event, with_terms};
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::state::Subscription;
use super::terms::ScheduledChange;
use crate::id::PaymentMethodId;
use crate::price::Item;
use crate::refusal::Refusal;

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

pub(super) fn note_billed(subscription: &Subscription, now: Timestamp, as_billed: &AsBilled) -> Vec<SubscriptionEvent> {
    let Ok((id, snapshot)) = subscription.existing() else { return Vec::new() };
    let after = with_terms(snapshot, |terms| as_billed.apply(terms));
    if after == *snapshot {
        return Vec::new();
    }
    vec![event(now, id, SubscriptionChange::SubscriptionBilled {}, after)]
}
