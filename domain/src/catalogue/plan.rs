//! A plan: what is sold, for how much and how often, and what comes with it. The words are what one surface alone
//! calls it; the domain never reads them.

use serde_json::{Map, Value};

use super::CatalogueError;
use super::fields::Fields;
use crate::id::PlanId;
use crate::price::{Interval, IntervalUnit, Item, Price};

/// Two years: a longer trial is more likely a mistake in the file.
const MAX_TRIAL_DAYS: u32 = 730;

/// Stripe's own limit is three years in any unit; ten years of months leaves room and keeps dates in range.
const MAX_INTERVAL_COUNT: u32 = 120;

#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub id: PlanId,
    pub name: String,
    pub description: String,
    pub price: Price,
    /// How long a trial of it is, where one is asked for.
    pub trial_days: Option<u16>,
    pub features: Map<String, Value>,
    pub limits: Map<String, Value>,
    /// What a surface's document calls things: `plan_code`, `stripe_price_id`, `display_order`.
    pub words: Map<String, Value>,
}

impl Plan {
    pub fn word(&self, word: &str) -> Option<&str> {
        self.words.get(word).and_then(Value::as_str)
    }

    /// A whole number among the limits, such as `max_agents`.
    pub fn limit(&self, limit: &str) -> Option<u64> {
        self.limits.get(limit).and_then(Value::as_u64)
    }

    /// The plan as a line of a subscription.
    pub fn item(&self, quantity: u64) -> Item {
        Item { id: None, plan: self.id.clone(), name: Some(self.name.clone()), price: self.price.clone(), quantity }
    }
}

pub(super) fn read(value: Value) -> Result<Plan, CatalogueError> {
    let (mut fields, id) = Fields::named("plan", "id", value)?;
    let id = PlanId::parse(&id).map_err(|error| fields.problem("id", &format!("is wrong: {error}")))?;
    let name = fields.text("name")?;
    let description = fields.optional_text("description")?.unwrap_or_default();
    let price = price(fields.object("price")?)?;
    let trial_days = fields.optional_count("trial_days", MAX_TRIAL_DAYS)?.and_then(|days| u16::try_from(days).ok());
    if trial_days.is_some() && price.interval.is_none() {
        return Err(fields.problem("trial_days", "cannot be given for a one-time price"));
    }
    let features = fields.map("features")?.unwrap_or_default();
    let limits = fields.map("limits")?.unwrap_or_default();
    let words = fields.map("words")?.unwrap_or_default();
    fields.finish()?;
    Ok(Plan { id, name, description, price, trial_days, features, limits, words })
}

fn price(mut fields: Fields) -> Result<Price, CatalogueError> {
    let currency = fields.currency("currency")?;
    let amount = fields.amount("amount", currency)?;
    let unit = match fields.text("interval")?.as_str() {
        "day" => Some(IntervalUnit::Day),
        "week" => Some(IntervalUnit::Week),
        "month" => Some(IntervalUnit::Month),
        "year" => Some(IntervalUnit::Year),
        "one_time" => None,
        other => {
            let problem = format!("is {other:?}; expected day, week, month, year or one_time");
            return Err(fields.problem("interval", &problem));
        }
    };
    let count = fields.optional_count("interval_count", MAX_INTERVAL_COUNT)?;
    if count.is_some() && unit.is_none() {
        return Err(fields.problem("interval_count", "cannot be given for a one-time price"));
    }
    fields.finish()?;
    let interval = unit.map(|unit| Interval { unit, count: count.unwrap_or(1) });
    Ok(Price::per_unit(amount.minor(), currency, interval))
}
