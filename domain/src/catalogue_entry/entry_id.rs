//! What identifies an entry of a catalogue: its kind and its own id, `plan:elite_coaching`. A coupon and a plan may
//! share an id, and streams of one type must not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{InvalidId, PlanId};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EntryId {
    Plan(PlanId),
    /// By its code.
    Coupon(String),
    TaxRate(String),
}

impl EntryId {
    /// Reads the id of a stream.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let (kind, id) = text.split_once(':').ok_or(InvalidId)?;
        match kind {
            "plan" => PlanId::parse(id).map(Self::Plan),
            "coupon" => Self::coupon(id),
            "tax_rate" => Self::tax_rate(id),
            _ => Err(InvalidId),
        }
    }

    pub fn coupon(code: &str) -> Result<Self, InvalidId> {
        // Codes and ids of rates obey the rule of all ids.
        PlanId::parse(code).map(|code| Self::Coupon(code.into()))
    }

    pub fn tax_rate(id: &str) -> Result<Self, InvalidId> {
        PlanId::parse(id).map(|id| Self::TaxRate(id.into()))
    }

    /// The kind, as people call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Coupon(_) => "coupon",
            Self::TaxRate(_) => "tax rate",
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(id) => write!(f, "plan:{id}"),
            Self::Coupon(code) => write!(f, "coupon:{code}"),
            Self::TaxRate(id) => write!(f, "tax_rate:{id}"),
        }
    }
}

impl TryFrom<String> for EntryId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

impl From<EntryId> for String {
    fn from(id: EntryId) -> Self {
        id.to_string()
    }
}
