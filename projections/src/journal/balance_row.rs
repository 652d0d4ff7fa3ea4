//! What was ever posted to an account in one currency, up to a position.

use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceRow {
    pub tenant: String,
    pub currency: String,
    pub account: i64,
    pub debit_minor: i64,
    pub credit_minor: i64,
    /// The last event that posted to it.
    pub position: i64,
}

impl Row for BalanceRow {
    const TABLE: Table = Table {
        name: "journal_balances",
        columns: &[
            text("tenant"),
            text("currency"),
            int("account"),
            int("debit_minor"),
            int("credit_minor"),
            int("position"),
        ],
        key_columns: 3,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.currency)
            .int(self.account)
            .int(self.debit_minor)
            .int(self.credit_minor)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            currency: cells.text()?,
            account: cells.int()?,
            debit_minor: cells.int()?,
            credit_minor: cells.int()?,
            position: cells.int()?,
        })
    }
}
