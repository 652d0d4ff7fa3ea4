//! Ratios that say why they are missing instead of pretending to be zero (revenue.md G5).

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Decimal places a ratio is kept with; enough for a percentage of two places of any figure the ledger accepts.
pub const RATIO_SCALE: u32 = 12;

/// Why a ratio has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    NoOpeningMrr,
    NoOpeningCustomers,
    NoActiveCustomers,
    NoNewCustomers,
    NothingLost,
    NoChurn,
    EmptyCohort,
    TooLarge,
}

impl Undefined {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOpeningMrr => "no_opening_mrr",
            Self::NoOpeningCustomers => "no_opening_customers",
            Self::NoActiveCustomers => "no_active_customers",
            Self::NoNewCustomers => "no_new_customers",
            Self::NothingLost => "nothing_lost",
            Self::NoChurn => "no_churn",
            Self::EmptyCohort => "empty_cohort",
            Self::TooLarge => "too_large",
        }
    }
}

/// An exact quotient to twelve decimal places, half away from zero, or the reason there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ratio {
    Known(Decimal),
    Unknown(Undefined),
}

impl Ratio {
    /// The quotient; a denominator of zero gives the reason named.
    pub fn of(numerator: i64, denominator: i64, without: Undefined) -> Self {
        if denominator == 0 {
            return Self::Unknown(without);
        }
        match Decimal::from(numerator).checked_div(Decimal::from(denominator)) {
            Some(exact) => Self::Known(rounded(exact, RATIO_SCALE)),
            None => Self::Unknown(Undefined::TooLarge),
        }
    }

    pub fn value(self) -> Option<Decimal> {
        match self {
            Self::Known(value) => Some(value.normalize()),
            Self::Unknown(_) => None,
        }
    }

    pub fn reason(self) -> Option<Undefined> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(reason) => Some(reason),
        }
    }

    /// The value with exactly so many places: a quick ratio of 3.35.
    pub fn to_places(self, places: u32) -> Option<Decimal> {
        self.value().map(|value| with_places(value, places))
    }

    /// The value in percent with exactly so many places: 12.53.
    pub fn percent(self, places: u32) -> Option<Decimal> {
        self.value()?.checked_mul(Decimal::ONE_HUNDRED).map(|percent| with_places(percent, places))
    }

    /// One minus the value: retention of a churn rate.
    #[must_use]
    pub fn complement(self) -> Self {
        match self {
            Self::Known(value) => Self::Known(Decimal::ONE - value),
            Self::Unknown(reason) => Self::Unknown(reason),
        }
    }

    /// How far a rate moved, in percentage points of so many places; `None` unless both are known.
    pub fn points_since(self, earlier: Self, places: u32) -> Option<Decimal> {
        let moved = self.value()?.checked_sub(earlier.value()?)?;
        Self::Known(moved).percent(places)
    }
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

fn with_places(value: Decimal, places: u32) -> Decimal {
    let mut value = rounded(value, places);
    value.rescale(places);
    value
}
