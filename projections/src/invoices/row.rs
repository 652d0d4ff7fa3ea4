//! One invoice as a row. Amounts are in minor units of its currency.

use domain::invoice::{InvoiceStatus, Line};
use domain::origin::Origin;
use domain::sealed::Sealed;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRow {
    pub tenant: String,
    pub invoice_id: String,
    pub number: Option<String>,
    pub customer_id: Option<String>,
    pub subscription_id: Option<String>,
    pub origin: Origin,
    pub status: InvoiceStatus,
    pub currency: String,
    pub subtotal_minor: i64,
    pub discount_minor: i64,
    pub tax_minor: i64,
    pub total_minor: i64,
    pub amount_due_minor: i64,
    pub amount_paid_minor: i64,
    pub amount_remaining_minor: i64,
    pub attempt_count: u32,
    pub next_attempt_at: Option<i64>,
    pub created_at: i64,
    pub due_at: Option<i64>,
    pub finalized_at: Option<i64>,
    pub paid_at: Option<i64>,
    /// When it was voided or marked uncollectible.
    pub closed_at: Option<i64>,
    pub period_start_at: Option<i64>,
    pub period_end_at: Option<i64>,
    pub billing_reason: Option<String>,
    pub hosted_url: Option<Sealed>,
    pub pdf_url: Option<Sealed>,
    pub lines: Vec<Line>,
    pub payment_id: Option<String>,
    pub created_position: i64,
    pub position: i64,
}

impl Row for InvoiceRow {
    const TABLE: Table = Table {
        name: "invoices",
        columns: &[
            text("tenant"),
            text("invoice_id"),
            text("number"),
            text("customer_id"),
            text("subscription_id"),
            text("origin"),
            text("status"),
            text("currency"),
            int("subtotal_minor"),
            int("discount_minor"),
            int("tax_minor"),
            int("total_minor"),
            int("amount_due_minor"),
            int("amount_paid_minor"),
            int("amount_remaining_minor"),
            int("attempt_count"),
            int("next_attempt_at"),
            int("created_at"),
            int("due_at"),
            int("finalized_at"),
            int("paid_at"),
            int("closed_at"),
            int("period_start_at"),
            int("period_end_at"),
            text("billing_reason"),
            text("hosted_url"),
            text("pdf_url"),
            text("lines"),
            text("payment_id"),
            int("created_position"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.invoice_id)
            .opt_text(self.number.as_deref())
            .opt_text(self.customer_id.as_deref())
            .opt_text(self.subscription_id.as_deref())
            .text(self.origin.as_str())
            .text(self.status.as_str())
            .text(&self.currency)
            .int(self.subtotal_minor)
            .int(self.discount_minor)
            .int(self.tax_minor)
            .int(self.total_minor)
            .int(self.amount_due_minor)
            .int(self.amount_paid_minor)
            .int(self.amount_remaining_minor)
            .int(i64::from(self.attempt_count))
            .opt_int(self.next_attempt_at)
            .int(self.created_at)
            .opt_int(self.due_at)
            .opt_int(self.finalized_at)
            .opt_int(self.paid_at)
            .opt_int(self.closed_at)
            .opt_int(self.period_start_at)
            .opt_int(self.period_end_at)
            .opt_text(self.billing_reason.as_deref())
            .opt_sealed(self.hosted_url.as_ref())
            .opt_sealed(self.pdf_url.as_ref())
            .json(&self.lines)
            .opt_text(self.payment_id.as_deref())
            .int(self.created_position)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            invoice_id: cells.text()?,
            number: cells.opt_text()?,
            customer_id: cells.opt_text()?,
            subscription_id: cells.opt_text()?,
            origin: cells.word()?,
            status: cells.word()?,
            currency: cells.text()?,
            subtotal_minor: cells.int()?,
            discount_minor: cells.int()?,
            tax_minor: cells.int()?,
            total_minor: cells.int()?,
            amount_due_minor: cells.int()?,
            amount_paid_minor: cells.int()?,
            amount_remaining_minor: cells.int()?,
            attempt_count: cells.small()?,
            next_attempt_at: cells.opt_int()?,
            created_at: cells.int()?,
            due_at: cells.opt_int()?,
            finalized_at: cells.opt_int()?,
            paid_at: cells.opt_int()?,
            closed_at: cells.opt_int()?,
            period_start_at: cells.opt_int()?,
            period_end_at: cells.opt_int()?,
            billing_reason: cells.opt_text()?,
            hosted_url: cells.opt_sealed()?,
            pdf_url: cells.opt_sealed()?,
            lines: cells.json()?,
            payment_id: cells.opt_text()?,
            created_position: cells.int()?,
            position: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 512 + self.lines.len() * 512
    }
}
