//! A credit note as a row.

use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditNoteRow {
    pub tenant: String,
    pub credit_note_id: String,
    pub number: String,
    pub invoice_id: String,
    pub customer_id: Option<String>,
    pub currency: String,
    pub subtotal_minor: i64,
    pub discount_minor: i64,
    /// Exclusive and inclusive.
    pub tax_minor: i64,
    pub total_minor: i64,
    pub before_payment_minor: i64,
    pub refund_minor: i64,
    pub to_balance_minor: i64,
    pub refund_id: Option<String>,
    pub issued_at: i64,
    pub voided_at: Option<i64>,
    /// Of the event that issued it, by which notes are in order.
    pub created_position: i64,
    pub position: i64,
}

impl Row for CreditNoteRow {
    const TABLE: Table = Table {
        name: "credit_notes",
        columns: &[
            text("tenant"),
            text("credit_note_id"),
            text("number"),
            text("invoice_id"),
            text("customer_id"),
            text("currency"),
            int("subtotal_minor"),
            int("discount_minor"),
            int("tax_minor"),
            int("total_minor"),
            int("before_payment_minor"),
            int("refund_minor"),
            int("to_balance_minor"),
            text("refund_id"),
            int("issued_at"),
            int("voided_at"),
            int("created_position"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.credit_note_id)
            .text(&self.number)
            .text(&self.invoice_id)
            .opt_text(self.customer_id.as_deref())
            .text(&self.currency)
            .int(self.subtotal_minor)
            .int(self.discount_minor)
            .int(self.tax_minor)
            .int(self.total_minor)
            .int(self.before_payment_minor)
            .int(self.refund_minor)
            .int(self.to_balance_minor)
            .opt_text(self.refund_id.as_deref())
            .int(self.issued_at)
            .opt_int(self.voided_at)
            .int(self.created_position)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            credit_note_id: cells.text()?,
            number: cells.text()?,
            invoice_id: cells.text()?,
            customer_id: cells.opt_text()?,
            currency: cells.text()?,
            subtotal_minor: cells.int()?,
            discount_minor: cells.int()?,
            tax_minor: cells.int()?,
            total_minor: cells.int()?,
            before_payment_minor: cells.int()?,
            refund_minor: cells.int()?,
            to_balance_minor: cells.int()?,
            refund_id: cells.opt_text()?,
            issued_at: cells.int()?,
            voided_at: cells.opt_int()?,
            created_position: cells.int()?,
            position: cells.int()?,
        })
    }
}
