//! Payment methods, and which of them is a customer's default, as rows.

use domain::sealed::Sealed;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethodRow {
    pub tenant: String,
    pub payment_method_id: String,
    pub customer_id: String,
    /// `card`, `bank_account`, `other`.
    pub kind: String,
    pub brand: Option<String>,
    pub last4: Option<Sealed>,
    pub exp_month: Option<u8>,
    pub exp_year: Option<u16>,
    /// False once it was detached.
    pub attached: bool,
    pub created_at: i64,
    pub position: i64,
}

impl Row for PaymentMethodRow {
    const TABLE: Table = Table {
        name: "payment_methods",
        columns: &[
            text("tenant"),
            text("payment_method_id"),
            text("customer_id"),
            text("kind"),
            text("brand"),
            text("last4"),
            int("exp_month"),
            int("exp_year"),
            int("attached"),
            int("created_at"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.payment_method_id)
            .text(&self.customer_id)
            .text(&self.kind)
            .opt_text(self.brand.as_deref())
            .opt_sealed(self.last4.as_ref())
            .opt_int(self.exp_month.map(i64::from))
            .opt_int(self.exp_year.map(i64::from))
            .flag(self.attached)
            .int(self.created_at)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            payment_method_id: cells.text()?,
            customer_id: cells.text()?,
            kind: cells.text()?,
            brand: cells.opt_text()?,
            last4: cells.opt_sealed()?,
            exp_month: cells.opt_small()?,
            exp_year: cells.opt_small()?,
            attached: cells.flag()?,
            created_at: cells.int()?,
            position: cells.int()?,
        })
    }
}
