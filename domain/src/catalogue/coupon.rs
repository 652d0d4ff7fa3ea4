//! A coupon: what it takes off, for how long, how often and until when it can be used (decision B6).

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::CatalogueError;
use super::fields::Fields;
use crate::money::Money;
use crate::price::{Discount, Duration, Off};

/// Ten years; a discount meant to last longer is `forever`.
const MAX_MONTHS: u32 = 120;
/// More redemptions than this are no limit in practice.
const MAX_REDEMPTIONS: u32 = 1_000_000_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// What customers type, and the coupon's id.
    pub code: String,
    pub name: String,
    pub off: Off,
    pub duration: Duration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_redemptions: Option<u32>,
    /// It can be redeemed during `[valid_from, valid_until)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl Coupon {
    pub fn is_valid_at(&self, instant: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= instant) && self.valid_until.is_none_or(|until| instant < until)
    }

    /// The discount that redeeming it at an instant gives. Repeating months are counted in UTC, as Stripe does.
    pub fn discount(&self, start: Timestamp) -> Discount {
        let end = match self.duration {
            Duration::Once | Duration::Forever => None,
            Duration::Repeating { months } => {
                start.to_zoned(TimeZone::UTC).checked_add(i64::from(months).months()).ok().map(|end| end.timestamp())
            }
        };
        Discount { coupon: self.code.clone(), off: self.off.clone(), duration: self.duration, start, end }
    }
}

impl Coupon {
    /// The coupon as a file would say it; read back, it is the same coupon.
    pub(super) fn form(&self) -> Map<String, Value> {
        let mut fields = vec![("code", json!(self.code)), ("name", json!(self.name))];
        match &self.off {
            Off::Percent(percent) => fields.push(("percent_off", json!(percent))),
            Off::Amount { minor, currency } => {
                let amount = Money::from_minor(*minor, *currency).to_major().to_string();
                fields.extend([("amount_off", json!(amount)), ("currency", json!(currency))]);
            }
        }
        match self.duration {
            Duration::Once => fields.push(("duration", json!("once"))),
            Duration::Forever => fields.push(("duration", json!("forever"))),
            Duration::Repeating { months } => {
                fields.extend([("duration", json!("repeating")), ("months", json!(months))]);
            }
        }
        fields.extend(self.max_redemptions.map(|max| ("max_redemptions", json!(max))));
        fields.extend(self.valid_from.map(|from| ("valid_from", json!(from))));
        fields.extend(self.valid_until.map(|until| ("valid_until", json!(until))));
        fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
    }
}

pub(super) fn read(value: Value) -> Result<Coupon, CatalogueError> {
    let (mut fields, code) = Fields::named("coupon", "code", value)?;
    fields.check_id("code", &code)?;
    let name = fields.optional_name("name")?.unwrap_or_else(|| code.clone());
    let off = off(&mut fields)?;
    let duration = duration(&mut fields)?;
    let max_redemptions = fields.optional_count("max_redemptions", MAX_REDEMPTIONS)?;
    let valid_from = instant(&mut fields, "valid_from")?;
    let valid_until = instant(&mut fields, "valid_until")?;
    if let (Some(from), Some(until)) = (valid_from, valid_until)
        && until <= from
    {
        return Err(fields.problem("valid_until", "must lie after valid_from"));
    }
    fields.finish()?;
    Ok(Coupon { code, name, off, duration, max_redemptions, valid_from, valid_until })
}

fn off(fields: &mut Fields) -> Result<Off, CatalogueError> {
    match fields.optional_percent("percent_off")? {
        Some(percent) if percent > Decimal::ZERO => match fields.optional_text("amount_off")? {
            None => Ok(Off::Percent(percent)),
            Some(_) => Err(fields.problem("amount_off", "cannot be given beside percent_off")),
        },
        Some(_) => Err(fields.problem("percent_off", "must be above 0")),
        None => {
            let currency = fields.currency("currency")?;
            let amount = fields.amount("amount_off", currency)?;
            if amount.is_zero() {
                return Err(fields.problem("amount_off", "must be above 0"));
            }
            Ok(Off::Amount { minor: amount.minor(), currency })
        }
    }
}

fn duration(fields: &mut Fields) -> Result<Duration, CatalogueError> {
    let word = fields.text("duration")?;
    let months = fields.optional_count("months", MAX_MONTHS)?;
    match (word.as_str(), months) {
        ("once", None) => Ok(Duration::Once),
        ("forever", None) => Ok(Duration::Forever),
        ("repeating", Some(months)) => Ok(Duration::Repeating { months }),
        ("repeating", None) => Err(fields.problem("months", "is missing for a repeating coupon")),
        ("once" | "forever", Some(_)) => Err(fields.problem("months", "can only be given for a repeating coupon")),
        (other, _) => Err(fields.problem("duration", &format!("is {other:?}; expected once, repeating or forever"))),
    }
}

fn instant(fields: &mut Fields, field: &str) -> Result<Option<Timestamp>, CatalogueError> {
    let Some(text) = fields.optional_text(field)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| fields.problem(field, "must be an instant such as 2024-01-31T00:00:00Z"))
}
