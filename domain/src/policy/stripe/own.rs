//! Our own names in the metadata of Stripe's objects: by which what a call made is found again, which plan a price is of,
//! and what Stripe has no field for. They are never shown as the customer's metadata.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{at, code, get, text};
use crate::id::PlanId;
use crate::sealed::{Sealed, Sealer};

/// What every one of them begins with.
pub const PREFIX: &str = "daybook_";
/// The call that made or last changed the object.
pub const CALL: &str = "daybook_call";
/// Of a price or product: the tenant, the plan, and its version.
pub const TENANT: &str = "daybook_tenant";
pub const PLAN: &str = "daybook_plan";
pub const VERSION: &str = "daybook_version";
/// Of a coupon: its code.
pub const COUPON: &str = "daybook_coupon";
/// Of a customer: what Stripe has no field for.
pub const FIRST_NAME: &str = "daybook_first_name";
pub const LAST_NAME: &str = "daybook_last_name";
pub const COMPANY: &str = "daybook_company";
pub const CURRENCY: &str = "daybook_currency";

/// One of our own names of an object.
pub(super) fn own<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    text(at(object, &["metadata"])?, name)
}

/// The plan of the catalogue that a price was made for, and its version.
pub(super) fn plan_of(price: &Value) -> Option<(PlanId, Option<u32>)> {
    let plan = PlanId::parse(own(price, PLAN)?).ok()?;
    Some((plan, own(price, VERSION).and_then(|version| version.parse().ok())))
}

/// The code that a coupon was made for.
pub(super) fn coupon_of(coupon: &Value) -> Option<String> {
    code(get(coupon, "metadata")?, COUPON)
}

/// First and last name, while they are still what the whole name says.
pub(super) fn names(customer: &Value) -> (Option<&str>, Option<&str>) {
    let (first, last) = (own(customer, FIRST_NAME), own(customer, LAST_NAME));
    let joined = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if text(customer, "name") == Some(&joined) { (first, last) } else { (None, None) }
}

/// The metadata without our own names, sealed as JSON text with its keys in order, so that equal ones seal equally.
pub(super) fn sealed_metadata(object: &Value, sealer: &Sealer<'_>) -> Option<Sealed> {
    let entries: BTreeMap<&str, &Value> = get(object, "metadata")?
        .as_object()?
        .iter()
        .filter(|(name, value)| !name.starts_with(PREFIX) && !value.is_null())
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    if entries.is_empty() {
        return None;
    }
    serde_json::to_string(&entries).ok().map(|json| (sealer.seal)(&json))
}
