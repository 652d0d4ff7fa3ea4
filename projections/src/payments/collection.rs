//! One dated part of the money a payment collected, as known during a range of positions (rule P6), so that sums over a
//! stretch of business time are exact and do not depend on the order in which events arrived.

use domain::payment::CashKind;
use domain::time::to_micros;
use store::{StoreError, Table, Values};

use super::standing::Standing;
use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionRow {
    pub tenant: String,
    pub payment_id: String,
    pub kind: CashKind,
    /// The charge, intent, refund or dispute it comes of.
    pub source: String,
    /// Business time: when the money was taken, given back, lost or refused.
    pub effective_at: i64,
    /// It is part of what was known from this position …
    pub from_position: i64,
    /// … to before this one; `mrr::OPEN` for one that still holds.
    pub to_position: i64,
    pub customer_id: Option<String>,
    pub currency: String,
    /// Negative where money was given back or lost, zero where an attempt failed.
    pub amount_minor: i64,
    /// The event that made it known.
    pub event_id: String,
}

impl CollectionRow {
    pub(super) fn of(tenant: &str, payment_id: &str, standing: &Standing, to_position: i64) -> Self {
        let part = &standing.sum.part;
        Self {
            tenant: tenant.to_owned(),
            payment_id: payment_id.to_owned(),
            kind: part.kind,
            source: part.source.clone(),
            effective_at: to_micros(part.at),
            from_position: standing.from_position,
            to_position,
            customer_id: standing.sum.customer_id.clone(),
            currency: standing.sum.currency.clone(),
            amount_minor: part.amount_minor,
            event_id: standing.event_id.clone(),
        }
    }
}

impl Row for CollectionRow {
    const TABLE: Table = Table {
        name: "payment_collections",
        columns: &[
            text("tenant"),
            text("payment_id"),
            text("kind"),
            text("source"),
            int("effective_at"),
            int("from_position"),
            int("to_position"),
            text("customer_id"),
            text("currency"),
            int("amount_minor"),
            text("event_id"),
        ],
        key_columns: 6,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.payment_id)
            .text(self.kind.as_str())
            .text(&self.source)
            .int(self.effective_at)
            .int(self.from_position)
            .int(self.to_position)
            .opt_text(self.customer_id.as_deref())
            .text(&self.currency)
            .int(self.amount_minor)
            .text(&self.event_id)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            payment_id: cells.text()?,
            kind: cells.word()?,
            source: cells.text()?,
            effective_at: cells.int()?,
            from_position: cells.int()?,
            to_position: cells.int()?,
            customer_id: cells.opt_text()?,
            currency: cells.text()?,
            amount_minor: cells.int()?,
            event_id: cells.text()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 512
    }
}
