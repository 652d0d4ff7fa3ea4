//! How a subscription begins: its trial, its first period, its first standing.

use jiff::{Timestamp, ToSpan};

use super::command::NewSubscription;
use super::decide::event;
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::state::Subscription;
use super::terms::{Standing, SubscriptionSnapshot, Terms};
use crate::money::{Currency, MAX_MINOR};
use crate::origin::Origin;
use crate::price::{Interval, Item};
use crate::refusal::Refusal;
use crate::time::{Anchor, Period};

/// Items a subscription may have; Stripe's own limit.
pub const MAX_ITEMS: usize = 20;
/// Units of one item; more is a typing error, not an order.
pub const MAX_QUANTITY: u64 = 1_000_000;
/// Days a trial may last: Stripe's limit of two years.
pub const MAX_TRIAL_DAYS: u16 = 730;

pub(super) fn create(
    subscription: &Subscription,
    now: Timestamp,
    new: &NewSubscription,
) -> Result<Vec<SubscriptionEvent>, Refusal> {
    if subscription.snapshot().is_some() {
        return Err(Refusal::AlreadyExists { what: "subscription".to_owned() });
    }
    let interval = check_items(&new.items, new.currency)?;
    let trial = trial_period(now, new.trial_days)?;
    let anchor = new.anchor.unwrap_or(now);
    if anchor < now {
        return Err(Refusal::invalid("billing_cycle_anchor", "lies in the past"));
    }
    let period = first_period(now, anchor, interval)?;
    let standing = match trial {
        Some(trial) => Standing::Trialing { trial },
        None if new.awaits_first_payment => Standing::Incomplete {},
        None => Standing::Active {},
    };
    let after = SubscriptionSnapshot {
        customer: new.customer.clone(),
        origin: Origin::Daybook,
        standing,
        terms: Terms {
            items: new.items.clone(),
            currency: new.currency,
            created_at: now,
            started_at: now,
            anchor,
            period: Some(period),
            trial,
            discounts: new.discounts.clone(),
            cancel_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            collection: new.collection,
            pause_collection: None,
            payment_method: new.payment_method.clone(),
            latest_invoice: None,
            metadata: new.metadata.clone(),
        },
    };
    Ok(vec![event(now, &new.id, SubscriptionChange::SubscriptionCreated {}, after)])
}

/// Checks the items and gives the interval that they all share.
pub(super) fn check_items(items: &[Item], currency: Currency) -> Result<Interval, Refusal> {
    if items.is_empty() || items.len() > MAX_ITEMS {
        return Err(Refusal::invalid("items", format!("must be 1 to {MAX_ITEMS}")));
    }
    let mut shared = None;
    for item in items {
        if item.price.currency != currency {
            return Err(Refusal::invalid("currency", "differs between the items"));
        }
        if item.quantity == 0 || item.quantity > MAX_QUANTITY {
            return Err(Refusal::invalid("quantity", format!("must be 1 to {MAX_QUANTITY}")));
        }
        let charge = item.price.charge(item.quantity).ok_or_else(|| Refusal::invalid("quantity", "the amount is too large"))?;
        if charge > rust_decimal::Decimal::from(MAX_MINOR) {
            return Err(Refusal::invalid("quantity", "the amount is too large"));
        }
        let Some(interval) = item.price.interval else {
            return Err(Refusal::invalid("plan_id", "names a one-time price, which cannot be subscribed to"));
        };
        if *shared.get_or_insert(interval) != interval {
            return Err(Refusal::invalid("items", "must all be charged at the same interval"));
        }
    }
    shared.ok_or_else(|| Refusal::invalid("items", "must not be empty"))
}

fn trial_period(now: Timestamp, days: Option<u16>) -> Result<Option<Period>, Refusal> {
    match days {
        None | Some(0) => Ok(None),
        Some(days) if days > MAX_TRIAL_DAYS => {
            Err(Refusal::invalid("trial_period_days", format!("must be at most {MAX_TRIAL_DAYS}")))
        }
        Some(days) => {
            // A trial day is 24 hours, as at Stripe: the trial ends at the second it began, days later.
            let end = now
                .checked_add((i64::from(days) * 24).hours())
                .map_err(|_| Refusal::invalid("trial_period_days", "ends outside the calendar"))?;
            Ok(Some(Period { start: now, end }))
        }
    }
}

/// From now to the first boundary after now: the anchor where it lies within an interval from now, else one interval
/// (a first full invoice always comes within one interval, billing.md §3.3).
fn first_period(now: Timestamp, anchor: Timestamp, interval: Interval) -> Result<Period, Refusal> {
    let outside = || Refusal::invalid("billing_cycle_anchor", "lies outside the calendar");
    let full = Anchor::utc(now).boundary(interval, 1).ok_or_else(outside)?;
    let end = if anchor == now { full } else { anchor.min(full) };
    Ok(Period { start: now, end })
}
