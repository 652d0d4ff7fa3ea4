//! One dunning campaign as a row.

use domain::dunning::{ActionTaken, CampaignStatus, CampaignType, Configuration, PlannedStep};
use domain::invoice::FailedAttempt;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRow {
    pub tenant: String,
    pub campaign_id: String,
    pub kind: CampaignType,
    pub configuration: Configuration,
    pub status: CampaignStatus,
    pub customer_id: Option<String>,
    pub subscription_id: Option<String>,
    pub invoice_id: Option<String>,
    pub payment_method_id: Option<String>,
    pub amount_at_risk_minor: i64,
    /// Collected by the time it closed as recovered.
    pub recovered_minor: i64,
    pub currency: String,
    /// The step that is due next, or, where none is, the last one taken; 0 where none ever was.
    pub current_step: u32,
    pub total_steps: u32,
    pub next_action_at: Option<i64>,
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    pub actions: Vec<ActionTaken>,
    pub attempts: Vec<FailedAttempt>,
    pub steps: Vec<PlannedStep>,
    pub created_position: i64,
    pub position: i64,
}

impl Row for CampaignRow {
    const TABLE: Table = Table {
        name: "dunning_campaigns",
        columns: &[
            text("tenant"),
            text("campaign_id"),
            text("kind"),
            text("configuration"),
            text("status"),
            text("customer_id"),
            text("subscription_id"),
            text("invoice_id"),
            text("payment_method_id"),
            int("amount_at_risk_minor"),
            int("recovered_minor"),
            text("currency"),
            int("current_step"),
            int("total_steps"),
            int("next_action_at"),
            int("opened_at"),
            int("closed_at"),
            text("actions"),
            text("attempts"),
            text("steps"),
            int("created_position"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.campaign_id)
            .text(self.kind.as_str())
            .text(self.configuration.as_str())
            .text(self.status.as_str())
            .opt_text(self.customer_id.as_deref())
            .opt_text(self.subscription_id.as_deref())
            .opt_text(self.invoice_id.as_deref())
            .opt_text(self.payment_method_id.as_deref())
            .int(self.amount_at_risk_minor)
            .int(self.recovered_minor)
            .text(&self.currency)
            .int(i64::from(self.current_step))
            .int(i64::from(self.total_steps))
            .opt_int(self.next_action_at)
            .int(self.opened_at)
            .opt_int(self.closed_at)
            .json(&self.actions)
            .json(&self.attempts)
            .json(&self.steps)
            .int(self.created_position)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            campaign_id: cells.text()?,
            kind: cells.word()?,
            configuration: cells.word()?,
            status: cells.word()?,
            customer_id: cells.opt_text()?,
            subscription_id: cells.opt_text()?,
            invoice_id: cells.opt_text()?,
            payment_method_id: cells.opt_text()?,
            amount_at_risk_minor: cells.int()?,
            recovered_minor: cells.int()?,
            currency: cells.text()?,
            current_step: cells.small()?,
            total_steps: cells.small()?,
            next_action_at: cells.opt_int()?,
            opened_at: cells.int()?,
            closed_at: cells.opt_int()?,
            actions: cells.json()?,
            attempts: cells.json()?,
            steps: cells.json()?,
            created_position: cells.int()?,
            position: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 512 + (self.actions.len() + self.attempts.len() + self.steps.len()) * 128
    }
}
