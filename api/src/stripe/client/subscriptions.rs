//! Subscriptions as Stripe bills them.

use domain::time::Period;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::second::optional as seconds;
use serde::{Deserialize, Serialize};

use super::form::Nothing;
use super::key::IdempotencyKey;
use super::list::{List, Metadata};
use super::reference::Reference;
use super::{StripeClient, StripeError};

/// Cards do not go through here, so a first payment that wants its owner leaves the subscription incomplete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NewSubscription {
    pub customer: String,
    pub items: Vec<SubscriptionItemFields>,
    pub default_payment_method: Option<String>,
    pub collection_method: Option<String>,
    pub days_until_due: Option<u32>,
    pub payment_behavior: Option<String>,
    pub proration_behavior: Option<String>,
    #[serde(serialize_with = "seconds::serialize")]
    pub billing_cycle_anchor: Option<Timestamp>,
    #[serde(serialize_with = "seconds::serialize")]
    pub backdate_start_date: Option<Timestamp>,
    #[serde(serialize_with = "seconds::serialize")]
    pub trial_end: Option<Timestamp>,
    pub trial_period_days: Option<u16>,
    pub discounts: Option<Vec<NewDiscount>>,
    pub off_session: Option<bool>,
    pub metadata: Metadata,
    /// What of the answer is wanted whole.
    pub expand: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewDiscount {
    pub coupon: String,
}

/// An item to add, to change (`id`) or to take away (`deleted`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SubscriptionItemFields {
    pub id: Option<String>,
    pub price: Option<String>,
    pub quantity: Option<u64>,
    pub deleted: Option<bool>,
}

/// What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SubscriptionChange {
    /// `None` leaves the items alone.
    pub items: Option<Vec<SubscriptionItemFields>>,
    pub default_payment_method: Option<String>,
    pub cancel_at_period_end: Option<bool>,
    #[serde(serialize_with = "seconds::serialize")]
    pub cancel_at: Option<Timestamp>,
    #[serde(serialize_with = "seconds::serialize")]
    pub trial_end: Option<Timestamp>,
    pub billing_cycle_anchor: Option<String>,
    pub payment_behavior: Option<String>,
    pub proration_behavior: Option<String>,
    #[serde(serialize_with = "seconds::serialize")]
    pub proration_date: Option<Timestamp>,
    pub pause_collection: Option<PauseCollection>,
    pub metadata: Metadata,
    pub expand: Option<Vec<String>>,
}

/// `Stop` ends a pause; Stripe wants an empty text for that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PauseCollection {
    Start {
        behavior: String,
        #[serde(serialize_with = "seconds::serialize")]
        resumes_at: Option<Timestamp>,
    },
    #[serde(serialize_with = "empty")]
    Stop,
}

fn empty<S: serde::Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("")
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CancelSubscription {
    pub invoice_now: bool,
    pub prorate: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    pub id: String,
    pub status: SubscriptionStatus,
    pub customer: Reference,
    #[serde(default)]
    pub items: List<SubscriptionItem>,
    #[serde(default)]
    pub latest_invoice: Option<Reference>,
    #[serde(default)]
    pub default_payment_method: Option<Reference>,
    #[serde(default)]
    pub cancel_at_period_end: bool,
    #[serde(default, with = "seconds")]
    pub cancel_at: Option<Timestamp>,
    #[serde(default, with = "seconds")]
    pub canceled_at: Option<Timestamp>,
    #[serde(default, with = "seconds")]
    pub trial_end: Option<Timestamp>,
    #[serde(default)]
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Paused,
    Canceled,
    /// A status that Stripe added since.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SubscriptionItem {
    pub id: String,
    pub price: Reference,
    #[serde(default)]
    pub quantity: Option<u64>,
    #[serde(with = "jiff::fmt::serde::timestamp::second::required")]
    pub current_period_start: Timestamp,
    #[serde(with = "jiff::fmt::serde::timestamp::second::required")]
    pub current_period_end: Timestamp,
}

impl Subscription {
    /// From the earliest start to the latest end of its items, which each have a period since 2025.
    pub fn current_period(&self) -> Option<Period> {
        let start = self.items.data.iter().map(|item| item.current_period_start).min()?;
        let end = self.items.data.iter().map(|item| item.current_period_end).max()?;
        Some(Period { start, end })
    }
}

impl StripeClient {
    pub async fn create_subscription(
        &self,
        key: &IdempotencyKey,
        fields: &NewSubscription,
    ) -> Result<Subscription, StripeError> {
        self.post(&["subscriptions"], key, fields).await
    }

    pub async fn update_subscription(
        &self,
        key: &IdempotencyKey,
        id: &str,
        change: &SubscriptionChange,
    ) -> Result<Subscription, StripeError> {
        self.post(&["subscriptions", id], key, change).await
    }

    /// Cancels now. One that is canceled already, such as by a try whose answer was lost, is a success.
    pub async fn cancel_subscription(&self, id: &str, how: &CancelSubscription) -> Result<Subscription, StripeError> {
        let canceled = self.delete(&["subscriptions", id], how).await;
        match canceled {
            Err(error) if error.is_missing() => {
                let found = self.subscription(id).await.ok();
                found.filter(|found| found.status == SubscriptionStatus::Canceled).ok_or(error)
            }
            outcome => outcome,
        }
    }

    /// Ends Stripe's own pause, that of a trial without a payment method.
    pub async fn resume_subscription(&self, key: &IdempotencyKey, id: &str) -> Result<Subscription, StripeError> {
        self.post(&["subscriptions", id, "resume"], key, &Nothing {}).await
    }

    pub async fn subscription(&self, id: &str) -> Result<Subscription, StripeError> {
        self.get(&["subscriptions", id], &Nothing {}).await
    }
}
