//! How a plan's price is said to Stripe, and whether a price of Stripe's says the same. Nothing here asks Stripe.

use domain::catalogue::Plan;
use domain::price::{Price as OurPrice, Scheme, Tier};
use domain::pricing::Billing;
use rust_decimal::Decimal;

use crate::stripe::client::{Metadata, NewPrice, NewTier, Price, Recurring, TransformQuantity};

/// Letters of a lookup key, by Stripe's limit.
const MAX_LOOKUP_KEY_CHARS: usize = 200;
/// Places below the minor unit, by Stripe's limit.
const MAX_PLACES: u32 = 12;

const PER_UNIT: &str = "per_unit";
const TIERED: &str = "tiered";

/// A plan's price as a request; the reason where Stripe has no such price.
pub(super) fn new_price(plan: &Plan, lookup_key: &str, product: &str, metadata: Metadata) -> Result<NewPrice, String> {
    if lookup_key.len() > MAX_LOOKUP_KEY_CHARS {
        return Err(format!("its lookup key is longer than {MAX_LOOKUP_KEY_CHARS} letters"));
    }
    match plan.billing {
        Billing::InAdvance => {}
        Billing::InArrears => return Err("Stripe bills agreed quantities in advance only".to_owned()),
    }
    let price = &plan.price;
    let new = NewPrice {
        lookup_key: lookup_key.to_owned(),
        product: product.to_owned(),
        nickname: Some(plan.name.clone()),
        currency: price.currency,
        billing_scheme: PER_UNIT,
        unit_minor: None,
        tiers_mode: None,
        tiers: None,
        transform_quantity: None,
        recurring: recurring(price),
        metadata,
    };
    let tiered = |mode: &'static str, tiers: Vec<NewTier>| NewPrice {
        billing_scheme: TIERED,
        tiers_mode: Some(mode),
        tiers: Some(tiers),
        ..new.clone()
    };
    Ok(match &price.scheme {
        Scheme::PerUnit(unit) => NewPrice { unit_minor: Some(amount(*unit)?), ..new },
        Scheme::Package { size, minor } => {
            let transform_quantity = Some(TransformQuantity { divide_by: *size, round: "up" });
            NewPrice { unit_minor: Some(amount(*minor)?), transform_quantity, ..new }
        }
        Scheme::Flat(flat) => {
            let whole = Tier { up_to: None, unit_minor: Decimal::ZERO, flat_minor: *flat };
            tiered("volume", tiers(&[whole])?)
        }
        Scheme::Volume(list) => tiered("volume", tiers(list)?),
        Scheme::Graduated(list) => tiered("graduated", tiers(list)?),
    })
}

/// Whether a price that was found is the one that would be made. Tiers are not in a list, so of those only the mode is
/// compared.
pub(super) fn matches(found: &Price, new: &NewPrice) -> bool {
    found.currency == new.currency
        && found.recurring == new.recurring
        && found.product.id == new.product
        && found.billing_scheme.as_deref().unwrap_or(PER_UNIT) == new.billing_scheme
        && found.tiers_mode.as_deref() == new.tiers_mode
        && (new.billing_scheme == TIERED || found.unit_minor == new.unit_minor)
}

fn recurring(price: &OurPrice) -> Option<Recurring> {
    let interval = price.interval?;
    Some(Recurring { interval: interval.unit.as_str().to_owned(), interval_count: interval.count })
}

fn tiers(tiers: &[Tier]) -> Result<Vec<NewTier>, String> {
    let last = tiers.len().saturating_sub(1);
    let tier = |(index, tier): (usize, &Tier)| {
        // The last tier has no top, even where it names one.
        let top = tier.up_to.filter(|_| index < last).map_or_else(|| "inf".to_owned(), |top| top.to_string());
        let flat = if tier.flat_minor.is_zero() { None } else { Some(amount(tier.flat_minor)?) };
        let unit = if tier.unit_minor.is_zero() && flat.is_some() { None } else { Some(amount(tier.unit_minor)?) };
        Ok(NewTier { up_to: top, unit_minor: unit, flat_minor: flat })
    };
    tiers.iter().enumerate().map(tier).collect()
}

fn amount(minor: Decimal) -> Result<Decimal, String> {
    let minor = minor.normalize();
    if minor.scale() > MAX_PLACES {
        return Err(format!("its amount has more than {MAX_PLACES} places below the minor unit"));
    }
    Ok(minor)
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
