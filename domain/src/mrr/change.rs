//! The changes a timeline amounts to: which point holds at each instant, what time alone changed, and which instants
//! are one step. Movements and balances are both read off these, so they cannot disagree.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::policy::ActivationPolicy;
use super::timeline::{Figures, Order, Payment, Point, Reason, Timeline, Track};
use crate::id::SubscriptionId;
use crate::money::Currency;
use crate::stamp::Latest;
use crate::subscription::Status;

/// Neighbouring instants that share a step key are one step only this close together: moving a customer from one
/// subscription to another takes seconds, and an import that keys everything alike must not become a single step.
const MAX_STEP: SignedDuration = SignedDuration::from_hours(1);

/// One subscription standing otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change<'a> {
    pub at: Timestamp,
    pub subscription: &'a SubscriptionId,
    pub status: Status,
    pub currency: Currency,
    pub figures: Figures,
    pub cause: Option<Reason>,
    pub event_ids: Vec<&'a str>,
    pub position: i64,
    step_keys: BTreeSet<&'a str>,
}

/// Every change of every subscription in the order of its step; within a step by instant, then subscription.
pub(super) fn changes(timeline: &Timeline) -> Vec<Change<'_>> {
    let mut all = Vec::new();
    for (subscription, track) in &timeline.subscriptions {
        let mut effects = effects(subscription, track);
        if timeline.policy.activation == ActivationPolicy::OnFirstPayment {
            effects = from_first_payment(effects, track.first_payment.as_ref());
        }
        effects.dedup_by(|later, earlier| same(later, earlier));
        all.extend(effects);
    }
    all.sort_by(|a, b| (a.at, a.subscription).cmp(&(b.at, b.subscription)));
    join_steps(&mut all);
    all
}

fn same(left: &Change<'_>, right: &Change<'_>) -> bool {
    left.status == right.status && left.currency == right.currency && left.figures == right.figures
}

/// What holds from each instant on, including what discounts ending by themselves bring.
fn effects<'a>(subscription: &'a SubscriptionId, track: &'a Track) -> Vec<Change<'a>> {
    let mut effects: Vec<Change<'a>> = Vec::new();
    let mut previous: Option<&Point> = None;
    for instant in track.points.chunk_by(|a, b| a.effective_at == b.effective_at) {
        let Some(point) = in_effect(instant) else { continue };
        let mut change = observed(subscription, point, instant);
        if let Some(previous) = previous {
            effects.extend(passing(subscription, previous, Some(point.effective_at)));
            // A discount's end may be reported at the very instant it comes; the report then needs its reason.
            let due = previous.later.iter().find(|later| later.at == point.effective_at);
            change.cause = change.cause.or(due.map(|later| later.cause));
        }
        effects.push(change);
        previous = Some(point);
        // Canceled and incomplete_expired have no way out, whatever a stray report says of a later second.
        if is_terminal(point.status) {
            return effects;
        }
    }
    if let Some(previous) = previous {
        effects.extend(passing(subscription, previous, None));
    }
    effects
}

pub(super) fn is_terminal(status: Status) -> bool {
    match status {
        Status::Canceled | Status::IncompleteExpired => true,
        Status::Incomplete | Status::Trialing | Status::Active | Status::PastDue | Status::Unpaid | Status::Paused => {
            false
        }
    }
}

/// The point that holds among those of one instant.
fn in_effect(instant: &[Point]) -> Option<&Point> {
    let mut reports: Latest<usize> = Latest::default();
    for (index, point) in instant.iter().enumerate() {
        if let Order::Reported(stamp) = &point.order {
            reports.absorb(stamp.clone(), index);
        }
    }
    match reports.current() {
        Some(index) => instant.get(*index),
        None => instant.last(),
    }
}

fn observed<'a>(subscription: &'a SubscriptionId, point: &'a Point, instant: &'a [Point]) -> Change<'a> {
    Change {
        at: point.effective_at,
        subscription,
        status: point.status,
        currency: point.currency,
        figures: point.figures.clone(),
        cause: point.cause.or_else(|| earlier_cause(instant)),
        event_ids: instant.iter().map(|other| other.event_id.as_str()).collect(),
        position: instant.iter().map(|other| other.position).max().unwrap_or(point.position),
        step_keys: instant.iter().filter_map(|other| other.step_key.as_deref()).collect(),
    }
}

/// Why an amount was already what it is, said by another event of the same instant; reasons for having no MRR do not
/// explain an amount.
fn earlier_cause(instant: &[Point]) -> Option<Reason> {
    instant.iter().rev().filter(|point| point.figures.mrr_minor > 0).find_map(|point| point.cause)
}

/// What time alone does to a point before the next one comes.
fn passing<'a>(
    subscription: &'a SubscriptionId,
    point: &'a Point,
    until: Option<Timestamp>,
) -> impl Iterator<Item = Change<'a>> {
    point.later.iter().filter(move |later| until.is_none_or(|until| later.at < until)).map(move |later| Change {
        at: later.at,
        subscription,
        status: point.status,
        currency: point.currency,
        figures: later.figures.clone(),
        cause: Some(later.cause),
        event_ids: vec![point.event_id.as_str()],
        position: point.position,
        step_keys: BTreeSet::new(),
    })
}

/// Takes the MRR out of what precedes the first payment and lets it in with the payment. A subscription that comes
/// out of a trial counts without one.
fn from_first_payment<'a>(effects: Vec<Change<'a>>, payment: Option<&'a Payment>) -> Vec<Change<'a>> {
    let mut counted = Vec::with_capacity(effects.len() + 1);
    let mut paid = false;
    let mut withheld: Option<Change<'a>> = None;
    for effect in effects {
        if let (false, Some(payment)) = (paid, payment.filter(|payment| payment.at <= effect.at)) {
            counted.extend(withheld.take().map(|change| on_payment(change, payment)));
            paid = true;
        }
        paid = paid || effect.status == Status::Trialing;
        if paid {
            counted.push(effect);
        } else {
            counted.push(without_mrr(&effect));
            withheld = Some(effect);
        }
    }
    if let (false, Some(payment), Some(change)) = (paid, payment, withheld) {
        counted.push(on_payment(change, payment));
    }
    counted
}

fn on_payment<'a>(change: Change<'a>, payment: &'a Payment) -> Change<'a> {
    Change { at: payment.at, event_ids: vec![payment.event_id.as_str()], position: payment.position, ..change }
}

fn without_mrr<'a>(change: &Change<'a>) -> Change<'a> {
    let mut without = change.clone();
    without.figures.mrr_minor = 0;
    for share in &mut without.figures.by_plan {
        share.mrr_minor = 0;
    }
    without
}

/// Gives all instants of a step the last one's time.
fn join_steps(changes: &mut [Change<'_>]) {
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let start = first.at;
        let mut end = rest.partition_point(|change| change.at == start);
        let mut last = start;
        let mut keys: BTreeSet<&str> =
            rest.iter().take(end).flat_map(|change| change.step_keys.iter().copied()).collect();
        while let Some(next) = rest.get(end).map(|change| change.at) {
            let size = rest.iter().skip(end).take_while(|change| change.at == next).count();
            let next_keys: BTreeSet<&str> =
                rest.iter().skip(end).take(size).flat_map(|change| change.step_keys.iter().copied()).collect();
            if keys.is_disjoint(&next_keys) || next.duration_since(start) > MAX_STEP {
                break;
            }
            end += size;
            last = next;
            keys = next_keys;
        }
        let (step, after) = rest.split_at_mut(end);
        for change in step {
            change.at = last;
        }
        rest = after;
    }
}
