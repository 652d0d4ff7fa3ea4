//! How events change a payment's row, and which dated parts of the money collected they open and close.

use domain::event::LedgerEvent;
use domain::issued::Decider;
use domain::payment::{Payment, PaymentSnapshot};
use domain::time::to_micros;
use store::{Value, Values};

use super::collection::CollectionRow;
use super::row::PaymentRow;
use super::standing::{revise, sums};
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct PaymentFold;

impl Fold for PaymentFold {
    type Row = PaymentRow;

    const READS: &'static [&'static str] = &[Payment::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some((id, _)) = changed(seen.event) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), id]));
        }
    }

    fn fold(
        &self,
        row: Option<PaymentRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<Option<PaymentRow>, FoldError> {
        let Some((id, after)) = changed(seen.event) else { return Ok(row) };
        let position = seen.entry.position;
        let (created_position, standing) =
            row.map_or_else(|| (position, Vec::new()), |row| (row.created_position, row.standing));
        let tenant = seen.entry.tenant.as_str();
        let event_id = seen.entry.event_id.to_string();
        let standing = revise(standing, sums(after), (position, &event_id), |known, to_position| {
            emitted.put(&CollectionRow::of(tenant, id, known, to_position));
        });
        Ok(Some(PaymentRow { standing, ..row_of(seen, id, after, created_position) }))
    }
}

fn changed(event: &LedgerEvent) -> Option<(&str, &PaymentSnapshot)> {
    let event = event.payment()?;
    Some((event.payment.as_str(), event.after.as_deref()?))
}

fn row_of(seen: &Seen<'_>, id: &str, after: &PaymentSnapshot, created_position: i64) -> PaymentRow {
    PaymentRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        payment_id: id.to_owned(),
        customer_id: after.customer.as_ref().map(|id| id.as_str().to_owned()),
        invoice_id: after.invoice.as_ref().map(|id| id.as_str().to_owned()),
        origin: after.origin,
        status: after.status,
        amount_minor: after.amount_minor,
        currency: after.currency.code().to_owned(),
        payment_method_id: after.method.as_ref().map(|id| id.as_str().to_owned()),
        method_type: after.method_type.clone(),
        last4: after.last4.clone(),
        exp_month: after.exp_month,
        exp_year: after.exp_year,
        decline_code: after.decline_code.clone(),
        refunded_minor: after.refunded_minor,
        disputed_minor: after.disputed_minor,
        open_dispute: after.open_dispute,
        fee_minor: after.fee_minor,
        net_minor: after.net_minor,
        created_at: to_micros(after.created_at),
        succeeded_at: after.succeeded_at.map(to_micros),
        failed_attempts: after.failed_attempts,
        description: after.description.clone(),
        receipt_url: after.receipt_url.clone(),
        standing: Vec::new(),
        created_position,
        position: seen.entry.position,
    }
}
