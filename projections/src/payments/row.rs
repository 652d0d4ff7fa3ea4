//! One payment as a row. Amounts are in minor units of its currency.

use domain::origin::Origin;
use domain::payment::PaymentStatus;
use domain::sealed::Sealed;
use store::{StoreError, Table, Values};

use super::standing::Standing;
use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    pub tenant: String,
    pub payment_id: String,
    pub customer_id: Option<String>,
    pub invoice_id: Option<String>,
    pub origin: Origin,
    pub status: PaymentStatus,
    pub amount_minor: i64,
    pub currency: String,
    pub payment_method_id: Option<String>,
    pub method_type: Option<String>,
    pub last4: Option<Sealed>,
    pub exp_month: Option<u8>,
    pub exp_year: Option<u16>,
    /// Why the last attempt failed.
    pub decline_code: Option<String>,
    pub refunded_minor: i64,
    /// Lost in disputes.
    pub disputed_minor: i64,
    pub open_dispute: bool,
    /// The processor's; absent until it is known, never computed (decision B8).
    pub fee_minor: Option<i64>,
    pub net_minor: Option<i64>,
    pub created_at: i64,
    pub succeeded_at: Option<i64>,
    pub failed_attempts: u32,
    pub description: Option<Sealed>,
    pub receipt_url: Option<Sealed>,
    /// The dated parts of what it collected that hold: the fold's own memory.
    pub standing: Vec<Standing>,
    pub created_position: i64,
    pub position: i64,
}

impl Row for PaymentRow {
    const TABLE: Table = Table {
        name: "payments",
        columns: &[
            text("tenant"),
            text("payment_id"),
            text("customer_id"),
            text("invoice_id"),
            text("origin"),
            text("status"),
            int("amount_minor"),
            text("currency"),
            text("payment_method_id"),
            text("method_type"),
            text("last4"),
            int("exp_month"),
            int("exp_year"),
            text("decline_code"),
            int("refunded_minor"),
            int("disputed_minor"),
            int("open_dispute"),
            int("fee_minor"),
            int("net_minor"),
            int("created_at"),
            int("succeeded_at"),
            int("failed_attempts"),
            text("description"),
            text("receipt_url"),
            text("standing"),
            int("created_position"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.payment_id)
            .opt_text(self.customer_id.as_deref())
            .opt_text(self.invoice_id.as_deref())
            .text(self.origin.as_str())
            .text(self.status.as_str())
            .int(self.amount_minor)
            .text(&self.currency)
            .opt_text(self.payment_method_id.as_deref())
            .opt_text(self.method_type.as_deref())
            .opt_sealed(self.last4.as_ref())
            .opt_int(self.exp_month.map(i64::from))
            .opt_int(self.exp_year.map(i64::from))
            .opt_text(self.decline_code.as_deref())
            .int(self.refunded_minor)
            .int(self.disputed_minor)
            .flag(self.open_dispute)
            .opt_int(self.fee_minor)
            .opt_int(self.net_minor)
            .int(self.created_at)
            .opt_int(self.succeeded_at)
            .int(i64::from(self.failed_attempts))
            .opt_sealed(self.description.as_ref())
            .opt_sealed(self.receipt_url.as_ref())
            .json(&self.standing)
            .int(self.created_position)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            payment_id: cells.text()?,
            customer_id: cells.opt_text()?,
            invoice_id: cells.opt_text()?,
            origin: cells.word()?,
            status: cells.word()?,
            amount_minor: cells.int()?,
            currency: cells.text()?,
            payment_method_id: cells.opt_text()?,
            method_type: cells.opt_text()?,
            last4: cells.opt_sealed()?,
            exp_month: cells.opt_small()?,
            exp_year: cells.opt_small()?,
            decline_code: cells.opt_text()?,
            refunded_minor: cells.int()?,
            disputed_minor: cells.int()?,
            open_dispute: cells.flag()?,
            fee_minor: cells.opt_int()?,
            net_minor: cells.opt_int()?,
            created_at: cells.int()?,
            succeeded_at: cells.opt_int()?,
            failed_attempts: cells.small()?,
            description: cells.opt_sealed()?,
            receipt_url: cells.opt_sealed()?,
            standing: cells.json()?,
            created_position: cells.int()?,
            position: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 640 + self.standing.len() * (size_of::<Standing>() + 160)
    }
}
