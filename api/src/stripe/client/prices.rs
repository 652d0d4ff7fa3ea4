//! Prices: what something costs and how often. They never change; they are found by their lookup key.

use domain::money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::key::IdempotencyKey;
use super::list::{List, Metadata};
use super::reference::Reference;
use super::{StripeClient, StripeError, wire};

/// Lookup keys that Stripe takes in one request.
const LOOKUP_KEYS_A_REQUEST: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewPrice {
    pub lookup_key: String,
    pub product: String,
    pub nickname: Option<String>,
    #[serde(serialize_with = "wire::currency")]
    pub currency: Currency,
    /// `per_unit` or `tiered`.
    pub billing_scheme: &'static str,
    /// In minor units, with at most twelve places below them.
    #[serde(rename = "unit_amount_decimal")]
    pub unit_minor: Option<Decimal>,
    /// `volume` or `graduated`.
    pub tiers_mode: Option<&'static str>,
    pub tiers: Option<Vec<NewTier>>,
    pub transform_quantity: Option<TransformQuantity>,
    pub recurring: Option<Recurring>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewTier {
    /// The last unit, or `inf`.
    pub up_to: String,
    #[serde(rename = "unit_amount_decimal")]
    pub unit_minor: Option<Decimal>,
    #[serde(rename = "flat_amount_decimal")]
    pub flat_minor: Option<Decimal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransformQuantity {
    pub divide_by: u64,
    /// `up` or `down`.
    pub round: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    pub interval: String,
    pub interval_count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Price {
    pub id: String,
    #[serde(default)]
    pub active: bool,
    pub product: Reference,
    pub currency: Currency,
    #[serde(default)]
    pub billing_scheme: Option<String>,
    /// Absent where the price has tiers.
    #[serde(default, rename = "unit_amount_decimal")]
    pub unit_minor: Option<Decimal>,
    #[serde(default)]
    pub tiers_mode: Option<String>,
    #[serde(default)]
    pub recurring: Option<Recurring>,
    #[serde(default)]
    pub lookup_key: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
}

#[derive(Serialize)]
struct Query<'a> {
    lookup_keys: &'a [String],
    limit: u8,
}

impl StripeClient {
    pub async fn create_price(&self, key: &IdempotencyKey, fields: &NewPrice) -> Result<Price, StripeError> {
        self.post(&["prices"], key, fields).await
    }

    /// Those of the keys that there are prices for.
    pub async fn prices_by_lookup_key(&self, lookup_keys: &[String]) -> Result<Vec<Price>, StripeError> {
        let mut found = Vec::new();
        for lookup_keys in lookup_keys.chunks(LOOKUP_KEYS_A_REQUEST) {
            let page: List<Price> = self.get(&["prices"], &Query { lookup_keys, limit: 100 }).await?;
            found.extend(page.data);
        }
        Ok(found)
    }
}
