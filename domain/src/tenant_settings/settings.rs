//! The settings of a tenant as a whole, and the one form in which a file and a request write them.

use jiff::tz::TimeZoneDatabase;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::policies::{ACCESS, ANCHORS, CREDITS, DISPUTES, EXHAUSTED, Policies, Words};
use crate::absent::is_default;
use crate::catalogue::{CatalogueError, Changes, Fields, lay_over, refusal};
use crate::money::{Currency, Money};
use crate::proration::ProrationMode;
use crate::refusal::Refusal;

const FIELDS: [&str; 11] = [
    "timezone",
    "high_value_mrr",
    "high_value_lifetime",
    "reporting_currency",
    "proration",
    "anchor",
    "access_policy",
    "dunning_exhausted",
    "dispute_policy",
    "credit_as",
    "sandbox_webhooks",
];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The IANA name of the zone that days and months are counted in.
    pub timezone: String,
    /// Customers of this MRR or this lifetime value are dunned as high-value customers (decision B14).
    pub high_value_mrr: Money,
    pub high_value_lifetime: Money,
    /// What figures of several currencies are converted to.
    pub reporting_currency: Currency,
    #[serde(default, skip_serializing_if = "is_default")]
    pub policies: Policies,
}

impl Settings {
    /// Takes the settings out of a form. A choice that is not made is the default; amounts are in the tenant's
    /// currency.
    pub(crate) fn read(fields: &mut Fields, currency: Currency) -> Result<Self, CatalogueError> {
        let timezone = fields.text("timezone")?;
        // The database in the binary and not the machine's, so that every node knows the same zones.
        if TimeZoneDatabase::bundled().get(&timezone).is_err() {
            return Err(fields.problem("timezone", &format!("is {timezone:?}, which is no IANA time zone")));
        }
        let high_value_mrr = fields.amount("high_value_mrr", currency)?;
        let high_value_lifetime = fields.amount("high_value_lifetime", currency)?;
        let reporting = fields.has("reporting_currency").then(|| fields.currency("reporting_currency")).transpose()?;
        let policies = Policies {
            proration: proration(fields)?,
            anchor: choice(fields, "anchor", ANCHORS)?,
            access_policy: choice(fields, "access_policy", ACCESS)?,
            dunning_exhausted: choice(fields, "dunning_exhausted", EXHAUSTED)?,
            dispute_policy: choice(fields, "dispute_policy", DISPUTES)?,
            credit_as: choice(fields, "credit_as", CREDITS)?,
            sandbox_webhooks: fields.has("sandbox_webhooks") && fields.flag("sandbox_webhooks")?,
        };
        let reporting_currency = reporting.unwrap_or(currency);
        Ok(Self { timezone, high_value_mrr, high_value_lifetime, reporting_currency, policies })
    }

    /// The settings with these changed; null sets one back to its default.
    pub fn with(&self, changes: &Changes) -> Result<Self, Refusal> {
        let mut form = self.fields();
        lay_over(&mut form, changes, &FIELDS);
        let mut fields = Fields::of("settings", "body", Value::Object(form)).map_err(refusal)?;
        Self::read(&mut fields, self.high_value_mrr.currency()).map_err(refusal)
    }

    /// The settings as a request would write them, none left out.
    pub fn fields(&self) -> Changes {
        let policies = self.policies;
        let major = |amount: Money| -> Decimal { amount.to_major() };
        let fields = [
            ("timezone", json!(self.timezone)),
            ("high_value_mrr", json!(major(self.high_value_mrr))),
            ("high_value_lifetime", json!(major(self.high_value_lifetime))),
            ("reporting_currency", json!(self.reporting_currency)),
            ("proration", json!(policies.proration)),
            ("anchor", json!(policies.anchor)),
            ("access_policy", json!(policies.access_policy)),
            ("dunning_exhausted", json!(policies.dunning_exhausted)),
            ("dispute_policy", json!(policies.dispute_policy)),
            ("credit_as", json!(policies.credit_as)),
            ("sandbox_webhooks", json!(policies.sandbox_webhooks)),
        ];
        fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect::<Map<_, _>>()
    }
}

fn choice<T: Copy + Default>(fields: &mut Fields, field: &str, words: Words<T>) -> Result<T, CatalogueError> {
    let expected: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let meant = |word: &str| words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning);
    Ok(fields.optional_word(field, &expected.join(", "), meant)?.unwrap_or_default())
}

fn proration(fields: &mut Fields) -> Result<ProrationMode, CatalogueError> {
    let expected = "second, day_half_open, day_inclusive or fixed_days(n) with n from 1 to 31";
    Ok(fields.optional_word("proration", expected, |word| word.parse().ok())?.unwrap_or_default())
}
