//! Invoices as Stripe keeps them: read, finalized, paid, voided.

use domain::money::Currency;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::Metadata;
use super::reference::Reference;
use super::{StripeClient, StripeError};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PayInvoice {
    /// Instead of the default one.
    pub payment_method: Option<String>,
    pub off_session: Option<bool>,
    /// Marks it paid without a charge.
    pub paid_out_of_band: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Invoice {
    pub id: String,
    pub status: InvoiceStatus,
    #[serde(default)]
    pub customer: Option<Reference>,
    #[serde(default)]
    pub number: Option<String>,
    pub currency: Currency,
    #[serde(rename = "total")]
    pub total_minor: i64,
    #[serde(rename = "amount_due")]
    pub amount_due_minor: i64,
    #[serde(rename = "amount_paid")]
    pub amount_paid_minor: i64,
    #[serde(rename = "amount_remaining")]
    pub amount_remaining_minor: i64,
    #[serde(default)]
    pub attempt_count: u32,
    #[serde(default, with = "jiff::fmt::serde::timestamp::second::optional")]
    pub next_payment_attempt: Option<Timestamp>,
    #[serde(default)]
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Void,
    Uncollectible,
    /// A status that Stripe added since.
    #[serde(other)]
    Unknown,
}

#[derive(Serialize)]
struct Finalize {
    auto_advance: bool,
}

impl StripeClient {
    pub async fn invoice(&self, id: &str) -> Result<Invoice, StripeError> {
        self.get(&["invoices", id], &Nothing {}).await
    }

    /// `auto_advance` leaves collecting it to Stripe.
    pub async fn finalize_invoice(
        &self,
        key: &IdempotencyKey,
        id: &str,
        auto_advance: bool,
    ) -> Result<Invoice, StripeError> {
        self.post(&["invoices", id, "finalize"], key, &Finalize { auto_advance }).await
    }

    /// Charges it once: a decline is an error with its code.
    pub async fn pay_invoice(&self, key: &IdempotencyKey, id: &str, how: &PayInvoice) -> Result<Invoice, StripeError> {
        self.post(&["invoices", id, "pay"], key, how).await
    }

    pub async fn void_invoice(&self, key: &IdempotencyKey, id: &str) -> Result<Invoice, StripeError> {
        self.post(&["invoices", id, "void"], key, &Nothing {}).await
    }
}
