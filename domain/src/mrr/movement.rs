//! How a customer's MRR moved: the classifier of revenue.md §1.3, one step at a time, first match wins. Amounts are
//! kept by currency and never converted here; whether the customer is active is a matter of all currencies together.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::{Change, changes};
use super::timeline::{Reason, Timeline};
use crate::id::SubscriptionId;
use crate::money::Currency;
use crate::subscription::Status;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementType {
    New,
    Expansion,
    Contraction,
    Churn,
    Reactivation,
}

impl MovementType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Expansion => "expansion",
            Self::Contraction => "contraction",
            Self::Churn => "churn",
            Self::Reactivation => "reactivation",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::New, Self::Expansion, Self::Contraction, Self::Churn, Self::Reactivation]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// What a step does to the number of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogoChange {
    New,
    Reactivated,
    Resumed,
    Paused,
    Churned,
    /// A paused customer, who was no longer counted as active, will not come back.
    ChurnedWhilePaused,
}

impl LogoChange {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reactivated => "reactivated",
            Self::Resumed => "resumed",
            Self::Paused => "paused",
            Self::Churned => "churned",
            Self::ChurnedWhilePaused => "churned_while_paused",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::New, Self::Reactivated, Self::Resumed, Self::Paused, Self::Churned, Self::ChurnedWhilePaused]
            .into_iter()
            .find(|change| change.as_str() == word)
    }
}

/// One step of one customer in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    pub effective_at: Timestamp,
    pub kind: MovementType,
    pub reason: Option<Reason>,
    pub currency: Currency,
    pub before_minor: i64,
    pub after_minor: i64,
    /// Never negative; the kind gives the direction.
    pub amount_minor: i64,
    /// Set on one row a step only, so that a customer of two currencies counts once.
    pub logo: Option<LogoChange>,
    pub event_ids: Vec<String>,
    /// The largest position among its events.
    pub position: i64,
}

impl Movement {
    /// Whether a customer was lost by it.
    pub fn logo_churn(&self) -> bool {
        matches!(self.logo, Some(LogoChange::Churned | LogoChange::ChurnedWhilePaused))
    }
}

/// All movements of a timeline, ascending by instant and currency. Those of discounts that will end lie in the
/// future, and whoever asks at some time looks only at what has come by then.
pub fn movements(timeline: &Timeline) -> Vec<Movement> {
    let changes = changes(timeline);
    let mut customer = Customer::default();
    changes.chunk_by(|a, b| a.at == b.at).flat_map(|step| customer.take(step)).collect()
}

/// A customer on the way through its steps.
#[derive(Default)]
struct Customer<'a> {
    standing: BTreeMap<&'a SubscriptionId, &'a Change<'a>>,
    ever_active: bool,
    /// Without MRR since a pause took the last of it.
    paused: bool,
}

/// What one subscription's change means for one currency.
struct Delta<'a> {
    currency: Currency,
    minor: i64,
    reason: Option<Reason>,
    /// The MRR went because the subscription was paused.
    by_pause: bool,
    change: &'a Change<'a>,
}

/// The type, reason and count of customers of a step; rows that go up or down by themselves are `Mixed`.
enum Class {
    Whole(MovementType, Option<Reason>, LogoChange),
    Mixed,
    Nothing,
}

impl<'a> Customer<'a> {
    fn take(&mut self, step: &'a [Change<'a>]) -> Vec<Movement> {
        let before = self.totals();
        let deltas = self.apply(step);
        let after = self.totals();
        let class = self.classify(!before.is_empty(), !after.is_empty(), &deltas);
        let mut currencies: Vec<Currency> = before.keys().chain(after.keys()).copied().collect();
        // A paused customer who leaves moves nothing, yet needs a row to be counted by.
        if currencies.is_empty() {
            currencies.extend(step.first().map(|change| change.currency));
        }
        currencies.sort_unstable();
        currencies.dedup();
        let mut rows: Vec<Movement> = Vec::new();
        for currency in currencies {
            let was = before.get(&currency).copied().unwrap_or(0);
            let is = after.get(&currency).copied().unwrap_or(0);
            let (kind, reason, logo) = match class {
                Class::Whole(kind, reason, logo) => (kind, reason, Some(logo).filter(|_| rows.is_empty())),
                Class::Mixed if is > was => (MovementType::Expansion, leading_reason(&deltas, currency, 1), None),
                Class::Mixed if is < was => (MovementType::Contraction, leading_reason(&deltas, currency, -1), None),
                Class::Mixed | Class::Nothing => continue,
            };
            let (event_ids, position) = evidence(step, &deltas, currency);
            rows.push(Movement {
                effective_at: step.first().map_or(Timestamp::MIN, |change| change.at),
                kind,
                reason,
                currency,
                before_minor: was,
                after_minor: is,
                amount_minor: (is - was).abs(),
                logo,
                event_ids,
                position,
            });
        }
        rows
    }

    /// MRR by currency, only what is above zero.
    fn totals(&self) -> BTreeMap<Currency, i64> {
        let mut totals = BTreeMap::new();
        for change in self.standing.values().filter(|change| change.figures.mrr_minor > 0) {
            let total: &mut i64 = totals.entry(change.currency).or_default();
            *total = total.saturating_add(change.figures.mrr_minor);
        }
        totals
    }

    fn apply(&mut self, step: &'a [Change<'a>]) -> Vec<Delta<'a>> {
        // A joined step can hold several changes of a subscription; only where it ends up matters.
        let last: BTreeMap<&SubscriptionId, &Change<'_>> =
            step.iter().map(|change| (change.subscription, change)).collect();
        let mut deltas = Vec::new();
        for (subscription, change) in last {
            let previous = self.standing.insert(subscription, change);
            let was = previous.map_or(0, |previous| previous.figures.mrr_minor);
            let is = change.figures.mrr_minor;
            let by_pause = is == 0 && change.status == Status::Paused;
            let resumed = previous.is_some_and(|previous| previous.status == Status::Paused) && is > was;
            let reason = if resumed { Some(Reason::Resume) } else { change.cause };
            let mut push = |currency, minor| deltas.push(Delta { currency, minor, reason, by_pause, change });
            match previous.filter(|previous| previous.currency != change.currency) {
                Some(previous) => {
                    push(previous.currency, -was);
                    push(change.currency, is);
                }
                None => push(change.currency, is - was),
            }
        }
        deltas
    }

    /// The table of revenue.md §1.3; its order matters.
    fn classify(&mut self, was_active: bool, is_active: bool, deltas: &[Delta<'_>]) -> Class {
        match (was_active, is_active) {
            (false, true) => {
                let first = !std::mem::replace(&mut self.ever_active, true);
                let resumed = std::mem::take(&mut self.paused);
                if first {
                    Class::Whole(MovementType::New, None, LogoChange::New)
                } else if resumed {
                    Class::Whole(MovementType::Expansion, Some(Reason::Resume), LogoChange::Resumed)
                } else {
                    Class::Whole(MovementType::Reactivation, None, LogoChange::Reactivated)
                }
            }
            (true, false) => {
                self.paused = deltas.iter().any(|delta| delta.minor < 0 && delta.by_pause);
                if self.paused {
                    Class::Whole(MovementType::Contraction, Some(Reason::Pause), LogoChange::Paused)
                } else {
                    Class::Whole(MovementType::Churn, largest(deltas, -1), LogoChange::Churned)
                }
            }
            (true, true) => Class::Mixed,
            (false, false) => {
                let still_paused = self.standing.values().any(|change| change.status == Status::Paused);
                if !self.paused || still_paused {
                    return Class::Nothing;
                }
                self.paused = false;
                let reason = deltas.iter().find_map(|delta| delta.change.cause);
                Class::Whole(MovementType::Churn, reason, LogoChange::ChurnedWhilePaused)
            }
        }
    }
}

/// The reason of the subscription that moved most in that direction, ties to the lower id.
fn largest<'d>(deltas: impl IntoIterator<Item = &'d Delta<'d>>, direction: i64) -> Option<Reason> {
    let moved = deltas.into_iter().filter(|delta| delta.minor.signum() == direction);
    moved
        .max_by(|a, b| a.minor.abs().cmp(&b.minor.abs()).then(b.change.subscription.cmp(a.change.subscription)))
        .and_then(|delta| delta.reason)
}

fn leading_reason(deltas: &[Delta<'_>], currency: Currency, direction: i64) -> Option<Reason> {
    largest(deltas.iter().filter(|delta| delta.currency == currency), direction)
}

/// The events behind a row: those of the subscriptions that moved in its currency, or all where none did.
fn evidence(step: &[Change<'_>], deltas: &[Delta<'_>], currency: Currency) -> (Vec<String>, i64) {
    let moved: Vec<&SubscriptionId> = deltas
        .iter()
        .filter(|delta| delta.currency == currency && delta.minor != 0)
        .map(|delta| delta.change.subscription)
        .collect();
    let behind = step.iter().filter(|change| moved.is_empty() || moved.contains(&change.subscription));
    let mut event_ids: Vec<String> = Vec::new();
    let mut position = 0;
    for change in behind {
        position = position.max(change.position);
        for event_id in &change.event_ids {
            if !event_ids.iter().any(|known| known == event_id) {
                event_ids.push((*event_id).to_owned());
            }
        }
    }
    (event_ids, position)
}

#[cfg(test)]
#[path = "movement_tests.rs"]
mod tests;
