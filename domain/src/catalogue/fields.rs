//! Reads the fields of one JSON object strictly, so that a mistake is named with the thing and the field it is in:
//! what is missing, of the wrong kind, out of range, or not known at all.

use std::collections::BTreeSet;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::CatalogueError;
use crate::id::PlanId;
use crate::money::{Currency, Money};
use crate::pricing::MAX_AMOUNT_MAJOR;

/// Longer names are descriptions; Stripe's own limit for the name of a product.
const MAX_NAME_CHARS: usize = 250;
/// Finer percentages are written by machines, and their products would not be exact.
const MAX_PERCENT_PLACES: u32 = 6;

/// An object whose fields are taken out one by one.
#[derive(Debug)]
pub(crate) struct Fields {
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

    /// The name of an entry, by which streams are called too.
    pub fn check_id(&self, field: &str, text: &str) -> Result<(), CatalogueError> {
        PlanId::parse(text).map(|_| ()).map_err(|error| self.problem(field, &format!("is wrong: {error}")))
    }

    pub fn problem(&self, field: &str, problem: &str) -> CatalogueError {
        error(&self.of, &format!("{}{field}", self.prefix), problem)
    }

    pub fn text(&mut self, field: &str) -> Result<String, CatalogueError> {
        self.optional_text(field)?.ok_or_else(|| self.problem(field, "is missing"))
    }

    /// A name that people read.
    pub fn name(&mut self, field: &str) -> Result<String, CatalogueError> {
        self.optional_name(field)?.ok_or_else(|| self.problem(field, "is missing"))
    }

    pub fn optional_name(&mut self, field: &str) -> Result<Option<String>, CatalogueError> {
        let name = self.optional_text(field)?;
        if name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME_CHARS) {
            return Err(self.problem(field, &format!("must not have more than {MAX_NAME_CHARS} characters")));
        }
        Ok(name)
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
        let count = self.optional_number(field, 1, u64::from(max))?;
        Ok(count.and_then(|count| u32::try_from(count).ok()))
    }

    /// A whole number from `min` to `max`.
    pub fn optional_number(&mut self, field: &str, min: u64, max: u64) -> Result<Option<u64>, CatalogueError> {
        let Some(value) = self.map.remove(field) else { return Ok(None) };
        let number = value.as_u64().filter(|number| (min..=max).contains(number));
        number.map(Some).ok_or_else(|| self.problem(field, &format!("must be a whole number from {min} to {max}")))
    }

    /// One of a few words; `read` knows them.
    pub fn optional_word<T>(
        &mut self,
        field: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, CatalogueError> {
        let Some(word) = self.optional_text(field)? else { return Ok(None) };
        read(&word).map(Some).ok_or_else(|| self.problem(field, &format!("is {word:?}; expected {expected}")))
    }

    pub fn currency(&mut self, field: &str) -> Result<Currency, CatalogueError> {
        let code = self.text(field)?;
        Currency::parse(&code).map_err(|error| self.problem(field, &format!("is wrong: {error}")))
    }

    /// An exact decimal in major units, written as a text so that no reader makes a float of it; never negative.
    pub fn amount(&mut self, field: &str, currency: Currency) -> Result<Money, CatalogueError> {
        let text = self.decimal(field)?.ok_or_else(|| self.problem(field, "is missing"))?;
        let amount =
            Money::from_major(&text, currency).map_err(|error| self.problem(field, &format!("is wrong: {error}")))?;
        self.check_size(field, amount.to_major(), currency)?;
        Ok(amount)
    }

    /// What one unit costs, read like an amount and given in minor units, of which it may be a part.
    pub fn optional_unit_amount(&mut self, field: &str, currency: Currency) -> Result<Option<Decimal>, CatalogueError> {
        let Some(text) = self.decimal(field)? else { return Ok(None) };
        let wrong = || self.problem(field, &format!("is wrong: {text:?} is not a decimal number"));
        // Exact, or not at all: `from_str` would round what has more than 28 digits.
        let major = Decimal::from_str_exact(&text).map_err(|_| wrong())?;
        self.check_size(field, major, currency)?;
        let minor = major.checked_mul(Decimal::from(10_i64.pow(currency.exponent())));
        minor.map(|minor| Some(minor.normalize())).ok_or_else(wrong)
    }

    /// A percentage as a text, from 0 to 100.
    pub fn optional_percent(&mut self, field: &str) -> Result<Option<Decimal>, CatalogueError> {
        let Some(text) = self.decimal(field)? else { return Ok(None) };
        let percent =
            Decimal::from_str(&text).ok().filter(|percent| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(percent));
        let percent = percent
            .ok_or_else(|| self.problem(field, "must be a percentage from 0 to 100, such as \"8.75\""))?
            .normalize();
        if percent.scale() > MAX_PERCENT_PLACES {
            return Err(self.problem(field, &format!("must not have more than {MAX_PERCENT_PLACES} decimal places")));
        }
        Ok(Some(percent))
    }

    /// A text of digits, with a point and a sign where it has them. Decimals are read from more than that: exponents,
    /// underscores.
    fn decimal(&mut self, field: &str) -> Result<Option<String>, CatalogueError> {
        let text = self.optional_text(field)?;
        match text.as_ref().filter(|text| !text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte))) {
            Some(text) => Err(self.problem(field, &format!("is wrong: {text:?} is not a decimal number"))),
            None => Ok(text),
        }
    }

    fn check_size(&self, field: &str, major: Decimal, currency: Currency) -> Result<(), CatalogueError> {
        if major < Decimal::ZERO {
            return Err(self.problem(field, "must not be negative"));
        }
        if major > Decimal::from(MAX_AMOUNT_MAJOR) {
            return Err(self.problem(field, &format!("must not be over {MAX_AMOUNT_MAJOR} {currency}")));
        }
        Ok(())
    }

    /// Takes null for absent in a field where forms write either.
    pub fn drop_null(&mut self, field: &str) {
        if self.map.get(field).is_some_and(Value::is_null) {
            self.map.remove(field);
        }
    }

    pub fn has(&self, field: &str) -> bool {
        self.map.contains_key(field)
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

    /// The objects of a list, none where it is absent; their fields are known as `tiers[0].up_to`.
    pub fn optional_objects(&mut self, field: &str, most: usize) -> Result<Vec<Self>, CatalogueError> {
        let list = self.optional_list(field)?;
        if list.len() > most {
            return Err(self.problem(field, &format!("must not have more than {most} entries")));
        }
        let entry = |(index, value)| match value {
            Value::Object(map) => {
                Ok(Self { of: self.of.clone(), prefix: format!("{}{field}[{index}].", self.prefix), map })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(self.problem(&format!("{field}[{index}]"), "must be an object"))
            }
        };
        list.into_iter().enumerate().map(entry).collect()
    }

    /// Refuses what nobody took: a misspelt field would otherwise be ignored in silence.
    pub fn finish(self) -> Result<(), CatalogueError> {
        match self.map.keys().next() {
            Some(field) => Err(self.problem(field, "is not a known field")),
            None => Ok(()),
        }
    }
}

/// The first name that occurs a second time.
pub(super) fn repeated<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.find(|name| !seen.insert(*name))
}

fn error(of: &str, field: &str, problem: &str) -> CatalogueError {
    CatalogueError::Field { of: of.to_owned(), field: field.to_owned(), problem: problem.to_owned() }
}
