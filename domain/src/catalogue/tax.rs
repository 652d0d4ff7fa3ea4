//! A tax rate of a jurisdiction, exclusive or inclusive (decision B6).

use rust_decimal::Decimal;
use serde_json::Value;

use super::CatalogueError;
use super::fields::Fields;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    pub id: String,
    pub name: String,
    /// ISO 3166 alpha-2, upper case.
    pub country: String,
    /// The state or province; `None` for the whole country.
    pub state: Option<String>,
    pub percent: Decimal,
    /// Whether prices contain it already.
    pub inclusive: bool,
}

pub(super) fn read(value: Value) -> Result<TaxRate, CatalogueError> {
    let (mut fields, id) = Fields::named("tax rate", "id", value)?;
    let name = fields.text("name")?;
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
