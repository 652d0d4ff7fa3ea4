//! The ids of what billing makes. They are derived from what they are for, so that nothing is billed twice for the same
//! reason: the second time it exists already.

use jiff::Timestamp;

use crate::id::{CustomerId, InvoiceId, PaymentId, SubscriptionId};
use crate::refusal::Refusal;

/// The invoice of a subscription for what begins at an instant; `reason` tells apart what begins at the same one.
pub fn invoice_of(subscription: &SubscriptionId, reason: &str, at: Timestamp) -> Result<InvoiceId, Refusal> {
    invoice(tail(subscription.as_str()), reason, at)
}

/// An invoice of a customer that is for no subscription.
pub fn invoice_of_customer(customer: &CustomerId, key: &str) -> Result<InvoiceId, Refusal> {
    InvoiceId::parse(&format!("in_{}_{key}", tail(customer.as_str()))).map_err(|_| too_long("customer_id"))
}

/// The payment of an invoice; its attempts are the payment's charges.
pub fn payment_of(invoice: &InvoiceId) -> Result<PaymentId, Refusal> {
    PaymentId::parse(&format!("pay_{}", tail(invoice.as_str()))).map_err(|_| too_long("invoice_id"))
}

/// The charge of an attempt, counted from 1.
pub(super) fn charge_of(invoice: &InvoiceId, attempt: u32) -> String {
    format!("ch_{}_{attempt}", tail(invoice.as_str()))
}

fn invoice(tail: &str, reason: &str, at: Timestamp) -> Result<InvoiceId, Refusal> {
    // The time comes first, so that what is billed together lies together in every index. Microseconds, because changes
    // within a second are different changes.
    InvoiceId::parse(&format!("in_{:014x}{reason}_{tail}", at.as_microsecond()))
        .map_err(|_| too_long("subscription_id"))
}

fn tail(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, tail)| tail)
}

fn too_long(field: &str) -> Refusal {
    Refusal::invalid(field, "is too long to derive an id from")
}
