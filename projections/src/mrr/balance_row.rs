//! What one plan of one subscription was worth for a stretch of business time, as known during a range of positions.

use domain::mrr::Balance;
use domain::subscription::Status;
use domain::time::to_micros;
use store::{StoreError, Table, Values};

use super::known::{Known, OPEN};
use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceRow {
    pub tenant: String,
    pub customer_id: String,
    pub subscription_id: String,
    pub plan_id: String,
    pub currency: String,
    /// Business time, half-open; `OPEN` where no end is known.
    pub effective_from: i64,
    /// Positions, half-open; `OPEN` for a row that still holds.
    pub from_position: i64,
    pub effective_to: i64,
    pub to_position: i64,
    pub mrr_minor: i64,
    /// What a trial would be worth; never part of MRR.
    pub trial_minor: i64,
    pub status: Status,
    /// The events that began it (rule I6).
    pub event_ids: Vec<String>,
}

impl BalanceRow {
    pub(super) fn of(tenant: &str, customer_id: &str, known: &Known<Balance>, to_position: i64) -> Self {
        let balance = &known.row;
        Self {
            tenant: tenant.to_owned(),
            customer_id: customer_id.to_owned(),
            subscription_id: balance.subscription.as_str().to_owned(),
            plan_id: balance.plan.as_str().to_owned(),
            currency: balance.currency.code().to_owned(),
            effective_from: to_micros(balance.effective_from),
            from_position: known.from_position,
            effective_to: balance.effective_to.map_or(OPEN, to_micros),
            to_position,
            mrr_minor: balance.mrr_minor,
            trial_minor: balance.trial_minor,
            status: balance.status,
            event_ids: balance.event_ids.clone(),
        }
    }
}

impl Row for BalanceRow {
    const TABLE: Table = Table {
        name: "mrr_balances",
        columns: &[
            text("tenant"),
            text("customer_id"),
            text("subscription_id"),
            text("plan_id"),
            text("currency"),
            int("effective_from"),
            int("from_position"),
            int("effective_to"),
            int("to_position"),
            int("mrr_minor"),
            int("trial_minor"),
            text("status"),
            text("event_ids"),
        ],
        key_columns: 7,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.customer_id)
            .text(&self.subscription_id)
            .text(&self.plan_id)
            .text(&self.currency)
            .int(self.effective_from)
            .int(self.from_position)
            .int(self.effective_to)
            .int(self.to_position)
            .int(self.mrr_minor)
            .int(self.trial_minor)
            .text(self.status.as_str())
            .json(&self.event_ids)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            customer_id: cells.text()?,
            subscription_id: cells.text()?,
            plan_id: cells.text()?,
            currency: cells.text()?,
            effective_from: cells.int()?,
            from_position: cells.int()?,
            effective_to: cells.int()?,
            to_position: cells.int()?,
            mrr_minor: cells.int()?,
            trial_minor: cells.int()?,
            status: cells.word()?,
            event_ids: cells.json()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 640
    }
}
