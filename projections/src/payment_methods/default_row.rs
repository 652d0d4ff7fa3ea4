//! Which payment method a customer is charged by, as a row of its own: a change of default then touches one row
//! whichever methods it is between.

use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultMethodRow {
    pub tenant: String,
    pub customer_id: String,
    pub payment_method_id: Option<String>,
    pub position: i64,
}

impl Row for DefaultMethodRow {
    const TABLE: Table = Table {
        name: "payment_method_defaults",
        columns: &[text("tenant"), text("customer_id"), text("payment_method_id"), int("position")],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.customer_id)
            .opt_text(self.payment_method_id.as_deref())
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            customer_id: cells.text()?,
            payment_method_id: cells.opt_text()?,
            position: cells.int()?,
        })
    }
}
