//! Can a price be sold? Everything that a quote relies on is checked here, once for the catalogue and again for each
//! quote.

use rust_decimal::Decimal;

use super::error::{PriceError, PriceProblem};
use crate::money::Currency;
use crate::price::{Price, Scheme, Tier, Usage};

/// The highest amount of one figure, in major units. In a currency of three places it is exactly `money::MAX_MINOR`, so
/// every figure that passes fits there too.
pub const MAX_AMOUNT_MAJOR: i64 = 1_000_000_000_000;
/// Decimals of a unit price below the minor unit; Stripe's own limit. With `MAX_AMOUNT_MAJOR` a product has at most 28
/// digits, which `Decimal` holds exactly.
pub const MAX_FRACTION_DIGITS: u32 = 12;
/// Stripe's own limit is three years in any unit; ten years of months leaves room and keeps dates in range.
pub const MAX_INTERVAL_COUNT: u32 = 120;
/// Longer price lists are mistakes, and every quote walks the list.
pub const MAX_TIERS: usize = 100;
/// Units of one licensed item; more is a typing error, not an order.
pub const MAX_QUANTITY: u64 = 1_000_000;
/// Units of one metric in a period: bytes are better counted in gigabytes.
pub const MAX_USAGE: u64 = 1_000_000_000_000;

/// Whether a price can be sold, or the first field that speaks against it.
pub fn check_price(price: &Price) -> Result<(), PriceError> {
    let currency = price.currency;
    match &price.scheme {
        Scheme::PerUnit(minor) => check_unit("amount", *minor, currency)?,
        Scheme::Flat(minor) if price.usage == Usage::Licensed => check_whole("amount", *minor, currency)?,
        Scheme::Flat(_) => return Err(PriceError::new("model", PriceProblem::FlatUsage)),
        Scheme::Volume(tiers) | Scheme::Graduated(tiers) => check_tiers(tiers, currency)?,
        Scheme::Package { size, minor } => {
            if *size == 0 {
                return Err(PriceError::new("package_size", PriceProblem::EmptyPackage));
            }
            check_unit("amount", *minor, currency)?;
        }
    }
    match (price.interval, price.usage) {
        (None, Usage::Metered) => Err(PriceError::new("interval", PriceProblem::UsageWithoutInterval)),
        (Some(interval), Usage::Licensed | Usage::Metered) if !(1..=MAX_INTERVAL_COUNT).contains(&interval.count) => {
            let problem = PriceProblem::OutOfRange { most: u64::from(MAX_INTERVAL_COUNT) };
            Err(PriceError::new("interval_count", problem))
        }
        (None | Some(_), Usage::Licensed) | (Some(_), Usage::Metered) => Ok(()),
    }
}

/// Checks how much of a price is sold. Usage may be nothing; what is agreed in advance may not.
pub(super) fn check_quantity(usage: Usage, quantity: u64) -> Result<(), PriceError> {
    match usage {
        Usage::Licensed if !(1..=MAX_QUANTITY).contains(&quantity) => {
            Err(PriceError::new("quantity", PriceProblem::OutOfRange { most: MAX_QUANTITY }))
        }
        Usage::Metered if quantity > MAX_USAGE => {
            Err(PriceError::new("quantity", PriceProblem::TooMuchUsage { most: MAX_USAGE }))
        }
        Usage::Licensed | Usage::Metered => Ok(()),
    }
}

/// The highest amount of a figure in minor units of the currency.
pub(super) fn max_minor(currency: Currency) -> i64 {
    MAX_AMOUNT_MAJOR.saturating_mul(10_i64.saturating_pow(currency.exponent()))
}

fn check_tiers(tiers: &[Tier], currency: Currency) -> Result<(), PriceError> {
    if tiers.is_empty() || tiers.len() > MAX_TIERS {
        return Err(PriceError::new("tiers", PriceProblem::TierCount { most: MAX_TIERS }));
    }
    let mut below = 0;
    for (index, tier) in tiers.iter().enumerate() {
        let is_last = index + 1 == tiers.len();
        let wrong_end = |problem| Err(PriceError::new(format!("tiers[{index}].up_to"), problem));
        match tier.up_to {
            Some(_) if is_last => return wrong_end(PriceProblem::ClosedLastTier),
            None if !is_last => return wrong_end(PriceProblem::OpenTierBeforeLast),
            Some(top) if top <= below => return wrong_end(PriceProblem::OutOfOrder),
            Some(top) => below = top,
            None => {}
        }
        check_unit(&format!("tiers[{index}].unit_amount"), tier.unit_minor, currency)?;
        check_whole(&format!("tiers[{index}].flat_amount"), tier.flat_minor, currency)?;
    }
    Ok(())
}

/// A price of one unit or package, which may have decimals below the minor unit.
fn check_unit(field: &str, minor: Decimal, currency: Currency) -> Result<(), PriceError> {
    check_figure(field, minor, currency, MAX_FRACTION_DIGITS)
}

/// An amount that is billed as it is.
fn check_whole(field: &str, minor: Decimal, currency: Currency) -> Result<(), PriceError> {
    check_figure(field, minor, currency, 0)
}

fn check_figure(field: &str, minor: Decimal, currency: Currency, fraction: u32) -> Result<(), PriceError> {
    let problem = if minor < Decimal::ZERO {
        PriceProblem::Negative
    } else if minor > Decimal::from(max_minor(currency)) {
        PriceProblem::TooLarge { limit: MAX_AMOUNT_MAJOR, currency }
    } else if minor.normalize().scale() > fraction {
        PriceProblem::TooManyDecimals { places: currency.exponent() + fraction }
    } else {
        return Ok(());
    };
    Err(PriceError::new(field, problem))
}
