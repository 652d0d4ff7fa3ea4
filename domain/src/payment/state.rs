//! A payment as its events leave it. What it comes to is computed from the sets of its attempts, refunds and disputes,
//! so that the order in which they were reported does not matter.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cash::{FirstTold, Taken, parts};
use super::event::{
    ChargeReport, DisputeReport, DisputeStatus, IntentReport, PaymentChange, PaymentEvent, PaymentSnapshot,
    PaymentStatus, RefundReport, RefundStatus,
};
use crate::id::PaymentId;
use crate::origin::Origin;
use crate::stamp::Latest;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub(super) id: Option<PaymentId>,
    pub(super) origin: Origin,
    pub(super) charges: BTreeMap<String, Latest<ChargeReport>>,
    pub(super) intent: Latest<IntentReport>,
    pub(super) refunds: BTreeMap<String, Latest<RefundReport>>,
    pub(super) disputes: BTreeMap<String, Latest<DisputeReport>>,
    /// Since when each refund that was reported as failed or canceled has been so: the earliest such report counts.
    #[serde(default)]
    pub(super) failed_refunds: BTreeMap<String, Timestamp>,
    /// Attempts and refunds of our own processor, which need no merging.
    pub(super) own_charges: BTreeMap<String, ChargeReport>,
    pub(super) own_refunds: BTreeMap<String, RefundReport>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) own_disputes: BTreeMap<String, DisputeReport>,
    #[serde(default)]
    pub(super) told: FirstTold,
}

impl Payment {
    pub(super) fn apply(&mut self, event: &PaymentEvent) {
        self.id = Some(event.payment.clone());
        self.told.note(event);
        match &event.change {
            PaymentChange::ChargeReported { stamp, charge } => {
                self.origin = Origin::Stripe;
                self.charges.entry(charge.id.clone()).or_default().absorb(stamp.clone(), charge.clone());
            }
            PaymentChange::IntentReported { stamp, intent } => {
                self.origin = Origin::Stripe;
                self.intent.absorb(stamp.clone(), intent.clone());
            }
            PaymentChange::RefundReported { stamp, refund } => {
                self.origin = Origin::Stripe;
                if !stands(refund.status) {
                    let since = self.failed_refunds.entry(refund.id.clone()).or_insert(stamp.created);
                    *since = stamp.created.min(*since);
                }
                self.refunds.entry(refund.id.clone()).or_default().absorb(stamp.clone(), refund.clone());
            }
            PaymentChange::DisputeReported { stamp, dispute } => {
                self.origin = Origin::Stripe;
                self.disputes.entry(dispute.id.clone()).or_default().absorb(stamp.clone(), dispute.clone());
            }
            PaymentChange::PaymentSucceeded { charge }
            | PaymentChange::PaymentDeclined { charge }
            | PaymentChange::PaymentPending { charge } => {
                self.own_charges.insert(charge.id.clone(), charge.clone());
            }
            PaymentChange::PaymentRefunded { refund } | PaymentChange::PaymentRefundSettled { refund } => {
                self.own_refunds.insert(refund.id.clone(), refund.clone());
            }
            PaymentChange::PaymentDisputed { dispute } => {
                self.own_disputes.insert(dispute.id.clone(), dispute.clone());
            }
        }
    }

    /// What the payment comes to; `None` until a charge or an intent is known.
    pub fn snapshot(&self) -> Option<PaymentSnapshot> {
        let charge = self.leading_charge();
        let intent = self.intent.current();
        let (amount_minor, currency, created_at) = match (charge, intent) {
            (Some(charge), Some(intent)) => {
                (charge.amount_minor, charge.currency, charge.created_at.min(intent.created_at))
            }
            (Some(charge), None) => (charge.amount_minor, charge.currency, charge.created_at),
            (None, Some(intent)) => (intent.amount_minor, intent.currency, intent.created_at),
            (None, None) => return None,
        };
        let refunded_minor = self.refunded_minor(charge);
        let status = status_of(charge, intent, amount_minor, refunded_minor);
        let settled = is_settled(status);
        let settling = charge.filter(|charge| is_settled(charge.status));
        // An intent can succeed before the charge that settled it is reported.
        let succeeded_at = settled.then(|| {
            settling
                .map(|charge| charge.created_at)
                .or(self.intent.stamp().map(|stamp| stamp.created))
                .unwrap_or(created_at)
        });
        let taken = succeeded_at.map(|at| Taken { at, amount_minor, refunded_minor, charge: settling });
        Some(PaymentSnapshot {
            origin: self.origin,
            status,
            amount_minor,
            currency,
            created_at,
            customer: charge.and_then(|c| c.customer.clone()).or_else(|| intent.and_then(|i| i.customer.clone())),
            invoice: charge.and_then(|c| c.invoice.clone()).or_else(|| intent.and_then(|i| i.invoice.clone())),
            method: charge.and_then(|c| c.method.clone()).or_else(|| intent.and_then(|i| i.method.clone())),
            method_type: charge.and_then(|c| c.method_type.clone()),
            last4: charge.and_then(|c| c.last4.clone()),
            exp_month: charge.and_then(|c| c.exp_month),
            exp_year: charge.and_then(|c| c.exp_year),
            decline_code: if settled { None } else { decline_code(charge, intent) },
            failed_attempts: self.failed_attempts(),
            succeeded_at,
            refunded_minor,
            disputed_minor: self.lost_minor(),
            open_dispute: self.all_disputes().any(|dispute| dispute.status == DisputeStatus::Open),
            fee_minor: charge.and_then(|c| c.fee_minor),
            net_minor: charge.and_then(|c| c.net_minor),
            description: charge
                .and_then(|c| c.description.clone())
                .or_else(|| intent.and_then(|i| i.description.clone())),
            receipt_url: charge.and_then(|c| c.receipt_url.clone()),
            cash: parts(self, taken.as_ref()),
        })
    }

    /// Money taken and kept: the amount where it succeeded, less refunds and lost disputes.
    pub(super) fn collected_minor(&self) -> i64 {
        match self.snapshot() {
            Some(after) if is_settled(after.status) => after.amount_minor - after.refunded_minor - after.disputed_minor,
            Some(_) | None => 0,
        }
    }

    /// What a refund may still take.
    pub(super) fn refundable_minor(&self) -> i64 {
        self.collected_minor().max(0)
    }

    pub fn all_charges(&self) -> impl Iterator<Item = &ChargeReport> {
        self.charges.values().filter_map(Latest::current).chain(self.own_charges.values())
    }

    /// Every dispute as it stands.
    pub fn all_disputes(&self) -> impl Iterator<Item = &DisputeReport> {
        self.disputes.values().filter_map(Latest::current).chain(self.own_disputes.values())
    }

    /// Every refund as it stands.
    pub fn all_refunds(&self) -> impl Iterator<Item = &RefundReport> {
        self.refunds.values().filter_map(Latest::current).chain(self.own_refunds.values())
    }

    /// The attempt that settled it, else the latest.
    fn leading_charge(&self) -> Option<&ChargeReport> {
        self.all_charges().max_by(|a, b| {
            let key = |charge: &ChargeReport| (is_settled(charge.status), charge.created_at);
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        })
    }

    fn failed_attempts(&self) -> u32 {
        let failed = self.all_charges().filter(|charge| charge.status == PaymentStatus::Failed).count();
        u32::try_from(failed).unwrap_or(u32::MAX)
    }

    /// The charge's own cumulative figure or the sum of its refunds, whichever knows more.
    fn refunded_minor(&self, charge: Option<&ChargeReport>) -> i64 {
        let single: i64 = self
            .refunds
            .values()
            .filter_map(Latest::current)
            .chain(self.own_refunds.values())
            .filter(|refund| stands(refund.status))
            .map(|refund| refund.amount_minor)
            .sum();
        let cumulative = charge.map_or(0, |charge| charge.amount_refunded_minor - self.failed_but_counted(charge));
        single.max(cumulative)
    }

    /// What the charge still counts of refunds that have failed since: those made by the second it was reported in and
    /// not failed before it. A charge reported later no longer counts them.
    fn failed_but_counted(&self, charge: &ChargeReport) -> i64 {
        let Some(told) = self.charges.get(&charge.id).and_then(Latest::stamp) else { return 0 };
        let failed_since = |refund: &RefundReport| self.failed_refunds.get(&refund.id).copied();
        self.refunds
            .values()
            .filter_map(Latest::current)
            .filter(|refund| !stands(refund.status) && refund.created_at <= told.created)
            .filter(|refund| failed_since(refund).is_none_or(|since| told.created <= since))
            .map(|refund| refund.amount_minor)
            .sum()
    }

    fn lost_minor(&self) -> i64 {
        self.all_disputes()
            .filter(|dispute| dispute.status == DisputeStatus::Lost)
            .map(|dispute| dispute.amount_minor)
            .sum()
    }
}

/// Whether a refund gives money back.
fn stands(status: RefundStatus) -> bool {
    match status {
        RefundStatus::Pending | RefundStatus::Succeeded => true,
        RefundStatus::Failed | RefundStatus::Canceled => false,
    }
}

fn is_settled(status: PaymentStatus) -> bool {
    matches!(status, PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded)
}

fn decline_code(charge: Option<&ChargeReport>, intent: Option<&IntentReport>) -> Option<String> {
    charge.and_then(|c| c.decline_code.clone()).or_else(|| intent.and_then(|i| i.decline_code.clone()))
}

fn status_of(
    charge: Option<&ChargeReport>,
    intent: Option<&IntentReport>,
    amount_minor: i64,
    refunded_minor: i64,
) -> PaymentStatus {
    let charged = charge.map(|charge| charge.status);
    let intended = intent.map(|intent| intent.status);
    let settled = charged.is_some_and(is_settled) || intended.is_some_and(is_settled);
    if settled && refunded_minor >= amount_minor && refunded_minor > 0 {
        return PaymentStatus::Refunded;
    }
    if settled && refunded_minor > 0 {
        return PaymentStatus::PartiallyRefunded;
    }
    if settled {
        return PaymentStatus::Succeeded;
    }
    match (intended, charged) {
        // An intent whose attempt failed waits for another payment method; what people call it is "failed".
        (Some(PaymentStatus::Pending), Some(failed)) => failed,
        (Some(intended), _) => intended,
        (None, charged) => charged.unwrap_or(PaymentStatus::Pending),
    }
}
