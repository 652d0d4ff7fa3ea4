//! How an invoice is credited after it was finalized, and how a credit note is taken back (decision B5).

use jiff::Timestamp;

use super::decide::{event, numbered};
use super::event::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus, IssuedNote, ReportedNote};
use super::received::{paid_without_payment, settle};
use super::state::Invoice;
use crate::credit_note::Creditable;
use crate::id::InvoiceId;
use crate::refusal::Refusal;
use crate::stamp::{Absorbed, Stamp};

type Decision = Result<Vec<InvoiceEvent>, Refusal>;

const CREDITABLE: [InvoiceStatus; 3] = [InvoiceStatus::Open, InvoiceStatus::Paid, InvoiceStatus::Uncollectible];

/// Issues a note that fits what is left of the invoice; a note before payment that leaves nothing due settles it.
pub(super) fn issue_note(invoice: &Invoice, now: Timestamp, note: &IssuedNote, year: i16) -> Decision {
    let (id, snapshot) = invoice.in_status(&CREDITABLE, "credit")?;
    if snapshot.notes.iter().any(|known| known.id == note.id) {
        return Ok(Vec::new());
    }
    let totals = snapshot.totals()?;
    let mut standing = snapshot.standing_notes();
    standing.push(note.note.clone());
    Creditable::of(&totals, &standing)?;
    let before_payment_minor = note.note.settlement.before_payment_minor;
    if before_payment_minor > snapshot.amount_remaining_minor {
        return Err(Refusal::invalid("before_payment", "is more than remains to be paid"));
    }
    let issued =
        IssuedNote { number: numbered("credit_note", "CN", year), issued_at: now, voided_at: None, ..note.clone() };
    let mut after = less_due(snapshot, before_payment_minor);
    after.notes.push(issued.clone());
    let change = InvoiceChange::InvoiceCreditNoteIssued { note: issued };
    if after.amount_remaining_minor > 0 || snapshot.status == InvoiceStatus::Paid {
        return Ok(vec![event(now, id, change, after)]);
    }
    let credited = event(now, id, change, after.clone());
    settle(&mut after, now);
    Ok(vec![credited, event(now, id, paid_without_payment(), after)])
}

/// Takes back a note whose money has not been used: one that lowered what is due, while the invoice is open.
pub(super) fn void_note(invoice: &Invoice, now: Timestamp, note: &str) -> Decision {
    let (id, snapshot) = invoice.in_status(&CREDITABLE, "credit")?;
    let mut after = snapshot.clone();
    let issued = after.notes.iter_mut().find(|known| known.id == note);
    let issued = issued.ok_or_else(|| Refusal::not_found("credit note"))?;
    if issued.voided_at.is_some() {
        return Ok(Vec::new());
    }
    let settlement = issued.note.settlement;
    if settlement.refund_minor > 0 {
        return Err(Refusal::illegal("a credit note", "refunded", "void"));
    }
    if settlement.before_payment_minor > 0 && snapshot.status == InvoiceStatus::Paid {
        return Err(Refusal::illegal("a credit note", "settled with its invoice", "void"));
    }
    issued.voided_at = Some(now);
    let after = less_due(&after, -settlement.before_payment_minor);
    Ok(vec![event(now, id, InvoiceChange::InvoiceCreditNoteVoided { id: note.to_owned() }, after)])
}

/// What the processor says of a note of its own; the invoice's figures follow from its reports of the invoice.
pub(super) fn report_note(invoice: &Invoice, id: &InvoiceId, stamp: &Stamp, note: &ReportedNote) -> Vec<InvoiceEvent> {
    if invoice.is_our_own() {
        return Vec::new();
    }
    let mut reports = invoice.reported_notes.get(&note.id).cloned().unwrap_or_default();
    if reports.absorb(stamp.clone(), note.clone()) == Absorbed::Repeated {
        return Vec::new();
    }
    let change = InvoiceChange::InvoiceCreditNoteReported { stamp: stamp.clone(), note: note.clone() };
    vec![InvoiceEvent { at: stamp.created, invoice: id.clone(), change, after: None }]
}

fn less_due(snapshot: &InvoiceSnapshot, minor: i64) -> InvoiceSnapshot {
    InvoiceSnapshot {
        credited_before_payment_minor: snapshot.credited_before_payment_minor.saturating_add(minor),
        amount_due_minor: snapshot.amount_due_minor.saturating_sub(minor),
        amount_remaining_minor: snapshot.amount_remaining_minor.saturating_sub(minor),
        ..snapshot.clone()
    }
}
