//! The body of a received event, sealed. It never changes, so it is kept apart from the row that does.

use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookBodyRow {
    pub tenant: String,
    pub event_id: String,
    /// Ciphertext.
    pub body: String,
}

impl Row for WebhookBodyRow {
    const TABLE: Table =
        Table { name: "webhook_bodies", columns: &[text("tenant"), text("event_id"), text("body")], key_columns: 2 };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE).text(&self.tenant).text(&self.event_id).text(&self.body).finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self { tenant: cells.text()?, event_id: cells.text()?, body: cells.text()? })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 256 + 2 * self.body.len()
    }
}
