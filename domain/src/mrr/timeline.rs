//! What is known of one customer's subscriptions over business time, reduced to what MRR needs. Facts arrive in any
//! order; each is put in its place and everything later is derived again, so the order of arrival never shows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::normalize::{MrrError, PlanShare, discount_boundaries, subscription_mrr};
use super::policy::MrrPolicy;
use crate::id::SubscriptionId;
use crate::money::Currency;
use crate::stamp::Stamp;
use crate::subscription::{Standing, Status, SubscriptionSnapshot};

/// Why an amount moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Pause,
    Resume,
    Voluntary,
    Involuntary,
    /// A price of nothing, or a discount of all of it.
    Free,
    /// Back into a trial.
    Trial,
    ItemsChanged,
    DiscountApplied,
    DiscountEnded,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Voluntary => "voluntary",
            Self::Involuntary => "involuntary",
            Self::Free => "free",
            Self::Trial => "trial",
            Self::ItemsChanged => "items_changed",
            Self::DiscountApplied => "discount_applied",
            Self::DiscountEnded => "discount_ended",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Pause,
            Self::Resume,
            Self::Voluntary,
            Self::Involuntary,
            Self::Free,
            Self::Trial,
            Self::ItemsChanged,
            Self::DiscountApplied,
            Self::DiscountEnded,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == word)
    }
}

/// What decides between several points of one subscription at one instant. A processor's word about its own
/// subscription wins over what was concluded from other objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// One of our own events, by its number in the subscription's stream.
    Recorded { sequence: u64 },
    /// A processor's report, by its stamp (decision B13).
    Reported(Stamp),
}

/// A subscription as an event left it, or as a late report says it was.
#[derive(Debug, Clone)]
pub struct Observed<'a> {
    pub subscription: &'a SubscriptionId,
    pub snapshot: &'a SubscriptionSnapshot,
    pub effective_at: Timestamp,
    pub order: Order,
    pub position: i64,
    pub event_id: &'a str,
    /// What events of one act share, such as a request id; neighbouring instants that share it are one step.
    pub step_key: Option<&'a str>,
    /// Why the amount is what it is, where the event says more than the standing does.
    pub cause: Option<Reason>,
}

/// The amounts of a subscription from some instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub mrr_minor: i64,
    pub trial_minor: i64,
    pub by_plan: Vec<PlanShare>,
}

/// A paid invoice of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub at: Timestamp,
    pub position: i64,
    pub event_id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    pub effective_at: Timestamp,
    pub order: Order,
    pub position: i64,
    pub event_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_key: Option<String>,
    pub status: Status,
    pub currency: Currency,
    pub figures: Figures,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Reason>,
    /// What becomes of the figures by the mere passing of time, if nothing else happens first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Later>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    pub at: Timestamp,
    pub figures: Figures,
    pub cause: Reason,
}

/// The points of one subscription, ascending by instant and order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    pub points: Vec<Point>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_payment: Option<Payment>,
}

/// All points of one customer under one policy; stored as JSON beside what is derived from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    pub(super) policy: MrrPolicy,
    pub(super) subscriptions: BTreeMap<SubscriptionId, Track>,
}

impl Timeline {
    pub fn new(policy: MrrPolicy) -> Self {
        Self { policy, subscriptions: BTreeMap::new() }
    }

    pub fn policy(&self) -> MrrPolicy {
        self.policy
    }

    /// How many observations it holds.
    pub fn points(&self) -> usize {
        self.subscriptions.values().map(|track| track.points.len()).sum()
    }

    /// Takes one more observation into account. An event that is known already changes nothing.
    pub fn record(&mut self, observed: &Observed<'_>) -> Result<(), MrrError> {
        let point = point(observed, self.policy)?;
        let points = &mut self.subscriptions.entry(observed.subscription.clone()).or_default().points;
        if points.iter().any(|known| known.event_id == point.event_id) {
            return Ok(());
        }
        let index = points.partition_point(|known| place(known) < place(&point));
        let repeats = points.last().is_some_and(|last| index == points.len() && restates(last, &point));
        if !repeats {
            points.insert(index, point);
        }
        Ok(())
    }

    /// Notes a paid invoice, which matters only where subscriptions count from their first payment.
    pub fn record_payment(&mut self, subscription: &SubscriptionId, payment: Payment) {
        let first = &mut self.subscriptions.entry(subscription.clone()).or_default().first_payment;
        if first.as_ref().is_none_or(|known| (payment.at, &payment.event_id) < (known.at, &known.event_id)) {
            *first = Some(payment);
        }
    }
}

/// Whether one of our own events, such as a renewal, only says again what the one before it said. It is then no word
/// against a backdated change, and years of renewals need no room. A processor's report is a statement about its
/// instant and always kept.
fn restates(last: &Point, next: &Point) -> bool {
    let both_ours = match (&last.order, &next.order) {
        (Order::Recorded { .. }, Order::Recorded { .. }) => true,
        (Order::Recorded { .. } | Order::Reported(_), Order::Reported(_))
        | (Order::Reported(_), Order::Recorded { .. }) => false,
    };
    let holds_in =
        |point: &Point| point.later.iter().filter(|later| later.at > next.effective_at).cloned().collect::<Vec<_>>();
    let figures = last
        .later
        .iter()
        .rev()
        .find(|later| later.at <= next.effective_at)
        .map_or(&last.figures, |later| &later.figures);
    both_ours
        && last.effective_at < next.effective_at
        && (last.status, last.currency) == (next.status, next.currency)
        && *figures == next.figures
        && holds_in(last) == next.later
}

/// Positions depend on the order of arrival, so they have no say in a point's place.
fn place(point: &Point) -> (Timestamp, u8, u64, u8, &str) {
    match &point.order {
        Order::Recorded { sequence } => (point.effective_at, 0, *sequence, 0, point.event_id.as_str()),
        Order::Reported(stamp) => (point.effective_at, 1, u64::from(stamp.phase), stamp.rank, stamp.event.as_str()),
    }
}

fn point(observed: &Observed<'_>, policy: MrrPolicy) -> Result<Point, MrrError> {
    let snapshot = observed.snapshot;
    // The processor may tell of an end after it came; the end is what counts (revenue.md §1.3).
    let effective_at = match &snapshot.standing {
        Standing::Canceled { at, .. } | Standing::IncompleteExpired { at } => observed.effective_at.min(*at),
        Standing::Incomplete {}
        | Standing::Trialing { .. }
        | Standing::Active {}
        | Standing::PastDue { .. }
        | Standing::Unpaid { .. }
        | Standing::Paused { .. } => observed.effective_at,
    };
    let figures = figures(snapshot, effective_at, policy)?;
    let cause = if figures.mrr_minor == 0 { Some(cause_of_nothing(&snapshot.standing)) } else { observed.cause };
    let mut later = Vec::new();
    let mut previous = figures.clone();
    for at in discount_boundaries(snapshot, effective_at, policy) {
        let then = self::figures(snapshot, at, policy)?;
        if then == previous {
            continue;
        }
        let cause = if then.mrr_minor > previous.mrr_minor {
            Reason::DiscountEnded
        } else if then.mrr_minor == 0 {
            cause_of_nothing(&snapshot.standing)
        } else {
            Reason::DiscountApplied
        };
        later.push(Later { at, figures: then.clone(), cause });
        previous = then;
    }
    Ok(Point {
        effective_at,
        order: observed.order.clone(),
        position: observed.position,
        event_id: observed.event_id.to_owned(),
        step_key: observed.step_key.map(str::to_owned),
        status: snapshot.standing.status(),
        currency: snapshot.terms.currency,
        figures,
        cause,
        later,
    })
}

fn figures(snapshot: &SubscriptionSnapshot, at: Timestamp, policy: MrrPolicy) -> Result<Figures, MrrError> {
    let mrr = subscription_mrr(snapshot, at, policy)?;
    Ok(Figures { mrr_minor: mrr.mrr_minor, trial_minor: mrr.trial_minor, by_plan: mrr.by_plan })
}

/// Why a subscription in this standing has no MRR.
fn cause_of_nothing(standing: &Standing) -> Reason {
    match standing {
        Standing::Paused { .. } => Reason::Pause,
        Standing::Trialing { .. } => Reason::Trial,
        Standing::Active {} => Reason::Free,
        Standing::Canceled { reason, .. } if !reason.is_involuntary() => Reason::Voluntary,
        Standing::Canceled { .. }
        | Standing::Incomplete {}
        | Standing::IncompleteExpired { .. }
        | Standing::PastDue { .. }
        | Standing::Unpaid { .. } => Reason::Involuntary,
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
