//! What does an invoice, and a line of one, look like before anything is known of it? Whoever makes one names what is
//! otherwise; no figure is worked out here.

use jiff::Timestamp;

use super::event::{InvoiceSnapshot, InvoiceStatus, Line};
use crate::money::Currency;
use crate::origin::Origin;

impl Line {
    /// One of something, for that amount.
    pub fn of(amount_minor: i64) -> Self {
        Self {
            id: None,
            description: String::new(),
            note: None,
            quantity: 1,
            amount_minor,
            period: None,
            proration: false,
            plan: None,
            interval: None,
            item: None,
            usage: false,
            accrued_minor: 0,
            discount_minor: 0,
            tax: None,
            credits: None,
        }
    }
}

impl InvoiceSnapshot {
    /// A draft of our own that has no lines and comes to nothing.
    pub fn draft(currency: Currency, created_at: Timestamp) -> Self {
        Self {
            origin: Origin::Daybook,
            customer: None,
            subscription: None,
            status: InvoiceStatus::Draft,
            number: None,
            currency,
            lines: Vec::new(),
            subtotal_minor: 0,
            discount_minor: 0,
            tax_minor: 0,
            total_minor: 0,
            amount_due_minor: 0,
            amount_paid_minor: 0,
            amount_remaining_minor: 0,
            attempt_count: 0,
            next_attempt_at: None,
            created_at,
            due_at: None,
            finalized_at: None,
            paid_at: None,
            closed_at: None,
            period: None,
            billing_reason: None,
            payment: None,
            hosted_url: None,
            pdf_url: None,
            applied_credit_minor: 0,
            applied_prepaid_minor: 0,
            credited_before_payment_minor: 0,
            discounts: Vec::new(),
            notes: Vec::new(),
            send_invoice: false,
            overdue: false,
            more_lines: false,
        }
    }
}
