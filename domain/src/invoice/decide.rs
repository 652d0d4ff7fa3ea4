//! What a command does to an invoice (billing.md §3.2).

use jiff::Timestamp;

use super::command::{FailedAttempt, InvoiceCommand};
use super::credited::{issue_note, report_note, void_note};
use super::event::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus};
use super::received::{apply_balance, receive};
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
            InvoiceCommand::Issue { id, snapshot, year } => self.issue(now, id, snapshot, *year),
            InvoiceCommand::Finalize { year } => self.finalize(now, *year),
            InvoiceCommand::Send => self.told(now, "send", InvoiceChange::InvoiceSent {}),
            InvoiceCommand::Remind => self.told(now, "remind of", InvoiceChange::InvoiceReminded {}),
            InvoiceCommand::ApplyBalance { credit_minor, prepaid_minor } => {
                apply_balance(self, now, *credit_minor, *prepaid_minor)
            }
            InvoiceCommand::IssueNote { note, year } => issue_note(self, now, note, *year),
            InvoiceCommand::VoidNote { id } => void_note(self, now, id),
            InvoiceCommand::NoteOverdue => Ok(self.note_overdue(now)),
            InvoiceCommand::Void => self.void(now),
            InvoiceCommand::MarkUncollectible => self.mark_uncollectible(now),
            InvoiceCommand::Delete => self.delete(now),
            InvoiceCommand::RecordPayment { payment, out_of_band, amount_minor } => {
                receive(self, now, payment.as_ref(), *out_of_band, *amount_minor)
            }
            InvoiceCommand::RecordFailedAttempt { attempt } => self.record_failed_attempt(now, attempt),
            InvoiceCommand::Report { id, stamp, snapshot, attempt } => {
                Ok(self.report(id, stamp, snapshot, attempt.as_ref()))
            }
            InvoiceCommand::ReportNote { id, stamp, note } => Ok(report_note(self, id, stamp, note)),
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
    fn finalize(&self, now: Timestamp, year: Option<i16>) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Draft], "finalize")?;
        Ok(finalized(now, id, snapshot.clone(), year))
    }

    fn issue(&self, now: Timestamp, id: &InvoiceId, snapshot: &InvoiceSnapshot, year: Option<i16>) -> Decision {
        if self.snapshot.is_some() {
            return Err(Refusal::AlreadyExists { what: "invoice".to_owned() });
        }
        check_identities(snapshot)?;
        Ok(finalized(now, id, InvoiceSnapshot { created_at: now, ..snapshot.clone() }, year))
    }

    /// What changes nothing of an open invoice but what its customer knows of it.
    fn told(&self, now: Timestamp, action: &str, change: InvoiceChange) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Open], action)?;
        Ok(vec![event(now, id, change, snapshot.clone())])
    }

    fn note_overdue(&self, now: Timestamp) -> Vec<InvoiceEvent> {
        let Ok((id, snapshot)) = self.in_status(&[InvoiceStatus::Open], "find overdue") else { return Vec::new() };
        if snapshot.overdue {
            return Vec::new();
        }
        let after = InvoiceSnapshot { overdue: true, ..snapshot.clone() };
        vec![event(now, id, InvoiceChange::InvoiceOverdue {}, after)]
    }

    fn void(&self, now: Timestamp) -> Decision {
        let (id, snapshot) = self.in_status(&[InvoiceStatus::Open, InvoiceStatus::Uncollectible], "void")?;
        if snapshot.amount_paid_minor > 0 {
            return Err(Refusal::illegal("an invoice", "partly paid", "void"));
        }
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

    /// What we billed ourselves nobody else can tell us of: a report of it is our own, come back (decision B2).
    fn report(
        &self,
        id: &InvoiceId,
        stamp: &Stamp,
        snapshot: &InvoiceSnapshot,
        attempt: Option<&FailedAttempt>,
    ) -> Vec<InvoiceEvent> {
        if self.is_our_own() {
            return Vec::new();
        }
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
        if self.is_our_own() || self.payments.get(payment).is_some_and(|known| *known >= amount_minor) {
            return Vec::new();
        }
        let change = InvoiceChange::InvoicePaymentLinked { payment: payment.clone(), amount_minor };
        vec![InvoiceEvent { at, invoice: id.clone(), change, after: None }]
    }

    pub(super) fn in_status(
        &self,
        allowed: &[InvoiceStatus],
        action: &str,
    ) -> Result<(&InvoiceId, &InvoiceSnapshot), Refusal> {
        let (Some(id), Some(snapshot)) = (&self.id, self.snapshot.as_deref()) else {
            return Err(Refusal::not_found("invoice"));
        };
        if !allowed.contains(&snapshot.status) {
            return Err(Refusal::illegal("an invoice", snapshot.status.as_str(), action));
        }
        Ok((id, snapshot))
    }
}

/// Where the lines say their shares of discount and tax, the figures are those that follow from them.
fn check_billed(snapshot: &InvoiceSnapshot) -> Result<(), Refusal> {
    if !snapshot.has_shares() {
        return Ok(());
    }
    let figures = snapshot.totals()?.figures();
    let wanted = [
        ("discount", snapshot.discount_minor, figures.discount_minor),
        ("tax", snapshot.tax_minor, figures.exclusive_tax_minor),
        ("amount_due", snapshot.amount_due_minor, figures.amount_due_minor),
    ];
    match wanted.iter().find(|(_, said, follows)| said != follows) {
        Some((field, _, _)) => Err(Refusal::invalid(field, "is not what follows from the lines")),
        None => Ok(()),
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
    check_billed(snapshot)?;
    if snapshot.amount_due_minor < 0 {
        return Err(Refusal::invalid("amount_due", "is below zero"));
    }
    let remaining = i128::from(snapshot.amount_due_minor) - i128::from(snapshot.amount_paid_minor);
    if i128::from(snapshot.amount_remaining_minor) != remaining {
        return Err(Refusal::invalid("amount_remaining", "is not the amount due less the amount paid"));
    }
    Ok(())
}

fn finalized(now: Timestamp, id: &InvoiceId, drafted: InvoiceSnapshot, year: Option<i16>) -> Vec<InvoiceEvent> {
    let number = year.map_or_else(|| NUMBER_TO_FILL.to_owned(), |year| numbered("invoice", "INV", year));
    let after =
        InvoiceSnapshot { status: InvoiceStatus::Open, number: Some(number), finalized_at: Some(now), ..drafted };
    let finalized = event(now, id, InvoiceChange::InvoiceFinalized {}, after.clone());
    if after.amount_due_minor > 0 {
        return vec![finalized];
    }
    let paid = InvoiceSnapshot { status: InvoiceStatus::Paid, paid_at: Some(now), ..after };
    let change = InvoiceChange::InvoicePaid { payment: None, out_of_band: false, received_minor: 0, excess_minor: 0 };
    vec![finalized, event(now, id, change, paid)]
}

/// The placeholder of the next number of a year's counter; `store` fills it in under the head lock.
pub(super) fn numbered(counter: &str, prefix: &str, year: i16) -> String {
    format!("{{{{counter:{counter}/{year}:{prefix}-{year}-%06d}}}}")
}

pub(super) fn event(at: Timestamp, id: &InvoiceId, change: InvoiceChange, after: InvoiceSnapshot) -> InvoiceEvent {
    InvoiceEvent { at, invoice: id.clone(), change, after: Some(Box::new(after)) }
}
