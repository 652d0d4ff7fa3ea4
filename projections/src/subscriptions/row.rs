//! One subscription as a row.

use domain::origin::Origin;
use domain::subscription::{Status, SubscriptionSnapshot};
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    pub tenant: String,
    pub subscription_id: String,
    pub customer_id: String,
    pub origin: Origin,
    pub status: Status,
    /// Of the first item; further items are in the snapshot.
    pub plan_id: Option<String>,
    pub plan_name: Option<String>,
    pub quantity: i64,
    /// What one period costs: all recurring items together, before discounts.
    pub amount_minor: i64,
    pub currency: String,
    /// `day`, `week`, `month`, `year`; absent where no item recurs.
    pub interval_unit: Option<String>,
    pub interval_count: Option<i64>,
    pub period_start_at: Option<i64>,
    pub period_end_at: Option<i64>,
    pub trial_start_at: Option<i64>,
    pub trial_end_at: Option<i64>,
    pub anchor_at: i64,
    pub cancel_at: Option<i64>,
    pub cancel_at_period_end: bool,
    /// When the cancellation was asked for.
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub paused_until_at: Option<i64>,
    pub payment_method_id: Option<String>,
    pub latest_invoice_id: Option<String>,
    pub created_at: i64,
    pub created_position: i64,
    /// All of it, for what has no column.
    pub snapshot: Box<SubscriptionSnapshot>,
    pub position: i64,
}

impl Row for SubscriptionRow {
    const TABLE: Table = Table {
        name: "subscriptions",
        columns: &[
            text("tenant"),
            text("subscription_id"),
            text("customer_id"),
            text("origin"),
            text("status"),
            text("plan_id"),
            text("plan_name"),
            int("quantity"),
            int("amount_minor"),
            text("currency"),
            text("interval_unit"),
            int("interval_count"),
            int("period_start_at"),
            int("period_end_at"),
            int("trial_start_at"),
            int("trial_end_at"),
            int("anchor_at"),
            int("cancel_at"),
            int("cancel_at_period_end"),
            int("canceled_at"),
            int("ended_at"),
            int("paused_until_at"),
            text("payment_method_id"),
            text("latest_invoice_id"),
            int("created_at"),
            int("created_position"),
            text("snapshot"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.subscription_id)
            .text(&self.customer_id)
            .text(self.origin.as_str())
            .text(self.status.as_str())
            .opt_text(self.plan_id.as_deref())
            .opt_text(self.plan_name.as_deref())
            .int(self.quantity)
            .int(self.amount_minor)
            .text(&self.currency)
            .opt_text(self.interval_unit.as_deref())
            .opt_int(self.interval_count)
            .opt_int(self.period_start_at)
            .opt_int(self.period_end_at)
            .opt_int(self.trial_start_at)
            .opt_int(self.trial_end_at)
            .int(self.anchor_at)
            .opt_int(self.cancel_at)
            .flag(self.cancel_at_period_end)
            .opt_int(self.canceled_at)
            .opt_int(self.ended_at)
            .opt_int(self.paused_until_at)
            .opt_text(self.payment_method_id.as_deref())
            .opt_text(self.latest_invoice_id.as_deref())
            .int(self.created_at)
            .int(self.created_position)
            .json(&self.snapshot)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            subscription_id: cells.text()?,
            customer_id: cells.text()?,
            origin: cells.word()?,
            status: cells.word()?,
            plan_id: cells.opt_text()?,
            plan_name: cells.opt_text()?,
            quantity: cells.int()?,
            amount_minor: cells.int()?,
            currency: cells.text()?,
            interval_unit: cells.opt_text()?,
            interval_count: cells.opt_int()?,
            period_start_at: cells.opt_int()?,
            period_end_at: cells.opt_int()?,
            trial_start_at: cells.opt_int()?,
            trial_end_at: cells.opt_int()?,
            anchor_at: cells.int()?,
            cancel_at: cells.opt_int()?,
            cancel_at_period_end: cells.flag()?,
            canceled_at: cells.opt_int()?,
            ended_at: cells.opt_int()?,
            paused_until_at: cells.opt_int()?,
            payment_method_id: cells.opt_text()?,
            latest_invoice_id: cells.opt_text()?,
            created_at: cells.int()?,
            created_position: cells.int()?,
            snapshot: cells.json()?,
            position: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 1_536
    }
}
