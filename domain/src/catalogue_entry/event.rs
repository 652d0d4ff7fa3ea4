//! What can have happened to an entry of a catalogue: a version of it was published.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry_id::EntryId;
use super::state::Definition;
use crate::absent::is_default;
use crate::catalogue::{Coupon, Plan, TaxRate};

/// Who said it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    #[default]
    Request,
    File,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueEntryEvent {
    /// Business time: from when on the version is sold.
    pub at: Timestamp,
    pub entry: EntryId,
    /// From 1, without gaps.
    pub version: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub source: Source,
    pub change: CatalogueEntryChange,
}

/// The version as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CatalogueEntryChange {
    PlanPublished { plan: Box<Plan> },
    CouponPublished { coupon: Coupon },
    TaxRatePublished { tax_rate: TaxRate },
}

impl CatalogueEntryChange {
    pub fn definition(&self) -> Definition {
        match self {
            Self::PlanPublished { plan } => Definition::Plan(plan.clone()),
            Self::CouponPublished { coupon } => Definition::Coupon(coupon.clone()),
            Self::TaxRatePublished { tax_rate } => Definition::TaxRate(tax_rate.clone()),
        }
    }
}

impl From<Definition> for CatalogueEntryChange {
    fn from(definition: Definition) -> Self {
        match definition {
            Definition::Plan(plan) => Self::PlanPublished { plan },
            Definition::Coupon(coupon) => Self::CouponPublished { coupon },
            Definition::TaxRate(tax_rate) => Self::TaxRatePublished { tax_rate },
        }
    }
}
