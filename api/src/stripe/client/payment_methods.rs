//! Payment methods: what is charged. Card numbers never pass through here.

use serde::{Deserialize, Serialize};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::List;
use super::reference::Reference;
use super::{StripeClient, StripeError};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub customer: Option<Reference>,
    #[serde(default)]
    pub card: Option<Card>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Card {
    pub brand: String,
    pub last4: String,
    pub exp_month: u8,
    pub exp_year: u16,
    #[serde(default)]
    pub funding: Option<String>,
}

#[derive(Serialize)]
struct Attach<'a> {
    customer: &'a str,
}

#[derive(Serialize)]
struct Query<'a> {
    limit: u8,
    starting_after: Option<&'a str>,
}

impl StripeClient {
    pub async fn attach_payment_method(
        &self,
        key: &IdempotencyKey,
        id: &str,
        customer: &str,
    ) -> Result<PaymentMethod, StripeError> {
        self.post(&["payment_methods", id, "attach"], key, &Attach { customer }).await
    }

    pub async fn detach_payment_method(&self, key: &IdempotencyKey, id: &str) -> Result<PaymentMethod, StripeError> {
        self.post(&["payment_methods", id, "detach"], key, &Nothing {}).await
    }

    /// All that are attached to a customer.
    pub async fn payment_methods(&self, customer: &str) -> Result<Vec<PaymentMethod>, StripeError> {
        let mut found: Vec<PaymentMethod> = Vec::new();
        loop {
            let starting_after = found.last().map(|method| method.id.as_str());
            let path = ["customers", customer, "payment_methods"];
            let page: List<PaymentMethod> = self.get(&path, &Query { limit: 100, starting_after }).await?;
            let is_last = !page.has_more || page.data.is_empty();
            found.extend(page.data);
            if is_last {
                return Ok(found);
            }
        }
    }
}
