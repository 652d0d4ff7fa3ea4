//! A tax rate of a jurisdiction, exclusive or inclusive (decision B6).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::CatalogueError;
use super::fields::Fields;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    pub id: String,
    pub name: String,
    /// ISO 3166 alpha-2, upper case.
    pub country: String,
    /// The state or province; `None` for the whole country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    pub percent: Decimal,
    /// Whether prices contain it already.
    pub inclusive: bool,
}

impl TaxRate {
    /// Of several rates the one for an address: of its state, else of its whole country, else none.
    pub fn of_address<'a>(rates: &'a [Self], country: &str, state: Option<&str>) -> Option<&'a Self> {
        let in_country = || rates.iter().filter(|rate| rate.country.eq_ignore_ascii_case(country));
        let of_state = state.and_then(|state| {
            in_country().find(|rate| rate.state.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(state)))
        });
        of_state.or_else(|| in_country().find(|rate| rate.state.is_none()))
    }

    /// The rate as a file would say it; read back, it is the same rate.
    pub(super) fn form(&self) -> Map<String, Value> {
        let fields = [
            ("id", json!(self.id)),
            ("name", json!(self.name)),
            ("country", json!(self.country)),
            ("percent", json!(self.percent)),
            ("inclusive", json!(self.inclusive)),
        ];
        let state = self.state.as_ref().map(|state| ("state", json!(state)));
        fields.into_iter().chain(state).map(|(field, value)| (field.to_owned(), value)).collect()
    }
}

pub(super) fn read(value: Value) -> Result<TaxRate, CatalogueError> {
    let (mut fields, id) = Fields::named("tax rate", "id", value)?;
    fields.check_id("id", &id)?;
    let name = fields.name("name")?;
    let country = fields.text("country")?;
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(fields.problem("country", "must be two capital letters (ISO 3166)"));
    }
    let state = fields.optional_text("state")?;
    let percent = fields.optional_percent("percent")?.ok_or_else(|| fields.problem("percent", "is missing"))?;
    let inclusive = fields.flag("inclusive")?;
    fields.finish()?;
    Ok(TaxRate { id, name, country, state, percent, inclusive })
}
