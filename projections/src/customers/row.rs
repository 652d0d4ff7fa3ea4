//! One customer as a row. Personal fields hold ciphertext (rule L10).

use std::collections::BTreeMap;

use domain::origin::Origin;
use domain::sealed::Sealed;
use domain::subscription::Status;
use serde::{Deserialize, Serialize};
use store::{StoreError, Table, Values};

use crate::cells::{Reader, Writer, int, text};
use crate::fold::Row;

/// Where a customer stands, derived from its subscriptions and never set by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifecycleStage {
    Prospect,
    Trial,
    Active,
    PastDue,
    Paused,
    Churned,
}

impl LifecycleStage {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prospect => "prospect",
            Self::Trial => "trial",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Paused => "paused",
            Self::Churned => "churned",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Prospect, Self::Trial, Self::Active, Self::PastDue, Self::Paused, Self::Churned]
            .into_iter()
            .find(|stage| stage.as_str() == word)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    pub tenant: String,
    pub customer_id: String,
    pub origin: Origin,
    pub email: Option<Sealed>,
    pub email_index: Option<String>,
    pub first_name: Option<Sealed>,
    pub last_name: Option<Sealed>,
    pub name: Option<Sealed>,
    pub phone: Option<Sealed>,
    pub company: Option<Sealed>,
    pub address: Option<Sealed>,
    pub country: Option<String>,
    pub currency: Option<String>,
    pub metadata: Option<Sealed>,
    pub acquisition_source: Option<String>,
    /// When the customer came to be, or, where only other objects named it, the first time one did.
    pub created_at: i64,
    /// The position of its first own event; absent while only other objects' events are known, and not listed then.
    pub created_position: Option<i64>,
    /// The latest of what was done by or to it; of one that was only ever mentioned, when it came to be.
    pub last_activity_at: i64,
    pub has_activity: bool,
    pub default_payment_method: Option<String>,
    pub balance_minor: i64,
    pub delinquent: bool,
    pub deleted: bool,
    pub lifecycle_stage: LifecycleStage,
    /// Status by subscription id.
    pub subscriptions: BTreeMap<String, Status>,
    /// Minor units collected, by currency.
    pub lifetime_value: BTreeMap<String, i64>,
    /// The part of it in the customer's own currency, or in the first by code where it has none.
    pub lifetime_value_minor: i64,
    pub position: i64,
}

impl Row for CustomerRow {
    const TABLE: Table = Table {
        name: "customers",
        columns: &[
            text("tenant"),
            text("customer_id"),
            text("origin"),
            text("email"),
            text("email_index"),
            text("first_name"),
            text("last_name"),
            text("name"),
            text("phone"),
            text("company"),
            text("address"),
            text("country"),
            text("currency"),
            text("metadata"),
            text("acquisition_source"),
            int("created_at"),
            int("created_position"),
            int("last_activity_at"),
            int("has_activity"),
            text("default_payment_method"),
            int("balance_minor"),
            int("delinquent"),
            int("deleted"),
            text("lifecycle_stage"),
            text("subscriptions"),
            text("lifetime_value"),
            int("lifetime_value_minor"),
            int("position"),
        ],
        key_columns: 2,
    };

    fn write(&self) -> Values {
        Writer::new(&Self::TABLE)
            .text(&self.tenant)
            .text(&self.customer_id)
            .text(self.origin.as_str())
            .opt_sealed(self.email.as_ref())
            .opt_text(self.email_index.as_deref())
            .opt_sealed(self.first_name.as_ref())
            .opt_sealed(self.last_name.as_ref())
            .opt_sealed(self.name.as_ref())
            .opt_sealed(self.phone.as_ref())
            .opt_sealed(self.company.as_ref())
            .opt_sealed(self.address.as_ref())
            .opt_text(self.country.as_deref())
            .opt_text(self.currency.as_deref())
            .opt_sealed(self.metadata.as_ref())
            .opt_text(self.acquisition_source.as_deref())
            .int(self.created_at)
            .opt_int(self.created_position)
            .int(self.last_activity_at)
            .flag(self.has_activity)
            .opt_text(self.default_payment_method.as_deref())
            .int(self.balance_minor)
            .flag(self.delinquent)
            .flag(self.deleted)
            .text(self.lifecycle_stage.as_str())
            .json(&self.subscriptions)
            .json(&self.lifetime_value)
            .int(self.lifetime_value_minor)
            .int(self.position)
            .finish()
    }

    fn read(values: Values) -> Result<Self, StoreError> {
        let mut cells = Reader::new(&Self::TABLE, values);
        Ok(Self {
            tenant: cells.text()?,
            customer_id: cells.text()?,
            origin: cells.word()?,
            email: cells.opt_sealed()?,
            email_index: cells.opt_text()?,
            first_name: cells.opt_sealed()?,
            last_name: cells.opt_sealed()?,
            name: cells.opt_sealed()?,
            phone: cells.opt_sealed()?,
            company: cells.opt_sealed()?,
            address: cells.opt_sealed()?,
            country: cells.opt_text()?,
            currency: cells.opt_text()?,
            metadata: cells.opt_sealed()?,
            acquisition_source: cells.opt_text()?,
            created_at: cells.int()?,
            created_position: cells.opt_int()?,
            last_activity_at: cells.int()?,
            has_activity: cells.flag()?,
            default_payment_method: cells.opt_text()?,
            balance_minor: cells.int()?,
            delinquent: cells.flag()?,
            deleted: cells.flag()?,
            lifecycle_stage: cells.word()?,
            subscriptions: cells.json()?,
            lifetime_value: cells.json()?,
            lifetime_value_minor: cells.int()?,
            position: cells.int()?,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 1_024 + self.subscriptions.len() * 96
    }
}
