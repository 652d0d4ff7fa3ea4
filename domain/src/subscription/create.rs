//! How a subscription begins: its trial, its first period, its first standing.

use jiff::Timestamp;

use super::command::NewSubscription;
use super::decide::event;
use super::event::{SubscriptionChange, SubscriptionEvent};
use super::state::Subscription;
use super::terms::{CycleMove, Standing, SubscriptionSnapshot, Terms, anchor_of};
use super::trial::trial_period;
use crate::money::{Currency, MAX_MINOR};
use crate::origin::Origin;
use crate::price::{Interval, Item, Usage};
use crate::refusal::Refusal;
use crate::time::{Anchor, AnchorRule, Period, zone_named};

/// Items a subscription may have; Stripe's own limit.
pub const MAX_ITEMS: usize = 20;
/// Units of one item; more is a typing error, not an order.
pub const MAX_QUANTITY: u64 = 1_000_000;

pub(super) fn create(
    subscription: &Subscription,
    now: Timestamp,
    new: &NewSubscription,
) -> Result<Vec<SubscriptionEvent>, Refusal> {
    if subscription.snapshot().is_some() {
        return Err(Refusal::AlreadyExists { what: "subscription".to_owned() });
    }
    let interval = check_items(&new.items, new.currency)?;
    let start = new.start.unwrap_or(now);
    let trial = trial_period(start, new.trial_days, &zone_named(new.zone.as_deref().unwrap_or("UTC")))?;
    // Without an anchor of its own a trial is followed by a full period, so the periods count from its end.
    let anchor = new.anchor.or(trial.map(|trial| trial.end)).unwrap_or(start);
    if anchor < start {
        return Err(Refusal::invalid("billing_cycle_anchor", "lies in the past"));
    }
    let period = first_period(start, &anchor_of(anchor, new.anchor_rule, new.zone.as_deref()), interval)?;
    let standing = match trial {
        Some(trial) => Standing::Trialing { trial },
        None if new.awaits_first_payment => Standing::Incomplete {},
        None => Standing::Active {},
    };
    let mut after = SubscriptionSnapshot {
        customer: new.customer.clone(),
        origin: Origin::Daybook,
        standing,
        terms: Terms {
            items: new.items.clone(),
            currency: new.currency,
            created_at: now,
            started_at: start,
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
            anchor_rule: Some(new.anchor_rule).filter(|rule| *rule != AnchorRule::default()),
            zone: new.zone.clone().filter(|zone| zone != "UTC"),
            billed: Vec::new(),
            scheduled: None,
            trial_end_announced: false,
            days_until_due: new.days_until_due,
            cycle_move: CycleMove::default(),
        },
    };
    new.as_billed.apply(&mut after.terms);
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
        // Nothing was used yet of what is metered; its quantity is what will have been used.
        let least = u64::from(item.price.usage == Usage::Licensed);
        if item.quantity < least || item.quantity > MAX_QUANTITY {
            return Err(Refusal::invalid("quantity", format!("must be 1 to {MAX_QUANTITY}")));
        }
        let charge =
            item.price.charge(item.quantity).ok_or_else(|| Refusal::invalid("quantity", "the amount is too large"))?;
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

/// From the start to the first boundary after it, boundaries being counted from the anchor in both directions, so that a
/// first full invoice always comes within one interval (billing.md §3.3).
fn first_period(start: Timestamp, anchor: &Anchor, interval: Interval) -> Result<Period, Refusal> {
    let outside = || Refusal::invalid("billing_cycle_anchor", "lies outside the calendar");
    let containing = anchor.period_containing(interval, start).ok_or_else(outside)?;
    Ok(Period { start, end: containing.end })
}
