//! When did a payment's money move? Each part is dated by when it was taken, given back or lost, never by when that was
//! reported, so that what was collected in a period does not depend on the order of the reports.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{ChargeReport, DisputeStatus, PaymentChange, PaymentEvent, PaymentStatus, RefundStatus};
use super::state::Payment;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CashKind {
    Taken,
    Refunded,
    /// Lost in a dispute.
    Lost,
    /// An attempt that failed; no money moved.
    Declined,
}

impl CashKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refunded => "refunded",
            Self::Lost => "lost",
            Self::Declined => "declined",
        }
    }
}

/// One dated part of what a payment collected. The parts sum to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CashPart {
    pub at: Timestamp,
    pub kind: CashKind,
    /// The charge, intent, refund or dispute it comes of.
    pub source: String,
    /// Positive for money taken, negative for money given back or lost.
    pub amount_minor: i64,
}

/// What only the reports' own times tell, since a charge and a dispute do not date it. The earliest report counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FirstTold {
    /// By charge: since when each cumulative refund was known of it.
    #[serde(default)]
    refunded: BTreeMap<String, BTreeMap<i64, Timestamp>>,
    /// By dispute: when it was lost.
    #[serde(default)]
    lost: BTreeMap<String, Timestamp>,
}

impl FirstTold {
    pub(super) fn note(&mut self, event: &PaymentEvent) {
        match &event.change {
            PaymentChange::ChargeReported { stamp, charge } if charge.amount_refunded_minor > 0 => {
                let steps = self.refunded.entry(charge.id.clone()).or_default();
                earliest(steps.entry(charge.amount_refunded_minor).or_insert(stamp.created), stamp.created);
            }
            PaymentChange::DisputeReported { stamp, dispute } if dispute.status == DisputeStatus::Lost => {
                earliest(self.lost.entry(dispute.id.clone()).or_insert(stamp.created), stamp.created);
            }
            PaymentChange::PaymentDisputed { dispute } if dispute.status == DisputeStatus::Lost => {
                earliest(self.lost.entry(dispute.id.clone()).or_insert(event.at), event.at);
            }
            PaymentChange::ChargeReported { .. }
            | PaymentChange::PaymentPending { .. }
            | PaymentChange::PaymentRefundSettled { .. }
            | PaymentChange::PaymentDisputed { .. }
            | PaymentChange::IntentReported { .. }
            | PaymentChange::RefundReported { .. }
            | PaymentChange::DisputeReported { .. }
            | PaymentChange::PaymentSucceeded { .. }
            | PaymentChange::PaymentDeclined { .. }
            | PaymentChange::PaymentRefunded { .. } => {}
        }
    }
}

fn earliest(known: &mut Timestamp, told: Timestamp) {
    *known = told.min(*known);
}

/// The money taken, as the payment as a whole tells it; `None` where none was.
pub(super) struct Taken<'a> {
    pub(super) at: Timestamp,
    pub(super) amount_minor: i64,
    /// Of all refunds.
    pub(super) refunded_minor: i64,
    /// The attempt that settled it, absent where only the intent says that it is settled.
    pub(super) charge: Option<&'a ChargeReport>,
}

impl Taken<'_> {
    fn source<'a>(&'a self, payment: &'a Payment) -> &'a str {
        let intent = || payment.intent.current().map(|intent| intent.id.as_str());
        self.charge.map(|charge| charge.id.as_str()).or_else(intent).unwrap_or_default()
    }
}

/// Every part in order of time.
pub(super) fn parts(payment: &Payment, taken: Option<&Taken<'_>>) -> Vec<CashPart> {
    let declined = payment.all_charges().filter(|charge| charge.status == PaymentStatus::Failed);
    let mut parts: Vec<CashPart> =
        declined.map(|charge| part(charge.created_at, CashKind::Declined, &charge.id, 0)).collect();
    if let Some(taken) = taken {
        parts.push(part(taken.at, CashKind::Taken, taken.source(payment), taken.amount_minor));
        parts.extend(refunds(payment, taken));
        parts.extend(losses(payment));
    }
    parts.sort();
    parts
}

fn part(at: Timestamp, kind: CashKind, source: &str, amount_minor: i64) -> CashPart {
    CashPart { at, kind, source: source.to_owned(), amount_minor }
}

/// Each refund that was reported at its own time, and what the charge counts beyond them when it first did.
fn refunds(payment: &Payment, taken: &Taken<'_>) -> Vec<CashPart> {
    let mut parts: Vec<CashPart> = payment
        .all_refunds()
        .filter(|refund| matches!(refund.status, RefundStatus::Pending | RefundStatus::Succeeded))
        .map(|refund| part(refund.created_at, CashKind::Refunded, &refund.id, -refund.amount_minor))
        .collect();
    let single: i64 = parts.iter().map(|part| -part.amount_minor).sum();
    let mut left = taken.refunded_minor - single;
    if left <= 0 {
        return parts;
    }
    let mut beyond: BTreeMap<Timestamp, i64> = BTreeMap::new();
    let mut counted = 0;
    let mut last = taken.at;
    for (cumulative, at) in steps(payment, taken) {
        last = at;
        let reported: i64 = parts.iter().filter(|part| part.at <= at).map(|part| -part.amount_minor).sum();
        let amount = (cumulative - reported - counted).clamp(0, left);
        *beyond.entry(at).or_default() += amount;
        counted += amount;
        left -= amount;
    }
    *beyond.entry(last).or_default() += left;
    let source = taken.source(payment);
    let moved = beyond.into_iter().filter(|(_, amount)| *amount > 0);
    parts.extend(moved.map(|(at, amount)| part(at, CashKind::Refunded, source, -amount)));
    parts
}

/// How the charge's own figure grew to what it is.
fn steps(payment: &Payment, taken: &Taken<'_>) -> impl Iterator<Item = (i64, Timestamp)> {
    let charge = taken.charge.and_then(|charge| Some((charge, payment.told.refunded.get(&charge.id)?)));
    charge.into_iter().flat_map(|(charge, told)| {
        let so_far = told.range(..=charge.amount_refunded_minor);
        so_far.map(|(cumulative, at)| (*cumulative, *at))
    })
}

fn losses(payment: &Payment) -> impl Iterator<Item = CashPart> {
    payment.all_disputes().filter(|dispute| dispute.status == DisputeStatus::Lost).map(|dispute| {
        let at = payment.told.lost.get(&dispute.id).copied().unwrap_or(dispute.created_at);
        part(at, CashKind::Lost, &dispute.id, -dispute.amount_minor)
    })
}

#[cfg(test)]
#[path = "cash_tests.rs"]
mod tests;
