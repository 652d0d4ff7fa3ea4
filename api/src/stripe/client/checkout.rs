//! Pages of Stripe that a customer is sent to: checkout and the billing portal.

use serde::{Deserialize, Serialize};

use super::key::IdempotencyKey;
use super::list::Metadata;
use super::reference::Reference;
use super::{StripeClient, StripeError};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewCheckoutSession {
    pub mode: Mode,
    pub line_items: Vec<LineItem>,
    pub customer: Option<String>,
    pub customer_email: Option<String>,
    pub client_reference_id: Option<String>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub allow_promotion_codes: Option<bool>,
    pub subscription_data: Option<SubscriptionData>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Payment,
    Setup,
    Subscription,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineItem {
    pub price: String,
    pub quantity: u64,
}

/// What the subscription that a session makes begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SubscriptionData {
    pub trial_period_days: Option<u16>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckoutSession {
    pub id: String,
    /// Where to send the customer; absent once it is over.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub payment_status: Option<String>,
    #[serde(default)]
    pub customer: Option<Reference>,
    #[serde(default)]
    pub subscription: Option<Reference>,
    #[serde(default)]
    pub payment_intent: Option<Reference>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PortalSession {
    pub id: String,
    pub url: String,
}

#[derive(Serialize)]
struct NewPortalSession<'a> {
    customer: &'a str,
    return_url: &'a str,
}

impl StripeClient {
    pub async fn create_checkout_session(
        &self,
        key: &IdempotencyKey,
        fields: &NewCheckoutSession,
    ) -> Result<CheckoutSession, StripeError> {
        self.post(&["checkout", "sessions"], key, fields).await
    }

    pub async fn create_portal_session(
        &self,
        key: &IdempotencyKey,
        customer: &str,
        return_url: &str,
    ) -> Result<PortalSession, StripeError> {
        self.post(&["billing_portal", "sessions"], key, &NewPortalSession { customer, return_url }).await
    }
}
