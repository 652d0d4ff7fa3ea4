//! How does a tenant prorate? The choices of its settings, and the words they are written with.

use std::fmt;
use std::num::NonZeroU8;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The longest month; a fixed month cannot be longer than all real ones.
const LONGEST_MONTH_DAYS: u8 = 31;

/// What time is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ProrationMode {
    #[default]
    Second,
    /// Local calendar days from the first up to and without the last.
    DayHalfOpen,
    /// The same days, but the day of a termination counts as used.
    DayInclusive,
    /// Every month has so many days.
    FixedDays(NonZeroU8),
}

impl fmt::Display for ProrationMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Second => f.write_str("second"),
            Self::DayHalfOpen => f.write_str("day_half_open"),
            Self::DayInclusive => f.write_str("day_inclusive"),
            Self::FixedDays(days) => write!(f, "fixed_days({days})"),
        }
    }
}

impl FromStr for ProrationMode {
    type Err = Refusal;

    fn from_str(word: &str) -> Result<Self, Refusal> {
        let known = match word {
            "second" => Some(Self::Second),
            "day_half_open" => Some(Self::DayHalfOpen),
            "day_inclusive" => Some(Self::DayInclusive),
            other => fixed_days(other),
        };
        let expected = "expected second, day_half_open, day_inclusive or fixed_days(n) with n from 1 to 31";
        known.ok_or_else(|| Refusal::invalid("proration", format!("is {word:?}; {expected}")))
    }
}

fn fixed_days(word: &str) -> Option<ProrationMode> {
    let digits = word.strip_prefix("fixed_days(")?.strip_suffix(')')?;
    let written_plainly = digits.bytes().all(|byte| byte.is_ascii_digit());
    let days: NonZeroU8 = digits.parse().ok().filter(|_| written_plainly)?;
    (days.get() <= LONGEST_MONTH_DAYS).then_some(ProrationMode::FixedDays(days))
}

impl TryFrom<String> for ProrationMode {
    type Error = Refusal;

    fn try_from(word: String) -> Result<Self, Refusal> {
        word.parse()
    }
}

impl From<ProrationMode> for String {
    fn from(mode: ProrationMode) -> Self {
        mode.to_string()
    }
}

/// What happens with the lines of a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProrationBehavior {
    /// They wait for the next invoice.
    #[default]
    CreateProrations,
    /// They are invoiced now.
    AlwaysInvoice,
    /// There are none: what was billed stays billed, and the new price begins with the next period.
    None,
}

/// What the credit of a change is a part of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditBasis {
    /// What was really billed and not yet adjusted.
    #[default]
    Billed,
    /// The price before the change, whether it was ever billed or not, as Stripe's classic billing mode does.
    Price,
}
