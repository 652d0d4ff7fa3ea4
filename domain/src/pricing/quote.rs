//! What does a quantity of a price come to, line by line? The whole is rounded once; its lines are shares of it by
//! largest remainder, so they always sum to it.

use rust_decimal::Decimal;

use super::check::{check_price, check_quantity, max_minor};
use super::error::{PriceError, PriceProblem};
use crate::money::{Currency, Money, round_half_away};
use crate::price::{Price, Scheme, Tier, graduated_parts, packages, volume_tier};

/// What one line of a quote is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    Flat,
    Units,
    /// Packages of that many units, the last of which may be a part only.
    Packages {
        size: u64,
    },
    /// The units of one tier, numbered from 1, the first and the last unit counted.
    Tier {
        number: u32,
        first_unit: u64,
        last_unit: u64,
    },
    /// What a tier costs beside its units.
    TierFlat {
        number: u32,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteLine {
    pub basis: Basis,
    /// Units or packages; 1 of what is flat.
    pub quantity: u64,
    /// Minor units for each, possibly with decimals.
    pub unit_minor: Decimal,
    pub amount_minor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub currency: Currency,
    pub lines: Vec<QuoteLine>,
    /// The sum of the lines.
    pub total_minor: i64,
}

/// A line before it is rounded.
struct Part {
    basis: Basis,
    quantity: u64,
    unit_minor: Decimal,
}

/// The amounts that a quantity, or recorded usage, of a price costs.
pub fn quote(price: &Price, quantity: u64) -> Result<Quote, PriceError> {
    check_price(price)?;
    check_quantity(price.usage, quantity)?;
    let overflow = || PriceError::new("quantity", PriceProblem::Overflow);
    let parts = parts(&price.scheme, quantity).ok_or_else(overflow)?;
    let (total_minor, amounts) =
        round_together(&parts).filter(|(total, _)| *total <= max_minor(price.currency)).ok_or_else(overflow)?;
    let lines = parts.into_iter().zip(amounts).map(|(part, amount_minor)| QuoteLine {
        basis: part.basis,
        quantity: part.quantity,
        unit_minor: part.unit_minor,
        amount_minor,
    });
    Ok(Quote { currency: price.currency, lines: lines.collect(), total_minor })
}

/// The sum of quotes that should all be in one currency.
pub fn total(quotes: &[Quote], currency: Currency) -> Result<Money, PriceError> {
    let mut sum_minor = 0_i64;
    for quote in quotes {
        if quote.currency != currency {
            let problem = PriceProblem::CurrencyMismatch { expected: currency, found: quote.currency };
            return Err(PriceError::new("currency", problem));
        }
        let sum = sum_minor.checked_add(quote.total_minor).filter(|sum| *sum <= max_minor(currency));
        sum_minor = sum.ok_or_else(|| PriceError::new("quantity", PriceProblem::Overflow))?;
    }
    Ok(Money::from_minor(sum_minor, currency))
}

fn parts(scheme: &Scheme, quantity: u64) -> Option<Vec<Part>> {
    match scheme {
        Scheme::Flat(minor) => Some(vec![Part { basis: Basis::Flat, quantity: 1, unit_minor: *minor }]),
        // Usage may be nothing, and then there is nothing to write a line about.
        Scheme::PerUnit(_) | Scheme::Volume(_) | Scheme::Graduated(_) | Scheme::Package { .. } if quantity == 0 => {
            Some(Vec::new())
        }
        Scheme::PerUnit(unit) => Some(vec![Part { basis: Basis::Units, quantity, unit_minor: *unit }]),
        Scheme::Package { size, minor } => {
            let packages = packages(quantity, *size)?;
            Some(vec![Part { basis: Basis::Packages { size: *size }, quantity: packages, unit_minor: *minor }])
        }
        Scheme::Volume(tiers) => {
            let (number, tier) = volume_tier(tiers, quantity)?;
            Some(tier_parts(number, tier, 1, quantity, quantity))
        }
        Scheme::Graduated(tiers) => Some(
            graduated_parts(tiers, quantity)
                .flat_map(|part| tier_parts(part.number, part.tier, part.first_unit, part.last_unit, part.units()))
                .collect(),
        ),
    }
}

/// The units of a tier, and what it costs beside them where that is anything.
fn tier_parts(number: u32, tier: &Tier, first_unit: u64, last_unit: u64, quantity: u64) -> Vec<Part> {
    let units = Part { basis: Basis::Tier { number, first_unit, last_unit }, quantity, unit_minor: tier.unit_minor };
    let flat = (!tier.flat_minor.is_zero()).then_some(Part {
        basis: Basis::TierFlat { number },
        quantity: 1,
        unit_minor: tier.flat_minor,
    });
    std::iter::once(units).chain(flat).collect()
}

/// The whole, rounded once, and its shares: each rounded down, the minor units left given to the largest remainders,
/// ties to the earlier line. Nothing here is negative.
fn round_together(parts: &[Part]) -> Option<(i64, Vec<i64>)> {
    let exact: Vec<Decimal> =
        parts.iter().map(|part| part.unit_minor.checked_mul(Decimal::from(part.quantity))).collect::<Option<_>>()?;
    let whole = exact.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(*part))?;
    let total_minor = round_half_away(whole)?;
    let mut amounts: Vec<i64> = exact.iter().map(|part| round_half_away(part.floor())).collect::<Option<_>>()?;
    let given = amounts.iter().try_fold(0_i64, |sum, amount| sum.checked_add(*amount))?;
    let left = usize::try_from(total_minor.checked_sub(given)?).ok()?;
    let mut by_remainder: Vec<(&Decimal, &mut i64)> = exact.iter().zip(&mut amounts).collect();
    // The sort is stable, so the earlier of two equal remainders stays the earlier.
    by_remainder.sort_by_key(|(part, _)| std::cmp::Reverse(part.fract()));
    for (_, amount) in by_remainder.into_iter().take(left) {
        *amount = amount.checked_add(1)?;
    }
    Some((total_minor, amounts))
}
