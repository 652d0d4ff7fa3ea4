//! How a price is written in a file or a request: `{"amount": "4.50", "currency": "EUR", "interval": "week"}`, with a
//! model, tiers or a package size where it is not simply so much a unit. Amounts are in major units.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::CatalogueError;
use super::fields::Fields;
use crate::money::Currency;
use crate::price::{Interval, IntervalUnit, Price, Scheme, Tier, Usage};
use crate::pricing::{MAX_INTERVAL_COUNT, MAX_TIERS, check_price};

const ONE_TIME: &str = "one_time";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Flat,
    PerUnit,
    Package,
    Volume,
    Graduated,
}

impl Model {
    const ALL: [Self; 5] = [Self::Flat, Self::PerUnit, Self::Package, Self::Volume, Self::Graduated];

    fn as_str(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::PerUnit => "per_unit",
            Self::Package => "package",
            Self::Volume => "volume",
            Self::Graduated => "graduated",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.as_str() == word)
    }
}

pub(super) fn read(mut fields: Fields) -> Result<Price, CatalogueError> {
    let currency = fields.currency("currency")?;
    let scheme = read_scheme(&mut fields, currency, Usage::Licensed)?;
    let unit = match fields.text("interval")?.as_str() {
        ONE_TIME => None,
        word => Some(IntervalUnit::from_word(word).ok_or_else(|| {
            fields.problem("interval", &format!("is {word:?}; expected day, week, month, year or one_time"))
        })?),
    };
    let count = fields.optional_count("interval_count", MAX_INTERVAL_COUNT)?;
    if count.is_some() && unit.is_none() {
        return Err(fields.problem("interval_count", "cannot be given for a one-time price"));
    }
    let interval = unit.map(|unit| Interval { unit, count: count.unwrap_or(1) });
    finish(fields, Price { currency, scheme, interval, usage: Usage::Licensed })
}

/// The price of a metric, which is billed with the price of its plan.
pub(super) fn read_usage(mut fields: Fields, of: &Price) -> Result<Price, CatalogueError> {
    let scheme = read_scheme(&mut fields, of.currency, Usage::Metered)?;
    finish(fields, Price { currency: of.currency, scheme, interval: of.interval, usage: Usage::Metered })
}

pub(super) fn write(price: &Price) -> Map<String, Value> {
    let mut form = write_scheme(price);
    form.insert("currency".to_owned(), json!(price.currency));
    match price.interval {
        None => drop(form.insert("interval".to_owned(), json!(ONE_TIME))),
        Some(interval) => {
            form.insert("interval".to_owned(), json!(interval.unit));
            form.insert("interval_count".to_owned(), json!(interval.count));
        }
    }
    form
}

/// Amount and tiers. The model is named only where the other fields do not say it.
pub(super) fn write_scheme(price: &Price) -> Map<String, Value> {
    let major = |minor: Decimal| json!(major(minor, price.currency));
    let unit = |minor: Decimal| if minor.normalize().scale() == 0 { "amount" } else { "unit_amount" };
    let tiers = |tiers: &[Tier]| -> Value {
        let tier = |tier: &Tier| {
            let top = tier.up_to.map(|top| ("up_to", json!(top)));
            let figures = [("unit_amount", major(tier.unit_minor)), ("flat_amount", major(tier.flat_minor))];
            let form = top.into_iter().chain(figures).map(|(field, value)| (field.to_owned(), value));
            Value::Object(form.collect())
        };
        tiers.iter().map(tier).collect()
    };
    let fields: Vec<(&str, Value)> = match &price.scheme {
        Scheme::PerUnit(minor) => vec![(unit(*minor), major(*minor))],
        Scheme::Flat(minor) => vec![("model", json!(Model::Flat.as_str())), ("amount", major(*minor))],
        Scheme::Package { size, minor } => vec![("package_size", json!(size)), (unit(*minor), major(*minor))],
        Scheme::Volume(list) => vec![("model", json!(Model::Volume.as_str())), ("tiers", tiers(list))],
        Scheme::Graduated(list) => vec![("tiers", tiers(list))],
    };
    fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// What is left over is unknown, and what the form cannot say wrong may still not be a price.
fn finish(fields: Fields, price: Price) -> Result<Price, CatalogueError> {
    check_price(&price).map_err(|error| fields.problem(&error.field, &error.problem.to_string()))?;
    fields.finish()?;
    Ok(price)
}

fn read_scheme(fields: &mut Fields, currency: Currency, usage: Usage) -> Result<Scheme, CatalogueError> {
    let words = "flat, per_unit, package, volume or graduated";
    let named = fields.optional_word("model", words, Model::from_word)?;
    let tiers = fields.optional_objects("tiers", MAX_TIERS)?;
    let size = fields.optional_number("package_size", 0, u64::MAX)?;
    let model = named.unwrap_or(match (tiers.is_empty(), size) {
        (false, _) => Model::Graduated,
        (true, Some(_)) => Model::Package,
        (true, None) => Model::PerUnit,
    });
    let is_tiered = matches!(model, Model::Volume | Model::Graduated);
    let out_of_place = [
        ("tiers", !tiers.is_empty() && !is_tiered),
        ("package_size", size.is_some() && model != Model::Package),
        ("unit_amount", fields.has("unit_amount") && (is_tiered || model == Model::Flat)),
    ];
    if let Some((field, _)) = out_of_place.into_iter().find(|(_, is_out_of_place)| *is_out_of_place) {
        return Err(fields.problem(field, &format!("cannot be given for a {} price", model.as_str())));
    }
    // Forms that always have an amount say 0 beside tiers.
    if is_tiered && fields.has("amount") && !fields.amount("amount", currency)?.is_zero() {
        return Err(fields.problem("amount", "cannot be given beside tiers"));
    }
    if fields.has("amount") && fields.has("unit_amount") {
        return Err(fields.problem("unit_amount", "cannot be given beside amount"));
    }
    match model {
        Model::Flat => Ok(Scheme::Flat(fields.amount("amount", currency)?.minor().into())),
        Model::PerUnit => Ok(Scheme::PerUnit(unit_price(fields, currency, usage)?)),
        Model::Package => {
            let size = size.ok_or_else(|| fields.problem("package_size", "is missing"))?;
            Ok(Scheme::Package { size, minor: unit_price(fields, currency, usage)? })
        }
        Model::Volume => Ok(Scheme::Volume(read_tiers(tiers, currency)?)),
        Model::Graduated => Ok(Scheme::Graduated(read_tiers(tiers, currency)?)),
    }
}

/// `amount` is what is printed on an invoice and has the places of the currency; a `unit_amount`, and what a unit of
/// usage costs, may be finer.
fn unit_price(fields: &mut Fields, currency: Currency, usage: Usage) -> Result<Decimal, CatalogueError> {
    if let Some(minor) = fields.optional_unit_amount("unit_amount", currency)? {
        return Ok(minor);
    }
    match usage {
        Usage::Licensed => Ok(fields.amount("amount", currency)?.minor().into()),
        Usage::Metered => {
            let amount = fields.optional_unit_amount("amount", currency)?;
            amount.ok_or_else(|| fields.problem("amount", "is missing"))
        }
    }
}

fn read_tiers(tiers: Vec<Fields>, currency: Currency) -> Result<Vec<Tier>, CatalogueError> {
    let read = |mut fields: Fields| {
        fields.drop_null("up_to");
        let up_to = fields.optional_number("up_to", 1, u64::MAX)?;
        let unit = match fields.optional_unit_amount("unit_amount", currency)? {
            Some(unit) => Some(unit),
            None => fields.optional_unit_amount("amount", currency)?,
        };
        let flat = if fields.has("flat_amount") { Some(fields.amount("flat_amount", currency)?) } else { None };
        if unit.is_none() && flat.is_none() {
            return Err(fields.problem("unit_amount", "is missing"));
        }
        fields.finish()?;
        let flat_minor = flat.map_or(Decimal::ZERO, |flat| flat.minor().into());
        Ok(Tier { up_to, unit_minor: unit.unwrap_or_default(), flat_minor })
    };
    tiers.into_iter().map(read).collect()
}

/// Minor units as a decimal of major units, without a trailing zero that says nothing.
fn major(minor: Decimal, currency: Currency) -> String {
    // A price that was checked has at most 15 places, far from what a decimal can hold.
    let shifted = Decimal::try_from_i128_with_scale(minor.mantissa(), minor.scale() + currency.exponent());
    shifted.unwrap_or(minor).normalize().to_string()
}
