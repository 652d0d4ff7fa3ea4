//! What is a tax rate that an invoice applied? A copy that explains itself in ten years, whatever the catalogue says by
//! then; a percentage outside 0 to 100 or with too many places cannot be one.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::catalogue::TaxRate;
use crate::refusal::Refusal;

/// No jurisdiction writes its rates with more places; so many keep every tax an exact fraction in `i128`.
pub const MAX_PERCENT_PLACES: u32 = 6;

/// 100 % in units of the finest percentage.
pub(super) const WHOLE: i128 = 100_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inclusion {
    /// The tax comes on top of the price.
    Exclusive,
    /// The price contains the tax.
    Inclusive,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Rate {
    id: String,
    /// `US-CA` or `DE`.
    jurisdiction: String,
    percent: Decimal,
    inclusion: Inclusion,
}

impl Rate {
    pub fn new(id: &str, jurisdiction: &str, percent: Decimal, inclusion: Inclusion) -> Result<Self, Refusal> {
        let percent = percent.normalize();
        if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent) {
            return Err(Refusal::invalid("percent", "must be from 0 to 100"));
        }
        if percent.scale() > MAX_PERCENT_PLACES {
            return Err(Refusal::invalid("percent", format!("has more than {MAX_PERCENT_PLACES} decimal places")));
        }
        Ok(Self { id: id.to_owned(), jurisdiction: jurisdiction.to_owned(), percent, inclusion })
    }

    /// The rate of a catalogue as an invoice applies it.
    pub fn of_catalogue(rate: &TaxRate) -> Result<Self, Refusal> {
        let state = rate.state.as_deref().map(|state| format!("-{state}")).unwrap_or_default();
        let inclusion = if rate.inclusive { Inclusion::Inclusive } else { Inclusion::Exclusive };
        Self::new(&rate.id, &format!("{}{state}", rate.country), rate.percent, inclusion)
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn jurisdiction(&self) -> &str {
        &self.jurisdiction
    }

    pub fn percent(&self) -> Decimal {
        self.percent
    }

    pub fn inclusion(&self) -> Inclusion {
        self.inclusion
    }

    /// The percentage in units of which 100 % has `WHOLE`.
    pub(super) fn units(&self) -> i128 {
        let mut percent = self.percent;
        percent.rescale(MAX_PERCENT_PLACES);
        percent.mantissa()
    }
}

/// A stored rate before it is checked again.
#[derive(Deserialize)]
struct Unchecked {
    id: String,
    jurisdiction: String,
    percent: Decimal,
    inclusion: Inclusion,
}

impl TryFrom<Unchecked> for Rate {
    type Error = Refusal;

    fn try_from(rate: Unchecked) -> Result<Self, Refusal> {
        Self::new(&rate.id, &rate.jurisdiction, rate.percent, rate.inclusion)
    }
}
