//! An entry of a catalogue as its events leave it: every version, since subscriptions keep theirs until they are
//! migrated.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry_id::EntryId;
use super::event::{CatalogueEntryEvent, Source};
use crate::catalogue::{Catalogue, Changes, Coupon, Plan, TaxRate};
use crate::id::InvalidId;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    Plan(Box<Plan>),
    Coupon(Coupon),
    TaxRate(TaxRate),
}

impl Definition {
    /// All that the file of a tenant says, to be loaded entry by entry.
    pub fn all(catalogue: &Catalogue) -> impl Iterator<Item = Self> {
        let plans = catalogue.plans.iter().map(|plan| Self::Plan(Box::new(plan.clone())));
        let coupons = catalogue.coupons.iter().cloned().map(Self::Coupon);
        plans.chain(coupons).chain(catalogue.tax_rates.iter().cloned().map(Self::TaxRate))
    }

    pub fn id(&self) -> Result<EntryId, InvalidId> {
        match self {
            Self::Plan(plan) => Ok(EntryId::Plan(plan.id.clone())),
            Self::Coupon(coupon) => EntryId::coupon(&coupon.code),
            Self::TaxRate(rate) => EntryId::tax_rate(&rate.id),
        }
    }

    /// What it says, as a request would write it.
    pub fn fields(&self) -> Changes {
        match self {
            Self::Plan(plan) => plan.fields(),
            Self::Coupon(coupon) => coupon.fields(),
            Self::TaxRate(rate) => rate.fields(),
        }
    }

    pub fn as_plan(&self) -> Option<&Plan> {
        match self {
            Self::Plan(plan) => Some(plan),
            Self::Coupon(_) | Self::TaxRate(_) => None,
        }
    }

    pub fn as_coupon(&self) -> Option<&Coupon> {
        match self {
            Self::Coupon(coupon) => Some(coupon),
            Self::Plan(_) | Self::TaxRate(_) => None,
        }
    }

    pub fn as_tax_rate(&self) -> Option<&TaxRate> {
        match self {
            Self::TaxRate(rate) => Some(rate),
            Self::Plan(_) | Self::Coupon(_) => None,
        }
    }
}

/// One version, which never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// From 1, without gaps.
    pub number: u32,
    /// From when on it is sold.
    pub since: Timestamp,
    pub definition: Definition,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    versions: Vec<Version>,
    /// The number of the version that the tenant's file made last.
    loaded: Option<u32>,
}

impl CatalogueEntry {
    /// The version that is sold now; `None` before there is any.
    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The version that was sold at an instant.
    pub fn version_at(&self, instant: Timestamp) -> Option<&Version> {
        self.versions.iter().rfind(|version| version.since <= instant)
    }

    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    pub(super) fn loaded(&self) -> Option<&Definition> {
        self.version(self.loaded?).map(|version| &version.definition)
    }

    pub(super) fn apply(&mut self, event: &CatalogueEntryEvent) {
        match event.source {
            Source::File => self.loaded = Some(event.version),
            Source::Request => {}
        }
        let definition = event.change.definition();
        self.versions.push(Version { number: event.version, since: event.at, definition });
    }
}
