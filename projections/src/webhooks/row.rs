//! One event that a processor sent, as a row of the webhook log.

use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    pub tenant: String,
    pub event_id: String,
    pub source: String,
    pub event_type: String,
    pub api_version: Option<String>,
    pub object: Option<String>,
    pub object_id: Option<String>,
    pub customer_id: Option<String>,
    pub processed: bool,
    /// `pending`, `applied`, `ignored` or `refused`.
    pub outcome: String,
    /// Why it was ignored or refused.
    pub reason: Option<String>,
    /// How often another body came under the same id.
    pub conflicts: i64,
    pub processed_at: Option<i64>,
    pub retry_count: i64,
    /// When the processor says it happened.
    pub created_at: i64,
    /// Real time at which it was recorded.
    pub received_at: i64,
    pub received_position: i64,
    pub position: i64,
}

impl Row for WebhookRow {
    const TABLE: Table = Table {
        name: "webhook_events",
        columns: &[
            text("tenant"),
            text("event_id"),
            text("source"),
            text("event_type"),
            text("api_version"),
            text("object"),
            text("object_id"),
            text("customer_id"),
            int("processed"),
            text("outcome"),
            text("reason"),
            int("conflicts"),
            int("processed_at"),
            int("retry_count"),
            int("created_at"),
            int("received_at"),
            int("received_position"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.event_id)
            .text(&self.source)
            .text(&self.event_type)
            .opt_text(self.api_version.as_deref())
            .opt_text(self.object.as_deref())
            .opt_text(self.object_id.as_deref())
            .opt_text(self.customer_id.as_deref())
            .flag(self.processed)
            .text(&self.outcome)
            .opt_text(self.reason.as_deref())
            .int(self.conflicts)
            .opt_int(self.processed_at)
            .int(self.retry_count)
            .int(self.created_at)
            .int(self.received_at)
            .int(self.received_position)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            event_id: cells.text()?,
            source: cells.text()?,
            event_type: cells.text()?,
            api_version: cells.opt_text()?,
            object: cells.opt_text()?,
            object_id: cells.opt_text()?,
            customer_id: cells.opt_text()?,
            processed: cells.flag()?,
            outcome: cells.text()?,
            reason: cells.opt_text()?,
            conflicts: cells.int()?,
            processed_at: cells.opt_int()?,
            retry_count: cells.int()?,
            created_at: cells.int()?,
            received_at: cells.int()?,
            received_position: cells.int()?,
            position: cells.int()?,
        })
    }
}
