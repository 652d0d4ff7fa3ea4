//! Coupons: what they take off and for how long. They never change; they are found by their id, which is given to them.

use domain::money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::Metadata;
use super::{StripeClient, StripeError, wire};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewCoupon {
    pub id: String,
    pub name: String,
    pub percent_off: Option<Decimal>,
    #[serde(rename = "amount_off")]
    pub amount_off_minor: Option<i64>,
    #[serde(serialize_with = "currency")]
    pub currency: Option<Currency>,
    /// `once`, `repeating` or `forever`.
    pub duration: &'static str,
    pub duration_in_months: Option<u32>,
    pub metadata: Metadata,
}

#[derive(Deserialize)]
struct Known {
    id: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "serde hands over fields by reference")]
fn currency<S: Serializer>(currency: &Option<Currency>, serializer: S) -> Result<S::Ok, S::Error> {
    match currency {
        Some(currency) => wire::currency(currency, serializer),
        None => serializer.serialize_none(),
    }
}

impl StripeClient {
    /// The coupon of this id, made where there is none.
    pub async fn ensure_coupon(&self, key: &IdempotencyKey, fields: &NewCoupon) -> Result<String, StripeError> {
        match self.get::<Known>(&["coupons", &fields.id], &Nothing {}).await {
            Ok(found) => return Ok(found.id),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error),
        }
        Ok(self.post::<Known>(&["coupons"], key, fields).await?.id)
    }
}
