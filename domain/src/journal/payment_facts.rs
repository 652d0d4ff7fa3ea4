//! What of a payment, its refunds and its disputes matters to the journal? As with invoices, facts that come out the same
//! whatever the order of the reports.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::money::Currency;
use crate::payment::{
    CashKind, DisputeReport, DisputeStatus, PaymentChange, PaymentEvent, PaymentSnapshot, RefundReport, RefundStatus,
};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PaymentFacts {
    /// Absent until the money was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taking>,
    /// What was given back, by refund or, where no refund was reported, by charge and time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_back: Vec<GivenBack>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds: BTreeMap<String, RefundFacts>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disputes: BTreeMap<String, DisputeFacts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taking {
    pub currency: Currency,
    pub at: Timestamp,
    pub minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub fee_minor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GivenBack {
    pub source: String,
    pub at: Timestamp,
    pub minor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefundFacts {
    pub status: RefundStatus,
    pub at: Timestamp,
    pub minor: i64,
    /// Since when it is in that status.
    pub since: Timestamp,
    /// It was known before the money had gone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub waited: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DisputeFacts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub withdrawn_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reinstated_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub reinstated_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub lost: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub fee_minor: i64,
    /// What of the fee was not returned when it closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_left_minor: Option<i64>,
}

impl PaymentFacts {
    pub fn absorb(&mut self, event: &PaymentEvent) {
        if let Some(after) = &event.after {
            self.take(after);
        }
        match &event.change {
            PaymentChange::RefundReported { stamp, refund } => self.refund(stamp.created, refund),
            PaymentChange::PaymentRefunded { refund } | PaymentChange::PaymentRefundSettled { refund } => {
                self.refund(event.at, refund);
            }
            PaymentChange::DisputeReported { stamp, dispute } => self.dispute(stamp.created, dispute),
            PaymentChange::PaymentDisputed { dispute } => self.dispute(event.at, dispute),
            PaymentChange::ChargeReported { .. }
            | PaymentChange::IntentReported { .. }
            | PaymentChange::PaymentSucceeded { .. }
            | PaymentChange::PaymentDeclined { .. }
            | PaymentChange::PaymentPending { .. } => {}
        }
    }

    fn take(&mut self, after: &PaymentSnapshot) {
        // Money that was taken stays taken (decision B13).
        let Some(at) = after.succeeded_at else { return };
        let fee_minor = after.fee_minor.unwrap_or(0);
        self.taken = Some(Taking { currency: after.currency, at, minor: after.amount_minor, fee_minor });
        let parts = after.cash.iter().filter(|part| part.kind == CashKind::Refunded);
        let given_back = |part: &crate::payment::CashPart| GivenBack {
            source: part.source.clone(),
            at: part.at,
            minor: part.amount_minor.saturating_neg(),
        };
        self.given_back = parts.map(given_back).collect();
    }

    /// Of several reports of one refund that furthest in its life counts, and of those the earliest. Where they differ
    /// in the sum the highest does, so that none has to come first.
    fn refund(&mut self, told_at: Timestamp, refund: &RefundReport) {
        let told = RefundFacts {
            status: refund.status,
            at: refund.created_at,
            minor: refund.amount_minor,
            since: told_at,
            waited: refund.status == RefundStatus::Pending,
        };
        let known = self.refunds.entry(refund.id.clone()).or_insert_with(|| told.clone());
        let order = rank(told.status).cmp(&rank(known.status));
        if order.is_gt() {
            *known = RefundFacts { waited: known.waited, ..told };
        } else if order.is_eq() {
            known.since = known.since.min(told.since);
            known.at = known.at.min(told.at);
            known.minor = known.minor.max(told.minor);
        } else {
            known.waited |= told.waited;
        }
    }

    fn dispute(&mut self, told_at: Timestamp, told: &DisputeReport) {
        let dispute = self.disputes.entry(told.id.clone()).or_default();
        let (moved, closed) = match told.status {
            DisputeStatus::Inquiry | DisputeStatus::InquiryClosed => (false, false),
            DisputeStatus::Open => (true, false),
            DisputeStatus::Won | DisputeStatus::Lost => (true, true),
        };
        let withdrawn_minor = told.withdrawn_minor.unwrap_or(if moved { told.amount_minor } else { 0 });
        if withdrawn_minor > 0 {
            dispute.withdrawn_minor = dispute.withdrawn_minor.max(withdrawn_minor);
            dispute.withdrawn_at = Some(dispute.withdrawn_at.map_or(told.created_at, |at| at.min(told.created_at)));
        }
        // Where a report says nothing of the money, winning means that it came back.
        let silent = told.status == DisputeStatus::Won && told.withdrawn_minor.is_none();
        let reinstated_minor = if silent { told.amount_minor } else { told.reinstated_minor };
        if reinstated_minor > dispute.reinstated_minor {
            dispute.reinstated_minor = reinstated_minor;
            dispute.reinstated_at = Some(told_at);
        } else if reinstated_minor == dispute.reinstated_minor && reinstated_minor > 0 {
            dispute.reinstated_at = dispute.reinstated_at.map(|at| at.min(told_at));
        }
        dispute.fee_minor = dispute.fee_minor.max(told.fee_minor.unwrap_or(0));
        if closed {
            dispute.lost |= told.status == DisputeStatus::Lost;
            dispute.closed_at = Some(dispute.closed_at.map_or(told_at, |at| at.min(told_at)));
            dispute.fee_left_minor = match (dispute.fee_left_minor, told.fee_minor) {
                (Some(known), Some(told)) => Some(known.min(told)),
                (known, told) => known.or(told),
            };
        }
    }
}

fn rank(status: RefundStatus) -> u8 {
    match status {
        RefundStatus::Pending => 0,
        RefundStatus::Succeeded => 1,
        RefundStatus::Failed | RefundStatus::Canceled => 2,
    }
}
