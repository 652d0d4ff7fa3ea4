//! A plan: what is sold, for how much and how often, and what comes with it. The words are what one surface alone
//! calls it; the domain never reads them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::CatalogueError;
use super::fields::{Fields, repeated};
use super::price_form;
use crate::absent::is_default;
use crate::id::PlanId;
use crate::price::{Item, Price};
use crate::pricing::{Billing, Metric};

/// Two years: a longer trial is more likely a mistake in the file.
const MAX_TRIAL_DAYS: u64 = 730;
/// Metrics of one plan; a subscription has an item for each, of which it may have 20.
const MAX_METRICS: usize = 19;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub id: PlanId,
    pub name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    pub price: Price,
    /// When the price is billed; usage is billed in arrears whatever this says.
    #[serde(default, skip_serializing_if = "is_default")]
    pub billing: Billing,
    /// What is counted and billed beside the price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<UsagePrice>,
    /// How long a trial of it is, where one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_days: Option<u16>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub features: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub limits: Map<String, Value>,
    /// What a surface's document calls things: `plan_code`, `stripe_price_id`, `display_order`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub words: Map<String, Value>,
}

/// What recorded usage of a metric costs, in the currency and at the interval of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsagePrice {
    pub metric: Metric,
    pub price: Price,
}

impl Plan {
    pub fn word(&self, word: &str) -> Option<&str> {
        self.words.get(word).and_then(Value::as_str)
    }

    /// A whole number among the limits, such as `max_agents`.
    pub fn limit(&self, limit: &str) -> Option<u64> {
        self.limits.get(limit).and_then(Value::as_u64)
    }

    /// What usage of a metric costs.
    pub fn usage_price(&self, metric: &Metric) -> Option<&Price> {
        self.usage.iter().find(|usage| usage.metric == *metric).map(|usage| &usage.price)
    }

    /// The plan as a line of a subscription.
    pub fn item(&self, quantity: u64) -> Item {
        Item {
            id: None,
            plan: self.id.clone(),
            name: Some(self.name.clone()),
            price: self.price.clone(),
            quantity,
            version: None,
            billing: self.billing,
            metric: None,
        }
    }

    /// What a subscription to a version of the plan consists of: the plan itself, and a line for what is counted of each
    /// metric, of which nothing was used yet.
    pub fn items(&self, version: u32, quantity: u64) -> Vec<Item> {
        let sold = Item { version: Some(version), ..self.item(quantity) };
        let metered = self.usage.iter().map(|usage| Item {
            price: usage.price.clone(),
            quantity: 0,
            billing: Billing::InArrears,
            metric: Some(usage.metric.clone()),
            ..sold.clone()
        });
        let metered: Vec<Item> = metered.collect();
        std::iter::once(sold).chain(metered).collect()
    }

    /// The plan as a file would say it; read back, it is the same plan.
    pub(super) fn form(&self) -> Map<String, Value> {
        let mut form = Map::new();
        form.insert("id".to_owned(), json!(self.id));
        form.insert("name".to_owned(), json!(self.name));
        if !self.description.is_empty() {
            form.insert("description".to_owned(), json!(self.description));
        }
        form.insert("price".to_owned(), Value::Object(price_form::write(&self.price)));
        form.insert("billing".to_owned(), json!(self.billing));
        let usage = self.usage.iter().map(|usage| {
            let mut form = price_form::write_scheme(&usage.price);
            form.insert("metric".to_owned(), json!(usage.metric));
            Value::Object(form)
        });
        form.insert("usage".to_owned(), Value::Array(usage.collect()));
        form.insert("trial_days".to_owned(), json!(self.trial_days.unwrap_or(0)));
        for (field, map) in [("features", &self.features), ("limits", &self.limits), ("words", &self.words)] {
            form.insert(field.to_owned(), Value::Object(map.clone()));
        }
        form
    }
}

pub(super) fn read(value: Value) -> Result<Plan, CatalogueError> {
    let (mut fields, id) = Fields::named("plan", "id", value)?;
    let id = PlanId::parse(&id).map_err(|error| fields.problem("id", &format!("is wrong: {error}")))?;
    let name = fields.name("name")?;
    let description = fields.optional_text("description")?.unwrap_or_default();
    let price = price_form::read(fields.object("price")?)?;
    let billing = fields.optional_word("billing", "in_advance or in_arrears", Billing::from_word)?.unwrap_or_default();
    if billing == Billing::InArrears && price.interval.is_none() {
        return Err(fields.problem("billing", "must be in_advance for a one-time price"));
    }
    let usage = fields.optional_objects("usage", MAX_METRICS)?;
    if !usage.is_empty() && price.interval.is_none() {
        return Err(fields.problem("usage", "cannot be given for a one-time price"));
    }
    let usage = usage.into_iter().map(|fields| read_usage(fields, &price)).collect::<Result<Vec<_>, _>>()?;
    if let Some(twice) = repeated(usage.iter().map(|usage| usage.metric.as_str())) {
        return Err(fields.problem("usage", &format!("names the metric {twice} twice")));
    }
    // Forms say 0 where there is no trial.
    let trial_days = fields.optional_number("trial_days", 0, MAX_TRIAL_DAYS)?.filter(|days| *days > 0);
    if trial_days.is_some() && price.interval.is_none() {
        return Err(fields.problem("trial_days", "cannot be given for a one-time price"));
    }
    let features = fields.map("features")?.unwrap_or_default();
    let limits = fields.map("limits")?.unwrap_or_default();
    let words = fields.map("words")?.unwrap_or_default();
    fields.finish()?;
    let trial_days = trial_days.and_then(|days| u16::try_from(days).ok());
    Ok(Plan { id, name, description, price, billing, usage, trial_days, features, limits, words })
}

fn read_usage(mut fields: Fields, of: &Price) -> Result<UsagePrice, CatalogueError> {
    let metric = fields.text("metric")?;
    let metric = Metric::parse(&metric).map_err(|error| fields.problem("metric", &format!("is wrong: {error}")))?;
    if fields.has("currency") && fields.currency("currency")? != of.currency {
        return Err(fields.problem("currency", &format!("must be the plan's, {}", of.currency)));
    }
    let price = price_form::read_usage(fields, of)?;
    Ok(UsagePrice { metric, price })
}
