//! How a customer's events change the rows of its payment methods, and the row that names its default.

use domain::customer::{Customer, CustomerChange, CustomerEvent, PaymentMethod, PaymentMethodKind};
use domain::issued::Decider;
use domain::time::to_micros;
use store::{Value, Values};

use super::default_row::DefaultMethodRow;
use super::row::PaymentMethodRow;
use crate::cells::text_key;
use crate::fold::{Emitted, Fold, FoldError, Seen};

#[derive(Debug)]
pub struct PaymentMethodFold;

impl Fold for PaymentMethodFold {
    type Row = PaymentMethodRow;

    const READS: &'static [&'static str] = &[Customer::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(method) = seen.event.customer().and_then(method_after) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), method.id.as_str()]));
        }
    }

    fn fold(
        &self,
        row: Option<PaymentMethodRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<PaymentMethodRow>, FoldError> {
        let Some(event) = seen.event.customer() else { return Ok(row) };
        let Some(method) = method_after(event) else { return Ok(row) };
        let at = to_micros(event.at);
        Ok(Some(PaymentMethodRow {
            tenant: seen.entry.tenant.as_str().to_owned(),
            payment_method_id: method.id.as_str().to_owned(),
            customer_id: event.customer.as_str().to_owned(),
            kind: kind_word(method.kind).to_owned(),
            brand: method.brand.clone(),
            last4: method.last4.clone(),
            exp_month: method.exp_month,
            exp_year: method.exp_year,
            attached: method.attached,
            // The earliest that was heard of it, whatever the order of arrival.
            created_at: row.map_or(at, |row| row.created_at.min(at)),
            position: seen.entry.position,
        }))
    }
}

#[derive(Debug)]
pub struct DefaultMethodFold;

impl Fold for DefaultMethodFold {
    type Row = DefaultMethodRow;

    const READS: &'static [&'static str] = &[Customer::TYPE];

    fn keys(&self, seen: &Seen<'_>, keys: &mut Vec<Values>) {
        if let Some(event) = seen.event.customer().filter(|event| event.after.is_some()) {
            keys.push(text_key(&[seen.entry.tenant.as_str(), event.customer.as_str()]));
        }
    }

    fn fold(
        &self,
        row: Option<DefaultMethodRow>,
        _key: &[Value],
        seen: &Seen<'_>,
        _emitted: &mut Emitted,
    ) -> Result<Option<DefaultMethodRow>, FoldError> {
        let Some(event) = seen.event.customer() else { return Ok(row) };
        let Some(after) = &event.after else { return Ok(row) };
        let method = after.default_payment_method.as_ref().map(|method| method.as_str().to_owned());
        // Customers without a default need no row until they had one.
        if method.is_none() && row.is_none() {
            return Ok(None);
        }
        Ok(Some(DefaultMethodRow {
            tenant: seen.entry.tenant.as_str().to_owned(),
            customer_id: event.customer.as_str().to_owned(),
            payment_method_id: method,
            position: seen.entry.position,
        }))
    }
}

/// The payment method as it is after the event, where the event concerns one.
fn method_after(event: &CustomerEvent) -> Option<&PaymentMethod> {
    match &event.change {
        CustomerChange::PaymentMethodAttached { method } | CustomerChange::PaymentMethodDetached { method } => {
            Some(method)
        }
        CustomerChange::PaymentMethodReported { current, .. } => Some(current),
        CustomerChange::CustomerCreated {}
        | CustomerChange::CustomerMentioned {}
        | CustomerChange::CustomerUpdated {}
        | CustomerChange::CustomerErased {}
        | CustomerChange::DefaultPaymentMethodChanged {}
        | CustomerChange::CustomerReported { .. }
        | CustomerChange::CardExpiryAnnounced { .. } => None,
    }
}

fn kind_word(kind: PaymentMethodKind) -> &'static str {
    match kind {
        PaymentMethodKind::Card => "card",
        PaymentMethodKind::BankAccount => "bank_account",
        PaymentMethodKind::Other => "other",
    }
}
