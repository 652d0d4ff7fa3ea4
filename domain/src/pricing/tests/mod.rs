//! What do the tests of pricing share? Prices of every model, in few words.

mod models;
mod properties;
mod refusals;
mod usage;

use rust_decimal::Decimal;

use crate::money::Currency;
use crate::price::{Interval, Price, Scheme, Tier, Usage};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn tier(up_to: Option<u64>, unit: &str, flat: &str) -> Tier {
    Tier { up_to, unit_minor: decimal(unit), flat_minor: decimal(flat) }
}

fn monthly(scheme: Scheme) -> Price {
    Price { currency: Currency::USD, scheme, interval: Some(Interval::MONTHLY), usage: Usage::Licensed }
}

fn per_unit(unit: &str) -> Price {
    monthly(Scheme::PerUnit(decimal(unit)))
}

fn flat(minor: &str) -> Price {
    monthly(Scheme::Flat(decimal(minor)))
}

fn package(size: u64, minor: &str) -> Price {
    monthly(Scheme::Package { size, minor: decimal(minor) })
}

fn metered(price: Price) -> Price {
    Price { usage: Usage::Metered, ..price }
}
