//! What is sold: Stripe's `price`, the `plan` before it, items of subscriptions, and discounts on them. A price that was
//! made for a plan of the catalogue is that plan.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use super::json::{at, clear, currency, decimal, first_instant, flag, get, instant, list, minor, text, whole};
use super::own::{self, plan_of};
use crate::id::PlanId;
use crate::price::{Discount, Duration, Interval, IntervalUnit, Item, Off, Price, Scheme, Tier, Usage};

/// What a subscription bills: its items, or before there were items its own plan and quantity.
pub(super) fn items(subscription: &Value) -> Vec<Item> {
    let living = list(subscription, "items").iter().filter(|item| !flag(item, "deleted"));
    let items: Vec<Item> = living.filter_map(item).collect();
    if items.is_empty() {
        item(subscription).map(|item| Item { id: None, ..item }).into_iter().collect()
    } else {
        items
    }
}

/// An item has a price, a plan or both; some recordings list bare plans.
fn item(item: &Value) -> Option<Item> {
    let legacy = get(item, "plan").filter(|plan| plan.is_object());
    let price = get(item, "price").filter(|price| price.is_object());
    let bare = (text(item, "object") == Some("plan")).then_some(item);
    let sold = price.or(legacy).or(bare)?;
    let read = read(sold)?;
    let quantity = match (quantity(item), read.usage) {
        (Some(quantity), _) => quantity,
        (None, Usage::Licensed) => 1,
        (None, Usage::Metered) => 0,
    };
    let (plan, version) = match plan_of(sold) {
        Some(ours) => ours,
        None => (PlanId::parse(text(sold, "id")?).ok()?, None),
    };
    Some(Item {
        id: if bare.is_some() { None } else { clear(item, "id") },
        plan,
        name: name(sold).or_else(|| legacy.and_then(name)),
        quantity: packages(sold, quantity),
        price: read,
        version,
        billing: crate::pricing::Billing::InAdvance,
        metric: None,
    })
}

fn read(sold: &Value) -> Option<Price> {
    Some(Price {
        currency: currency(sold, "currency")?,
        scheme: scheme(sold),
        interval: interval(sold),
        usage: usage(sold),
    })
}

/// A nickname, the plan's name until 2018, or the name of an expanded product.
pub(super) fn name(sold: &Value) -> Option<String> {
    clear(sold, "nickname").or_else(|| clear(sold, "name")).or_else(|| clear(get(sold, "product")?, "name"))
}

/// How often; `recurring` of a price, the plan's own fields before.
pub(super) fn interval(sold: &Value) -> Option<Interval> {
    let recurring = get(sold, "recurring").unwrap_or(sold);
    let unit = match text(recurring, "interval")? {
        "day" => IntervalUnit::Day,
        "week" => IntervalUnit::Week,
        "month" => IntervalUnit::Month,
        "year" => IntervalUnit::Year,
        _ => return None,
    };
    let count = u32::try_from(whole(recurring, "interval_count").unwrap_or(1)).ok()?;
    Some(Interval { unit, count: count.max(1) })
}

fn usage(sold: &Value) -> Usage {
    let word = at(sold, &["recurring", "usage_type"]).or_else(|| get(sold, "usage_type")).and_then(Value::as_str);
    if word == Some("metered") { Usage::Metered } else { Usage::Licensed }
}

/// Tiers are in an event only where they were expanded; without them the unit amount, if any, is what is known.
fn scheme(sold: &Value) -> Scheme {
    let tiers: Vec<Tier> = list(sold, "tiers").iter().map(tier).collect();
    match text(sold, "tiers_mode") {
        Some("volume") if !tiers.is_empty() => Scheme::Volume(tiers),
        Some(_) if !tiers.is_empty() => Scheme::Graduated(tiers),
        _ => Scheme::PerUnit(amount(sold, &["unit_amount_decimal", "unit_amount", "amount_decimal", "amount"])),
    }
}

fn tier(tier: &Value) -> Tier {
    Tier {
        up_to: get(tier, "up_to").and_then(Value::as_u64),
        unit_minor: amount(tier, &["unit_amount_decimal", "unit_amount", "amount"]),
        flat_minor: amount(tier, &["flat_amount_decimal", "flat_amount"]),
    }
}

fn amount(object: &Value, keys: &[&str]) -> Decimal {
    keys.iter().find_map(|key| decimal(object, key)).unwrap_or(Decimal::ZERO)
}

/// A quantity; where only the decimal is sent, its whole part.
pub(super) fn quantity(item: &Value) -> Option<u64> {
    let decimal =
        || decimal(item, "quantity_decimal").and_then(|quantity| i64::try_from(quantity.trunc().mantissa()).ok());
    u64::try_from(whole(item, "quantity").or_else(decimal)?).ok()
}

/// Some prices are per package: the units billed are then packages of that many, rounded as the price says.
fn packages(sold: &Value, quantity: u64) -> u64 {
    let transform = get(sold, "transform_quantity").or_else(|| get(sold, "transform_usage"));
    let Some(transform) = transform else {
        return quantity;
    };
    match whole(transform, "divide_by").and_then(|size| u64::try_from(size).ok()) {
        None | Some(0) => quantity,
        Some(size) if text(transform, "round") == Some("up") => quantity.div_ceil(size),
        Some(size) => quantity / size,
    }
}

/// The discounts of a subscription: `discounts` where they are expanded, else the single `discount` before it.
pub(super) fn discounts(subscription: &Value, started_at: Timestamp) -> Vec<Discount> {
    let many: Vec<Discount> = list(subscription, "discounts").iter().filter_map(|d| discount(d, started_at)).collect();
    if many.is_empty() {
        get(subscription, "discount").and_then(|d| discount(d, started_at)).into_iter().collect()
    } else {
        many
    }
}

fn discount(discount: &Value, started_at: Timestamp) -> Option<Discount> {
    let coupon = get(discount, "coupon").or_else(|| at(discount, &["source", "coupon"]))?;
    Some(Discount {
        coupon: own::coupon_of(coupon).or_else(|| clear(coupon, "id"))?,
        off: off(coupon)?,
        duration: duration(coupon)?,
        start: first_instant(discount, &["start"]).unwrap_or(started_at),
        end: instant(discount, "end"),
    })
}

/// In 2018 the exact percentage was in a field of its own beside the rounded one.
fn off(coupon: &Value) -> Option<Off> {
    let percent = decimal(coupon, "percent_off_precise").or_else(|| decimal(coupon, "percent_off"));
    match percent {
        Some(percent) => Some(Off::Percent(percent)),
        None => Some(Off::Amount { minor: minor(coupon, "amount_off")?, currency: currency(coupon, "currency")? }),
    }
}

fn duration(coupon: &Value) -> Option<Duration> {
    match text(coupon, "duration")? {
        "once" => Some(Duration::Once),
        "forever" => Some(Duration::Forever),
        "repeating" => {
            let months = u32::try_from(whole(coupon, "duration_in_months")?).ok()?;
            Some(Duration::Repeating { months })
        }
        _ => None,
    }
}
