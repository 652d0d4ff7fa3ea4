//! How the currency of an amount is written for Stripe: `usd`.

use domain::money::Currency;
use serde::Serializer;

/// Currencies whose smallest unit is another one for Stripe than in ISO 4217: an amount would be a hundred times too
/// large or too small.
const OTHER_UNITS: [&str; 3] = ["ISK", "MGA", "UGX"];

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over fields by reference")]
pub(super) fn currency<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
    if OTHER_UNITS.contains(&currency.code()) {
        return Err(serde::ser::Error::custom(format!("Stripe counts {currency} in other units than ISO 4217")));
    }
    serializer.serialize_str(&currency.code().to_ascii_lowercase())
}
