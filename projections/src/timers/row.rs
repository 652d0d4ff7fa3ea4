//! An object's next timer as a row.

use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerRow {
    pub tenant: String,
    /// `subscription`, `invoice`, `payment`, `campaign`, `card`.
    pub subject_type: String,
    pub subject_id: String,
    pub customer_id: String,
    /// What falls due, `renew` or `dunning_step`.
    pub kind: String,
    pub due_at: i64,
    pub position: i64,
}

impl Row for TimerRow {
    const TABLE: Table = Table {
        name: "timers",
        columns: &[
            text("tenant"),
            text("subject_type"),
            text("subject_id"),
            text("customer_id"),
            text("kind"),
            int("due_at"),
            int("position"),
        ],
        key_columns: 3,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.subject_type)
            .text(&self.subject_id)
            .text(&self.customer_id)
            .text(&self.kind)
            .int(self.due_at)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            subject_type: cells.text()?,
            subject_id: cells.text()?,
            customer_id: cells.text()?,
            kind: cells.text()?,
            due_at: cells.int()?,
            position: cells.int()?,
        })
    }
}
