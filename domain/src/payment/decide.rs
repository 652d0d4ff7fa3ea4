//! What a command does to a payment.

use jiff::Timestamp;

use super::command::PaymentCommand;
use super::credit::reattributed;
use super::event::{
    ChargeReport, DisputeReport, DisputeStatus, PaymentChange, PaymentEvent, PaymentStatus, RefundReport, RefundStatus,
};
use super::state::Payment;
use crate::id::PaymentId;
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;
use crate::stamp::{Absorbed, Latest, Stamp};

impl EventForm for PaymentEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for Payment {
    const TYPE: &'static str = "payment";
    type Command = PaymentCommand;
    type Event = PaymentEvent;

    fn decide(&self, issued: &Issued<PaymentCommand>) -> Result<Vec<PaymentEvent>, Refusal> {
        let now = issued.now;
        match &issued.command {
            PaymentCommand::RecordAttempt { id, charge } => Ok(self.record_attempt(now, id, charge)),
            PaymentCommand::Refund { refund } => self.refund(now, refund),
            PaymentCommand::SettleRefund { refund, status } => self.settle_refund(now, refund, *status),
            PaymentCommand::Dispute { dispute } => self.dispute(now, dispute),
            PaymentCommand::ReportCharge { id, stamp, charge } => {
                let change = PaymentChange::ChargeReported { stamp: stamp.clone(), charge: charge.as_ref().clone() };
                Ok(self.report(id, stamp, self.charges.get(&charge.id), charge.as_ref(), change))
            }
            PaymentCommand::ReportIntent { id, stamp, intent } => {
                let change = PaymentChange::IntentReported { stamp: stamp.clone(), intent: intent.as_ref().clone() };
                Ok(self.report(id, stamp, Some(&self.intent), intent.as_ref(), change))
            }
            PaymentCommand::ReportRefund { id, stamp, refund } => {
                let change = PaymentChange::RefundReported { stamp: stamp.clone(), refund: refund.clone() };
                Ok(self.report(id, stamp, self.refunds.get(&refund.id), refund, change))
            }
            PaymentCommand::ReportDispute { id, stamp, dispute } => {
                let change = PaymentChange::DisputeReported { stamp: stamp.clone(), dispute: dispute.clone() };
                Ok(self.report(id, stamp, self.disputes.get(&dispute.id), dispute, change))
            }
        }
    }

    fn evolve(&mut self, event: &PaymentEvent) {
        self.apply(event);
    }
}

impl Payment {
    /// One attempt counts once; a failure after the money was taken is stale (decision B9). What is in hand may still
    /// succeed or fail.
    fn record_attempt(&self, now: Timestamp, id: &PaymentId, charge: &ChargeReport) -> Vec<PaymentEvent> {
        let settled = self.own_charges.values().any(|known| known.status == PaymentStatus::Succeeded);
        let known = self.own_charges.get(&charge.id).map(|known| known.status);
        if settled || known.is_some_and(|known| known == charge.status || !is_in_hand(known)) {
            return Vec::new();
        }
        let recorded = match charge.status {
            PaymentStatus::Succeeded => PaymentChange::PaymentSucceeded { charge: charge.clone() },
            status if is_in_hand(status) => PaymentChange::PaymentPending { charge: charge.clone() },
            PaymentStatus::Pending
            | PaymentStatus::RequiresAction
            | PaymentStatus::Processing
            | PaymentStatus::RequiresCapture
            | PaymentStatus::Failed
            | PaymentStatus::Canceled
            | PaymentStatus::PartiallyRefunded
            | PaymentStatus::Refunded => PaymentChange::PaymentDeclined { charge: charge.clone() },
        };
        vec![self.with_result(now, id, recorded)]
    }

    fn refund(&self, now: Timestamp, refund: &RefundReport) -> Result<Vec<PaymentEvent>, Refusal> {
        let (Some(id), Some(snapshot)) = (&self.id, self.snapshot()) else {
            return Err(Refusal::not_found("payment"));
        };
        if self.own_refunds.contains_key(&refund.id) {
            return Ok(Vec::new());
        }
        if refund.currency != snapshot.currency {
            return Err(Refusal::invalid("currency", "is not the payment's"));
        }
        if refund.amount_minor <= 0 || refund.amount_minor > self.refundable_minor() {
            return Err(Refusal::invalid("amount", "is more than is left to refund, or not positive"));
        }
        Ok(vec![self.with_result(now, id, PaymentChange::PaymentRefunded { refund: refund.clone() })])
    }

    fn settle_refund(&self, now: Timestamp, refund: &str, status: RefundStatus) -> Result<Vec<PaymentEvent>, Refusal> {
        let (Some(id), Some(known)) = (&self.id, self.own_refunds.get(refund)) else {
            return Err(Refusal::not_found("refund"));
        };
        if known.status == status || known.status != RefundStatus::Pending {
            return Ok(Vec::new());
        }
        let refund = RefundReport { status, ..known.clone() };
        Ok(vec![self.with_result(now, id, PaymentChange::PaymentRefundSettled { refund })])
    }

    fn dispute(&self, now: Timestamp, dispute: &DisputeReport) -> Result<Vec<PaymentEvent>, Refusal> {
        let (Some(id), Some(snapshot)) = (&self.id, self.snapshot()) else {
            return Err(Refusal::not_found("payment"));
        };
        let known = self.own_disputes.get(&dispute.id);
        if known == Some(dispute) {
            return Ok(Vec::new());
        }
        if known.is_some_and(|known| matches!(known.status, DisputeStatus::Won | DisputeStatus::Lost)) {
            return Err(Refusal::illegal("a dispute", "closed", "change"));
        }
        if dispute.currency != snapshot.currency {
            return Err(Refusal::invalid("currency", "is not the payment's"));
        }
        let most = known.map_or(self.collected_minor().max(0), |known| known.amount_minor);
        if dispute.amount_minor <= 0 || dispute.amount_minor > most {
            return Err(Refusal::invalid("amount", "is more than was collected, or not positive"));
        }
        Ok(vec![self.with_result(now, id, PaymentChange::PaymentDisputed { dispute: dispute.clone() })])
    }

    /// What our own processor attempted nobody else can tell us of: a report of it is our own, come back (decision B2).
    fn report<S: Clone>(
        &self,
        id: &PaymentId,
        stamp: &Stamp,
        known: Option<&Latest<S>>,
        reported: &S,
        change: PaymentChange,
    ) -> Vec<PaymentEvent> {
        if !self.own_charges.is_empty() {
            return Vec::new();
        }
        let mut reports = known.cloned().unwrap_or_default();
        if reports.absorb(stamp.clone(), reported.clone()) == Absorbed::Repeated {
            return Vec::new();
        }
        vec![self.with_result(stamp.created, id, change)]
    }

    /// The event with what the payment comes to after it.
    fn with_result(&self, at: Timestamp, id: &PaymentId, change: PaymentChange) -> PaymentEvent {
        let mut event = PaymentEvent {
            at,
            payment: id.clone(),
            change,
            collected_delta_minor: 0,
            reattributed: Vec::new(),
            after: None,
        };
        let mut evolved = self.clone();
        evolved.apply(&event);
        let (before, after) = (self.snapshot(), evolved.snapshot());
        let (collected_before, collected) = (self.collected_minor(), evolved.collected_minor());
        event.collected_delta_minor = collected - collected_before;
        event.reattributed = reattributed((before.as_ref(), collected_before), (after.as_ref(), collected));
        event.after = if after == before { None } else { after.map(Box::new) };
        event
    }
}

/// Whether an attempt may still end either way.
fn is_in_hand(status: PaymentStatus) -> bool {
    match status {
        PaymentStatus::Pending
        | PaymentStatus::RequiresAction
        | PaymentStatus::Processing
        | PaymentStatus::RequiresCapture => true,
        PaymentStatus::Failed
        | PaymentStatus::Canceled
        | PaymentStatus::Succeeded
        | PaymentStatus::PartiallyRefunded
        | PaymentStatus::Refunded => false,
    }
}
