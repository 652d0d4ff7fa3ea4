//! How events of an invoice change the rows of its credit notes: each carries the invoice with all its notes, of which it
//! is about one.

use domain::invoice::{Invoice, InvoiceChange, InvoiceEvent, IssuedNote};
use domain::issued::Decider;
use domain::time::to_micros;
use store::{Value, Values};

use super::row::CreditNoteRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct CreditNoteFold;

impl Fold for CreditNoteFold {
    type Row = CreditNoteRow;

    const READS: &'static [&'static str] = &[Invoice::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(note) = seen.event.invoice().and_then(note_of) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), &note.id]));
        }
    }

    fn fold(
        &self,
        row: Option<CreditNoteRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<CreditNoteRow>, FoldError> {
        let Some(event) = seen.event.invoice() else { return Ok(row) };
        let Some(note) = note_of(event) else { return Ok(row) };
        let created_position = row.map_or(seen.entry.position, |row| row.created_position);
        Ok(Some(row_of(seen, event, note, created_position)))
    }
}

/// The note that the event is about, as it stands after it. What the processor reports of its own is told by its
/// reports of the invoice.
fn note_of(event: &InvoiceEvent) -> Option<&IssuedNote> {
    let id = match &event.change {
        InvoiceChange::InvoiceCreditNoteIssued { note } => &note.id,
        InvoiceChange::InvoiceCreditNoteVoided { id } => id,
        InvoiceChange::InvoiceDrafted {}
        | InvoiceChange::InvoiceFinalized {}
        | InvoiceChange::InvoiceSent {}
        | InvoiceChange::InvoicePaid { .. }
        | InvoiceChange::InvoicePartiallyPaid { .. }
        | InvoiceChange::InvoiceBalanceApplied { .. }
        | InvoiceChange::InvoiceCreditNoteReported { .. }
        | InvoiceChange::InvoiceReminded {}
        | InvoiceChange::InvoiceOverdue {}
        | InvoiceChange::InvoicePaymentFailed { .. }
        | InvoiceChange::InvoiceVoided {}
        | InvoiceChange::InvoiceMarkedUncollectible {}
        | InvoiceChange::InvoiceDeleted {}
        | InvoiceChange::InvoiceReported { .. }
        | InvoiceChange::InvoicePaymentLinked { .. } => return None,
    };
    event.after.as_deref()?.notes.iter().find(|note| note.id == *id)
}

fn row_of(seen: &Seen<'_>, event: &InvoiceEvent, note: &IssuedNote, created_position: i64) -> CreditNoteRow {
    let (figures, settlement) = (note.note.figures(), note.note.settlement);
    let after = event.after.as_deref();
    CreditNoteRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        credit_note_id: note.id.clone(),
        number: note.number.clone(),
        invoice_id: event.invoice.as_str().to_owned(),
        customer_id: after.and_then(|after| after.customer.as_ref()).map(|id| id.as_str().to_owned()),
        currency: after.map(|after| after.currency.code().to_owned()).unwrap_or_default(),
        subtotal_minor: figures.subtotal_minor,
        discount_minor: figures.discount_minor,
        tax_minor: figures.exclusive_tax_minor.saturating_add(figures.inclusive_tax_minor),
        total_minor: figures.total_minor,
        before_payment_minor: settlement.before_payment_minor,
        refund_minor: settlement.refund_minor,
        to_balance_minor: settlement.to_balance_minor,
        refund_id: note.refund.clone(),
        issued_at: to_micros(note.issued_at),
        voided_at: note.voided_at.map(to_micros),
        created_position,
        position: seen.entry.position,
    }
}
