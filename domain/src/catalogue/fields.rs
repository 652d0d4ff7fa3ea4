//! Reads the fields of one JSON object strictly, so that a mistake is named with the thing and the field it is in:
//! what is missing, of the wrong kind, out of range, or not known at all.

use std::collections::BTreeSet;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::CatalogueError;
use crate::money::{Currency, Money};

/// An object whose fields are taken out one by one.
#[derive(Debug)]
pub(super) struct Fields {
    /// `plan elite_coaching`
    of: String,
    /// `price.` inside an object of it.
    prefix: String,
    map: Map<String, Value>,
}

impl Fields {
    pub fn of(of: &str, field: &str, value: Value) -> Result<Self, CatalogueError> {
        match value {
            Value::Object(map) => Ok(Self { of: of.to_owned(), prefix: String::new(), map }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(error(of, field, "must be an object"))
            }
        }
    }

    /// Reads an element of a list, which from here on is known as `plan elite_coaching` by its own name.
    pub fn named(kind: &str, key: &str, value: Value) -> Result<(Self, String), CatalogueError> {
        let mut fields = Self::of(kind, "every entry", value)?;
        let name = fields.text(key)?;
        fields.of = format!("{kind} {name}");
        Ok((fields, name))
    }

    pub fn problem(&self, field: &str, problem: &str) -> CatalogueError {
        error(&self.of, &format!("{}{field}", self.prefix), problem)
    }

    pub fn text(&mut self, field: &str) -> Result<String, CatalogueError> {
        self.optional_text(field)?.ok_or_else(|| self.problem(field, "is missing"))
    }

    pub fn optional_text(&mut self, field: &str) -> Result<Option<String>, CatalogueError> {
        match self.map.remove(field) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(Value::String(_)) => Err(self.problem(field, "must not be empty")),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(self.problem(field, "must be a text"))
            }
        }
    }

    pub fn flag(&mut self, field: &str) -> Result<bool, CatalogueError> {
        match self.map.remove(field) {
            Some(Value::Bool(flag)) => Ok(flag),
            None => Err(self.problem(field, "is missing")),
            Some(Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                Err(self.problem(field, "must be true or false"))
            }
        }
    }

    /// A whole number from 1 to `max`.
    pub fn optional_count(&mut self, field: &str, max: u32) -> Result<Option<u32>, CatalogueError> {
        let Some(value) = self.map.remove(field) else { return Ok(None) };
        let count =
            value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| (1..=max).contains(count));
        count.map(Some).ok_or_else(|| self.problem(field, &format!("must be a whole number from 1 to {max}")))
    }

    pub fn currency(&mut self, field: &str) -> Result<Currency, CatalogueError> {
        let code = self.text(field)?;
        Currency::parse(&code).map_err(|error| self.problem(field, &format!("is wrong: {error}")))
    }

    /// An exact decimal in major units, written as a text so that no reader makes a float of it; never negative.
    pub fn amount(&mut self, field: &str, currency: Currency) -> Result<Money, CatalogueError> {
        let text = self.text(field)?;
        let amount =
            Money::from_major(&text, currency).map_err(|error| self.problem(field, &format!("is wrong: {error}")))?;
        if amount.minor() < 0 {
            return Err(self.problem(field, "must not be negative"));
        }
        Ok(amount)
    }

    /// A percentage as a text, from 0 to 100.
    pub fn optional_percent(&mut self, field: &str) -> Result<Option<Decimal>, CatalogueError> {
        let Some(text) = self.optional_text(field)? else { return Ok(None) };
        let percent =
            Decimal::from_str(&text).ok().filter(|percent| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(percent));
        percent.map(Some).ok_or_else(|| self.problem(field, "must be a percentage from 0 to 100, such as \"8.75\""))
    }

    pub fn object(&mut self, field: &str) -> Result<Self, CatalogueError> {
        let map = self.map(field)?.ok_or_else(|| self.problem(field, "is missing"))?;
        Ok(Self { of: self.of.clone(), prefix: format!("{}{field}.", self.prefix), map })
    }

    /// An object whose content is not ours to judge.
    pub fn map(&mut self, field: &str) -> Result<Option<Map<String, Value>>, CatalogueError> {
        match self.map.remove(field) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Err(self.problem(field, "must be an object"))
            }
        }
    }

    pub fn list(&mut self, field: &str) -> Result<Vec<Value>, CatalogueError> {
        if !self.map.contains_key(field) {
            return Err(self.problem(field, "is missing"));
        }
        self.optional_list(field)
    }

    pub fn optional_list(&mut self, field: &str) -> Result<Vec<Value>, CatalogueError> {
        match self.map.remove(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                Err(self.problem(field, "must be a list"))
            }
        }
    }

    /// Refuses what nobody took: a misspelt field would otherwise be ignored in silence.
    pub fn finish(self) -> Result<(), CatalogueError> {
        match self.map.keys().next() {
            Some(field) => Err(self.problem(field, "is not a known field")),
            None => Ok(()),
        }
    }
}

/// Refuses names that occur twice.
pub(super) fn unique<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Result<(), CatalogueError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(CatalogueError::Repeated { what: format!("{kind} {name}") });
        }
    }
    Ok(())
}

fn error(of: &str, field: &str, problem: &str) -> CatalogueError {
    CatalogueError::Field { of: of.to_owned(), field: field.to_owned(), problem: problem.to_owned() }
}
