//! Refunds: money back from a payment.

use domain::money::Currency;
use serde::{Deserialize, Serialize};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::{List, Metadata};
use super::reference::Reference;
use super::{StripeClient, StripeError};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NewRefund {
    pub payment_intent: Option<String>,
    /// Where there is no intent.
    pub charge: Option<String>,
    /// `None` for all that is left.
    #[serde(rename = "amount")]
    pub amount_minor: Option<i64>,
    /// `duplicate`, `fraudulent` or `requested_by_customer`.
    pub reason: Option<String>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refund {
    pub id: String,
    pub status: RefundStatus,
    #[serde(rename = "amount")]
    pub amount_minor: i64,
    pub currency: Currency,
    #[serde(default)]
    pub charge: Option<Reference>,
    #[serde(default)]
    pub payment_intent: Option<Reference>,
    #[serde(default)]
    pub failure_reason: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
    /// A status that Stripe added since.
    #[serde(other)]
    Unknown,
}

#[derive(Serialize)]
struct Query<'a> {
    payment_intent: &'a str,
    limit: u8,
}

impl StripeClient {
    pub async fn create_refund(&self, key: &IdempotencyKey, fields: &NewRefund) -> Result<Refund, StripeError> {
        self.post(&["refunds"], key, fields).await
    }

    pub async fn refund(&self, id: &str) -> Result<Refund, StripeError> {
        self.get(&["refunds", id], &Nothing {}).await
    }

    /// The newest hundred of a payment.
    pub async fn refunds(&self, payment_intent: &str) -> Result<Vec<Refund>, StripeError> {
        let page: List<Refund> = self.get(&["refunds"], &Query { payment_intent, limit: 100 }).await?;
        Ok(page.data)
    }
}
