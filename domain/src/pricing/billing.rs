//! When is a price billed: before or after the period it is for?

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::price::{Price, Usage};
use crate::time::Period;

/// When the agreed part of a plan is billed. Usage is always billed in arrears (decision B15).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    #[default]
    InAdvance,
    InArrears,
}

impl Billing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InAdvance => "in_advance",
            Self::InArrears => "in_arrears",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::InAdvance, Self::InArrears].into_iter().find(|billing| billing.as_str() == word)
    }

    /// How a price of a plan that is billed like this is billed itself.
    #[must_use]
    pub fn of(self, price: &Price) -> Self {
        match price.usage {
            Usage::Licensed => self,
            Usage::Metered => Self::InArrears,
        }
    }

    /// The instant at which the price for a period is due.
    pub fn due_at(self, period: Period) -> Timestamp {
        match self {
            Self::InAdvance => period.start,
            Self::InArrears => period.end,
        }
    }
}
