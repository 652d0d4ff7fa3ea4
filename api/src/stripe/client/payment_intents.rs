//! Payment intents: one intention to be paid, charged when it is confirmed.

use domain::money::Currency;
use serde::{Deserialize, Serialize};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::{List, Metadata};
use super::reference::Reference;
use super::{StripeClient, StripeError, wire};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewPaymentIntent {
    #[serde(rename = "amount")]
    pub amount_minor: i64,
    #[serde(serialize_with = "wire::currency")]
    pub currency: Currency,
    pub customer: Option<String>,
    pub payment_method: Option<String>,
    /// Charges it in the same request.
    pub confirm: bool,
    /// Nobody is there to authenticate.
    pub off_session: Option<bool>,
    pub description: Option<String>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    pub status: PaymentIntentStatus,
    #[serde(rename = "amount")]
    pub amount_minor: i64,
    #[serde(default, rename = "amount_received")]
    pub amount_received_minor: i64,
    pub currency: Currency,
    #[serde(default)]
    pub customer: Option<Reference>,
    #[serde(default)]
    pub payment_method: Option<Reference>,
    #[serde(default)]
    pub latest_charge: Option<Reference>,
    #[serde(default)]
    pub last_payment_error: Option<LastError>,
    #[serde(default)]
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentIntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
    /// A status that Stripe added since.
    #[serde(other)]
    Unknown,
}

/// Why the last charge was refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LastError {
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub decline_code: Option<String>,
}

/// Methods that would lead the customer away to another page cannot be used here.
#[derive(Serialize)]
struct Create<'a> {
    #[serde(flatten)]
    fields: &'a NewPaymentIntent,
    automatic_payment_methods: Automatic,
}

#[derive(Serialize)]
struct Automatic {
    enabled: bool,
    allow_redirects: &'static str,
}

#[derive(Serialize)]
struct Confirm<'a> {
    payment_method: Option<&'a str>,
    off_session: Option<bool>,
}

#[derive(Serialize)]
struct Query<'a> {
    customer: &'a str,
    limit: u8,
}

impl StripeClient {
    /// Creates and, where `confirm` says so, charges. A decline is an error with its code and the intent's id.
    pub async fn create_payment_intent(
        &self,
        key: &IdempotencyKey,
        fields: &NewPaymentIntent,
    ) -> Result<PaymentIntent, StripeError> {
        let automatic_payment_methods = Automatic { enabled: true, allow_redirects: "never" };
        self.post(&["payment_intents"], key, &Create { fields, automatic_payment_methods }).await
    }

    /// Charges one that was created before, such as with another payment method.
    pub async fn confirm_payment_intent(
        &self,
        key: &IdempotencyKey,
        id: &str,
        payment_method: Option<&str>,
    ) -> Result<PaymentIntent, StripeError> {
        let fields = Confirm { payment_method, off_session: Some(true) };
        self.post(&["payment_intents", id, "confirm"], key, &fields).await
    }

    pub async fn payment_intent(&self, id: &str) -> Result<PaymentIntent, StripeError> {
        self.get(&["payment_intents", id], &Nothing {}).await
    }

    /// The newest hundred of a customer. An attempt whose outcome stays unknown is found here by its metadata.
    pub async fn payment_intents(&self, customer: &str) -> Result<Vec<PaymentIntent>, StripeError> {
        let page: List<PaymentIntent> = self.get(&["payment_intents"], &Query { customer, limit: 100 }).await?;
        Ok(page.data)
    }
}
