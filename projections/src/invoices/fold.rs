//! How events change an invoice's row: every event that changed the invoice carries the whole of it.

use domain::event::LedgerEvent;
use domain::invoice::{Invoice, InvoiceSnapshot};
use domain::issued::Decider;
use domain::time::to_micros;
use store::{Value, Values};

use super::row::InvoiceRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct InvoiceFold;

impl Fold for InvoiceFold {
    type Row = InvoiceRow;

    const READS: &'static [&'static str] = &[Invoice::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some((id, _)) = changed(seen.event) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), id]));
        }
    }

    fn fold(
        &self,
        row: Option<InvoiceRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<InvoiceRow>, FoldError> {
        let Some((id, after)) = changed(seen.event) else { return Ok(row) };
        let created_position = row.map_or(seen.entry.position, |row| row.created_position);
        Ok(Some(row_of(seen, id, after, created_position)))
    }
}

fn changed(event: &LedgerEvent) -> Option<(&str, &InvoiceSnapshot)> {
    let event = event.invoice()?;
    Some((event.invoice.as_str(), event.after.as_deref()?))
}

fn row_of(seen: &Seen<'_>, id: &str, after: &InvoiceSnapshot, created_position: i64) -> InvoiceRow {
    InvoiceRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        invoice_id: id.to_owned(),
        number: after.number.clone(),
        customer_id: after.customer.as_ref().map(|id| id.as_str().to_owned()),
        subscription_id: after.subscription.as_ref().map(|id| id.as_str().to_owned()),
        origin: after.origin,
        status: after.status,
        currency: after.currency.code().to_owned(),
        subtotal_minor: after.subtotal_minor,
        discount_minor: after.discount_minor,
        tax_minor: after.tax_minor,
        total_minor: after.total_minor,
        amount_due_minor: after.amount_due_minor,
        amount_paid_minor: after.amount_paid_minor,
        amount_remaining_minor: after.amount_remaining_minor,
        attempt_count: after.attempt_count,
        next_attempt_at: after.next_attempt_at.map(to_micros),
        created_at: to_micros(after.created_at),
        due_at: after.due_at.map(to_micros),
        finalized_at: after.finalized_at.map(to_micros),
        paid_at: after.paid_at.map(to_micros),
        closed_at: after.closed_at.map(to_micros),
        period_start_at: after.period.map(|period| to_micros(period.start)),
        period_end_at: after.period.map(|period| to_micros(period.end)),
        billing_reason: after.billing_reason.clone(),
        hosted_url: after.hosted_url.clone(),
        pdf_url: after.pdf_url.clone(),
        lines: after.lines.clone(),
        payment_id: after.payment.as_ref().map(|id| id.as_str().to_owned()),
        created_position,
        position: seen.entry.position,
    }
}
