//! What a command does to an invoice (billing.md §3.2).

use jiff::Timestamp;

use super::command::{FailedAttempt, InvoiceCommand};
use super::event::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus};
use super::state::Invoice;
use crate::id::{InvoiceId, PaymentId};
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;
use crate::stamp::{Absorbed, Stamp};

/// What stands in an invoice's number until the append fills it in from the tenant's counter under the head lock, so
/// that numbers have no gaps (rule L11).
pub const NUMBER_TO_FILL: &str = "\u{1}invoice-number\u{1}";

impl EventForm for InvoiceEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

type Decision = Result<Vec<InvoiceEvent>, Refusal>;

impl Decider for Invoice {
    const TYPE: &'static str = "invoice";
    type Command = InvoiceCommand;
    type Event = InvoiceEvent;

    fn decide(&self, issued: &Issued<InvoiceCommand>) -> Decision {
        let now = issued.now;
        match &issued.command {
            InvoiceCommand::Draft { id, snapshot } => self.draft(now, id, snapshot),
            InvoiceCommand::Finalize => self.finalize(now),
            InvoiceCommand::Send => self.send(now),
            InvoiceCommand::Void => self.void(now),
            InvoiceCommand::MarkUncollectible => self.mark_uncollectible(now),
            InvoiceCommand::Delete => self.delete(now),
            InvoiceCommand::RecordPayment { payment, out_of_band } => {
                self.record_payment(now, payment.as_ref(), *out_of_band)
            }
            InvoiceCommand::RecordFailedAttempt { attempt } => self.record_failed_attempt(now, attempt),
            InvoiceCommand::Report { id, stamp, snapshot, attempt } => {
                Ok(self.report(id, stamp, snapshot, attempt.as_ref()))
            }
            InvoiceCommand::LinkPayment { id, at, payment, amount_minor } => {
                Ok(self.link_payment(id, *at, payment, *amount_minor))
            }
        }
    }

    fn evolve(&mut self, event: &InvoiceEvent) {
        self.apply(event);
    }
}

impl Invoice {
    fn draft(&self, now: Timestamp, id: &InvoiceId, snapshot: &InvoiceSnapshot) -> Decision {
        if self.snapshot.is_some() {
            return Err(Refusal::AlreadyExists { what: "invoice".to_owned() });
        }
        check_identities(snapshot)?;
        let after = InvoiceSnapshot { status: InvoiceStatus::Draft, number: None, created_at: now, ..snapshot.clone() };
        Ok(vec![event(now, id, InvoiceChange::InvoiceDrafted {}, after)])
    }

    /// Gives the number and freezes the invoice; one of zero is paid at once, without a payment.
    fn finalize(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Draft], "finalize")?;
        let after = InvoiceSnapshot {
            status: InvoiceStatus::Open,
            number: Some(NUMBER_TO_FILL.to_owned()),
            finalized_at: Some(now),
            ..snapshot.clone()
        };
        let finalized = event(now, id, InvoiceChange::InvoiceFinalized {}, after.clone());
        if after.amount_due_minor > 0 {
            return Ok(vec![finalized]);
        }
        let paid = InvoiceSnapshot { status: InvoiceStatus::Paid, paid_at: Some(now), ..after };
        Ok(vec![finalized, event(now, id, InvoiceChange::InvoicePaid { payment: None, out_of_band: false }, paid)])
    }

    fn send(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Open], "send")?;
        Ok(vec![event(now, id, InvoiceChange::InvoiceSent {}, snapshot.clone())])
    }

    fn void(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Open, InvoiceStatus::Uncollectible], "void")?;
        let after = InvoiceSnapshot { status: InvoiceStatus::Void, closed_at: Some(now), ..snapshot.clone() };
        Ok(vec![event(now, id, InvoiceChange::InvoiceVoided {}, after)])
    }

    fn mark_uncollectible(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Open], "write off")?;
        let after = InvoiceSnapshot { status: InvoiceStatus::Uncollectible, closed_at: Some(now), ..snapshot.clone() };
        Ok(vec![event(now, id, InvoiceChange::InvoiceMarkedUncollectible {}, after)])
    }

    fn delete(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Draft], "delete")?;
        let after = InvoiceSnapshot { status: InvoiceStatus::Deleted, ..snapshot.clone() };
        Ok(vec![event(now, id, InvoiceChange::InvoiceDeleted {}, after)])
    }

    fn record_payment(&self, now: Timestamp, payment: Option<&PaymentId>, out_of_band: bool) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Open, InvoiceStatus::Uncollectible], "pay")?;
        let after = InvoiceSnapshot {
            status: InvoiceStatus::Paid,
            amount_paid_minor: snapshot.amount_due_minor,
            amount_remaining_minor: 0,
            paid_at: Some(now),
            closed_at: None,
            next_attempt_at: None,
            attempt_count: snapshot.attempt_count + u32::from(!out_of_band),
            payment: payment.cloned().or_else(|| snapshot.payment.clone()),
            ..snapshot.clone()
        };
        Ok(vec![event(now, id, InvoiceChange::InvoicePaid { payment: payment.cloned(), out_of_band }, after)])
    }

    fn record_failed_attempt(&self, now: Timestamp, attempt: &FailedAttempt) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Open, InvoiceStatus::Uncollectible], "charge")?;
        if self.knows(attempt) {
            return Ok(Vec::new());
        }
        let after = InvoiceSnapshot {
            attempt_count: snapshot.attempt_count.max(attempt.count),
            next_attempt_at: attempt.next_attempt_at,
            ..snapshot.clone()
        };
        Ok(vec![event(now, id, InvoiceChange::InvoicePaymentFailed { attempt: attempt.clone() }, after)])
    }

    fn report(
        &self,
        id: &InvoiceId,
        stamp: &Stamp,
        snapshot: &InvoiceSnapshot,
        attempt: Option<&FailedAttempt>,
    ) -> Vec<InvoiceEvent> {
        let mut reports = self.reports.clone();
        let absorbed = reports.absorb(stamp.clone(), Box::new(snapshot.clone()));
        if absorbed == Absorbed::Repeated {
            return Vec::new();
        }
        let current = (absorbed == Absorbed::Changed).then(|| reports.current().cloned()).flatten();
        let told = (current.as_deref() != Some(snapshot)).then(|| Box::new(snapshot.clone()));
        let attempt = attempt.filter(|attempt| !self.knows(attempt)).cloned();
        let change = InvoiceChange::InvoiceReported { stamp: stamp.clone(), snapshot: told, attempt };
        vec![InvoiceEvent { at: stamp.created, invoice: id.clone(), change, after: current }]
    }

    fn link_payment(&self, id: &InvoiceId, at: Timestamp, payment: &PaymentId, amount_minor: i64) -> Vec<InvoiceEvent> {
        // Of two amounts for one payment the larger stands, whichever came first.
        if self.payments.get(payment).is_some_and(|known| *known >= amount_minor) {
            return Vec::new();
        }
        let change = InvoiceChange::InvoicePaymentLinked { payment: payment.clone(), amount_minor };
        vec![InvoiceEvent { at, invoice: id.clone(), change, after: None }]
    }

    fn in_status(&self, allowed: &[InvoiceStatus], action: &str) -> Result<(&InvoiceId, &InvoiceSnapshot), Refusal> {
        let (Some(id), Some(snapshot)) = (&self.id, self.snapshot.as_deref()) else {
            return Err(Refusal::not_found("invoice"));
        };
        if !allowed.contains(&snapshot.status) {
            return Err(Refusal::illegal("an invoice", snapshot.status.as_str(), action));
        }
        Ok((id, snapshot))
    }
}

/// The identities of decision B5, checked where an invoice is made.
fn check_identities(snapshot: &InvoiceSnapshot) -> Result<(), Refusal> {
    let lines: i128 = snapshot.lines.iter().map(|line| i128::from(line.amount_minor)).sum();
    if lines != i128::from(snapshot.subtotal_minor) {
        return Err(Refusal::invalid("subtotal", "is not the sum of the lines"));
    }
    let total =
        i128::from(snapshot.subtotal_minor) - i128::from(snapshot.discount_minor) + i128::from(snapshot.tax_minor);
    if i128::from(snapshot.total_minor) != total {
        return Err(Refusal::invalid("total", "is not subtotal less discount plus tax"));
    }
    if snapshot.amount_due_minor < 0 {
        return Err(Refusal::invalid("amount_due", "is below zero"));
    }
    let remaining = i128::from(snapshot.amount_due_minor) - i128::from(snapshot.amount_paid_minor);
    if i128::from(snapshot.amount_remaining_minor) != remaining {
        return Err(Refusal::invalid("amount_remaining", "is not the amount due less the amount paid"));
    }
    Ok(())
}

fn event(at: Timestamp, id: &InvoiceId, change: InvoiceChange, after: InvoiceSnapshot) -> InvoiceEvent {
    InvoiceEvent { at, invoice: id.clone(), change, after: Some(Box::new(after)) }
}
