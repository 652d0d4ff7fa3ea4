//! A message as a row.

use domain::dunning::Offer;
use domain::sealed::Sealed;
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub tenant: String,
    /// Of the event that it tells of; it is the message's id.
    pub position: i64,
    /// `email`, `sms`, `phone_call`.
    pub channel: String,
    /// What it says, such as `dunning/standard_customer/2` or `trial_ending`.
    pub template: String,
    pub customer_id: String,
    /// What it is about, such as `invoice/in_…`.
    pub subject: String,
    pub offer: Option<Offer>,
    /// What a person put into it for this customer: sealed, a JSON object.
    pub personalization: Option<Sealed>,
    pub queued_at: i64,
}

impl Row for MessageRow {
    const TABLE: Table = Table {
        name: "messages",
        columns: &[
            text("tenant"),
            int("position"),
            text("channel"),
            text("template"),
            text("customer_id"),
            text("subject"),
            text("offer"),
            int("queued_at"),
            text("personalization"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        let offer = self.offer.as_ref().and_then(|offer| serde_json::to_string(offer).ok());
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .int(self.position)
            .text(&self.channel)
            .text(&self.template)
            .text(&self.customer_id)
            .text(&self.subject)
            .opt_text(offer.as_deref())
            .int(self.queued_at)
            .opt_text(self.personalization.as_ref().map(Sealed::as_ciphertext))
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            position: cells.int()?,
            channel: cells.text()?,
            template: cells.text()?,
            customer_id: cells.text()?,
            subject: cells.text()?,
            offer: cells.opt_text()?.and_then(|offer| serde_json::from_str(&offer).ok()),
            queued_at: cells.int()?,
            personalization: cells.opt_text()?.map(Sealed::from_ciphertext),
        })
    }
}
