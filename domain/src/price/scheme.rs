//! By which rule does a quantity become an amount? Exactly and before rounding; figures that overflow give none.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;

/// One step of a tiered price; `up_to` is inclusive and `None` for the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
    /// Per unit, in minor units; may have decimals below the minor unit.
    pub unit_minor: Decimal,
    #[serde(default, skip_serializing_if = "is_default")]
    pub flat_minor: Decimal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Quantity times this many minor units; may have decimals below the minor unit.
    PerUnit(Decimal),
    /// The tier that holds the whole quantity prices all of it.
    Volume(Vec<Tier>),
    /// Each tier prices the units that fall into it.
    Graduated(Vec<Tier>),
    /// The same whatever the quantity.
    Flat(Decimal),
    /// So much for every package of `size` units that was begun.
    Package { size: u64, minor: Decimal },
}

/// The part of a quantity that falls into one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InTier<'t> {
    /// From 1.
    pub number: u32,
    pub tier: &'t Tier,
    pub first_unit: u64,
    pub last_unit: u64,
}

impl InTier<'_> {
    pub fn units(&self) -> u64 {
        // Tiers that Stripe reported may be out of order; an empty one holds no unit.
        self.last_unit.checked_sub(self.first_unit).map_or(0, |further| further.saturating_add(1))
    }
}

impl Scheme {
    /// The exact charge for a quantity in minor units. Nothing of something tiered, by the unit or by the package
    /// costs nothing; a flat price is due in any case.
    pub fn charge(&self, quantity: u64) -> Option<Decimal> {
        let units = Decimal::from(quantity);
        match self {
            Self::PerUnit(unit) => unit.checked_mul(units),
            Self::Volume(tiers) => {
                let tier = volume_tier(tiers, quantity)?.1;
                let flat = if quantity == 0 { Decimal::ZERO } else { tier.flat_minor };
                tier.unit_minor.checked_mul(units)?.checked_add(flat)
            }
            Self::Graduated(tiers) => {
                tiers.first()?;
                graduated_parts(tiers, quantity).try_fold(Decimal::ZERO, |total, part| {
                    let charge = part.tier.unit_minor.checked_mul(Decimal::from(part.units()))?;
                    total.checked_add(charge)?.checked_add(part.tier.flat_minor)
                })
            }
            Self::Flat(minor) => Some(*minor),
            Self::Package { size, minor } => minor.checked_mul(Decimal::from(packages(quantity, *size)?)),
        }
    }
}

/// How many packages a quantity begins; `None` for packages of nothing.
pub(crate) fn packages(quantity: u64, size: u64) -> Option<u64> {
    (size > 0).then(|| quantity.div_ceil(size))
}

/// The number of the tier that holds the whole quantity, from 1, and the tier.
pub(crate) fn volume_tier(tiers: &[Tier], quantity: u64) -> Option<(u32, &Tier)> {
    let numbered = || (1_u32..).zip(tiers);
    numbered().find(|(_, tier)| tier.up_to.is_none_or(|top| quantity <= top)).or_else(|| numbered().last())
}

/// The parts of a quantity, tier by tier, without tiers that none of it falls into. The last tier has no top, even
/// where it names one.
pub(crate) fn graduated_parts(tiers: &[Tier], quantity: u64) -> impl Iterator<Item = InTier<'_>> {
    let count = tiers.len();
    let mut below = 0_u64;
    (1_u32..).zip(tiers).enumerate().map_while(move |(index, (number, tier))| {
        if quantity <= below {
            return None;
        }
        let is_last = index + 1 == count;
        let top = tier.up_to.filter(|_| !is_last).map_or(quantity, |top| top.min(quantity));
        let part = InTier { number, tier, first_unit: below.saturating_add(1), last_unit: top };
        below = below.max(top);
        Some(part)
    })
}
