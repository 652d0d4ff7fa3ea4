//! What a tenant starts with: its currency, who bills, and the settings that hold until they are changed.

use serde::{Deserialize, Serialize};

use super::CatalogueError;
use super::fields::Fields;
use crate::money::{Currency, Money};
use crate::tenant_settings::{Policies, Settings};

/// Who bills a tenant's customers (decision B2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Processor {
    Sandbox,
    Stripe,
}

impl Processor {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "sandbox" => Some(Self::Sandbox),
            "stripe" => Some(Self::Stripe),
            _ => None,
        }
    }
}

/// The settings a tenant starts with; its configuration overrides them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    pub currency: Currency,
    /// The IANA name of the zone that days and months are counted in.
    pub timezone: String,
    pub processor: Processor,
    /// Customers of this MRR or this lifetime value are dunned as high-value customers (decision B14).
    pub high_value_mrr: Money,
    pub high_value_lifetime: Money,
    /// What figures of several currencies are converted to.
    pub reporting_currency: Currency,
    pub policies: Policies,
}

impl Defaults {
    /// The tenant's settings as long as nobody changed them.
    pub fn settings(&self) -> Settings {
        Settings {
            timezone: self.timezone.clone(),
            high_value_mrr: self.high_value_mrr,
            high_value_lifetime: self.high_value_lifetime,
            reporting_currency: self.reporting_currency,
            policies: self.policies,
        }
    }
}

pub(super) fn read(mut fields: Fields) -> Result<Defaults, CatalogueError> {
    let currency = fields.currency("currency")?;
    let processor = fields.optional_word("processor", "sandbox or stripe", Processor::from_word)?;
    let processor = processor.ok_or_else(|| fields.problem("processor", "is missing"))?;
    let settings = Settings::read(&mut fields, currency)?;
    fields.finish()?;
    Ok(Defaults {
        currency,
        processor,
        timezone: settings.timezone,
        high_value_mrr: settings.high_value_mrr,
        high_value_lifetime: settings.high_value_lifetime,
        reporting_currency: settings.reporting_currency,
        policies: settings.policies,
    })
}
