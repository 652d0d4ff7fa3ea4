//! Customers: who is billed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::Metadata;
use super::reference::Reference;
use super::{StripeClient, StripeError};

/// What is given of a customer; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CustomerFields {
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub description: Option<String>,
    /// By Stripe's names of its lines; an empty one is emptied.
    pub address: BTreeMap<String, String>,
    /// The payment method to attach and charge by default.
    pub payment_method: Option<String>,
    pub invoice_settings: Option<InvoiceSettings>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct InvoiceSettings {
    pub default_payment_method: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Customer {
    pub id: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    /// In minor units; what the customer owes is positive, credit negative.
    #[serde(default, rename = "balance")]
    pub balance_minor: i64,
    #[serde(default)]
    pub default_source: Option<Reference>,
    #[serde(default)]
    pub metadata: Metadata,
}

impl StripeClient {
    pub async fn create_customer(
        &self,
        key: &IdempotencyKey,
        fields: &CustomerFields,
    ) -> Result<Customer, StripeError> {
        self.post(&["customers"], key, fields).await
    }

    pub async fn update_customer(
        &self,
        key: &IdempotencyKey,
        id: &str,
        fields: &CustomerFields,
    ) -> Result<Customer, StripeError> {
        self.post(&["customers", id], key, fields).await
    }

    pub async fn customer(&self, id: &str) -> Result<Customer, StripeError> {
        self.get(&["customers", id], &Nothing {}).await
    }
}
