//! How events change a payment's row, and what each added to the money collected.

use domain::event::LedgerEvent;
use domain::issued::Decider;
use domain::money::Currency;
use domain::payment::{Payment, PaymentChange, PaymentEvent, PaymentSnapshot};
use domain::time::to_micros;
use store::{Value, Values};

use super::collection::CollectionRow;
use super::row::PaymentRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct PaymentFold;

impl Fold for PaymentFold {
    type Row = PaymentRow;

    const READS: &'static [&'static str] = &[Payment::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(event) = effective(seen.event) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), event.payment.as_str()]));
        }
    }

    fn fold(
        &self,
        row: Option<PaymentRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        emitted: &mut Emitted,
    ) -> Result<Option<PaymentRow>, FoldError> {
        let Some(event) = effective(seen.event) else { return Ok(row) };
        if let Some(collection) = collection_of(seen, event, row.as_ref()) {
            emitted.put(&collection);
        }
        let Some(after) = event.after.as_deref() else { return Ok(row) };
        let created_position = row.map_or(seen.entry.position, |row| row.created_position);
        Ok(Some(row_of(seen, event, after, created_position)))
    }
}

/// A payment event that changed the payment or the money collected.
fn effective(event: &LedgerEvent) -> Option<&PaymentEvent> {
    match event {
        LedgerEvent::Payment(event) => Some(event).filter(|it| it.after.is_some() || it.collected_delta_minor != 0),
        LedgerEvent::Customer(_)
        | LedgerEvent::Subscription(_)
        | LedgerEvent::Invoice(_)
        | LedgerEvent::Dunning(_)
        | LedgerEvent::StripeEvent(_) => None,
    }
}

/// Money that moved, a success or failed attempts; most events bring none of them.
fn collection_of(seen: &Seen<'_>, event: &PaymentEvent, before: Option<&PaymentRow>) -> Option<CollectionRow> {
    let after = event.after.as_deref();
    let succeeded_at = after.and_then(|payment| payment.succeeded_at);
    let succeeded = succeeded_at.filter(|_| before.is_none_or(|row| row.succeeded_at.is_none()));
    let known_failures = before.map_or(0, |row| row.failed_attempts);
    let failed = after.map_or(0, |payment| payment.failed_attempts.saturating_sub(known_failures));
    if event.collected_delta_minor == 0 && succeeded.is_none() && failed == 0 {
        return None;
    }
    Some(CollectionRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        payment_id: event.payment.as_str().to_owned(),
        position: seen.entry.position,
        // A success is dated by when the money was taken, however late or by whichever report it became known.
        collected_at: to_micros(succeeded.unwrap_or(event.at)),
        currency: currency_of(event).code().to_owned(),
        delta_minor: event.collected_delta_minor,
        succeeded: i64::from(succeeded.is_some()),
        failed: i64::from(failed),
    })
}

fn currency_of(event: &PaymentEvent) -> Currency {
    if let Some(after) = &event.after {
        return after.currency;
    }
    match &event.change {
        PaymentChange::ChargeReported { charge, .. }
        | PaymentChange::PaymentSucceeded { charge }
        | PaymentChange::PaymentDeclined { charge } => charge.currency,
        PaymentChange::IntentReported { intent, .. } => intent.currency,
        PaymentChange::RefundReported { refund, .. } | PaymentChange::PaymentRefunded { refund } => refund.currency,
        PaymentChange::DisputeReported { dispute, .. } => dispute.currency,
    }
}

fn row_of(seen: &Seen<'_>, event: &PaymentEvent, after: &PaymentSnapshot, created_position: i64) -> PaymentRow {
    PaymentRow {
        tenant: seen.entry.tenant.as_str().to_owned(),
        payment_id: event.payment.as_str().to_owned(),
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
        created_position,
        position: seen.entry.position,
    }
}
