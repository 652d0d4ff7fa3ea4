//! What one event added to or took from the money collected, so that sums over a stretch of time are exact.

use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionRow {
    pub tenant: String,
    pub payment_id: String,
    /// The event it comes from.
    pub position: i64,
    /// Business time: when the money was taken, given back or refused.
    pub collected_at: i64,
    pub currency: String,
    pub delta_minor: i64,
    /// 1 where the payment succeeded with this event.
    pub succeeded: i64,
    /// Attempts that failed with it.
    pub failed: i64,
}

impl Row for CollectionRow {
    const TABLE: Table = Table {
        name: "payment_collections",
        columns: &[
            text("tenant"),
            text("payment_id"),
            int("position"),
            int("collected_at"),
            text("currency"),
            int("delta_minor"),
            int("succeeded"),
            int("failed"),
        ],
        key_columns: 3,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.payment_id)
            .int(self.position)
            .int(self.collected_at)
            .text(&self.currency)
            .int(self.delta_minor)
            .int(self.succeeded)
            .int(self.failed)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            payment_id: cells.text()?,
            position: cells.int()?,
            collected_at: cells.int()?,
            currency: cells.text()?,
            delta_minor: cells.int()?,
            succeeded: cells.int()?,
            failed: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 384
    }
}
