//! What is known of one customer's subscriptions, and the derived rows that are open for it. The fold's own memory;
//! no surface reads it.

use domain::mrr::{Balance, Movement, Timeline};
use store::{StoreError, Table, Values};

use super::known::Known;
use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    pub tenant: String,
    pub customer_id: String,
    pub timeline: Timeline,
    /// Ascending by instant and currency.
    pub movements: Vec<Known<Movement>>,
    /// Ascending by subscription, plan and instant.
    pub balances: Vec<Known<Balance>>,
    /// The last event that added to the timeline.
    pub position: i64,
}

impl Row for TimelineRow {
    const TABLE: Table = Table {
        name: "mrr_timelines",
        columns: &[
            text("tenant"),
            text("customer_id"),
            text("timeline"),
            text("movements"),
            text("balances"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.customer_id)
            .json(&self.timeline)
            .json(&self.movements)
            .json(&self.balances)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            customer_id: cells.text()?,
            timeline: cells.json()?,
            movements: cells.json()?,
            balances: cells.json()?,
            position: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        // A point holds texts beside its own size: ids, plans, a report's stamp.
        const POINT: usize = 768;
        const DERIVED: usize = 384;
        let derived = self.movements.len() + self.balances.len();
        size_of::<Self>() + 256 + self.timeline.points() * POINT + derived * DERIVED
    }
}
