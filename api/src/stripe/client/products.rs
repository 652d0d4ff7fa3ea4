//! Products: what is sold, under an id of our own.

use serde::{Deserialize, Serialize};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::Metadata;
use super::{StripeClient, StripeError};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewProduct {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Product {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub active: bool,
    #[serde(default)]
    pub metadata: Metadata,
}

impl StripeClient {
    pub async fn create_product(&self, key: &IdempotencyKey, fields: &NewProduct) -> Result<Product, StripeError> {
        self.post(&["products"], key, fields).await
    }

    pub async fn product(&self, id: &str) -> Result<Product, StripeError> {
        self.get(&["products", id], &Nothing {}).await
    }
}
