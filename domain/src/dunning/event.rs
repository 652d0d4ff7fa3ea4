//! What can have happened in a dunning campaign.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::configuration::{Channel, Configuration, Offer, PlannedStep};
use super::wording::Wording;
use crate::absent::is_default;
use crate::id::{CampaignId, CustomerId, InvoiceId, PaymentMethodId, SubscriptionId};
use crate::invoice::FailedAttempt;
use crate::money::Currency;
use crate::origin::Origin;
use crate::sealed::Sealed;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignType {
    FailedPayment,
    CardExpiring,
}

impl CampaignType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FailedPayment => "failed_payment",
            Self::CardExpiring => "card_expiring",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignStatus {
    Active,
    /// The invoice was paid in full, by whatever means, or the card was replaced.
    Recovered,
    /// All steps were taken, or the invoice was written off, without success.
    Exhausted,
    /// The invoice was voided, or the campaign was stopped by hand.
    Canceled,
}

impl CampaignStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Recovered => "recovered",
            Self::Exhausted => "exhausted",
            Self::Canceled => "canceled",
        }
    }
}

/// One executed step or manual action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionTaken {
    /// The planned step's number from 1, `None` for a manual action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    pub action: Channel,
    pub executed_at: Timestamp,
    /// For a payment retry whether it collected, for a message whether it was handed over.
    pub success: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub wording: Wording,
}

/// A campaign as known after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignSnapshot {
    /// Who billed what it is about, and so who tries it again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub origin: Origin,
    pub kind: CampaignType,
    pub configuration: Configuration,
    pub status: CampaignStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethodId>,
    pub amount_at_risk_minor: i64,
    pub currency: Currency,
    pub opened_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Collected by the time it closed as recovered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub recovered_minor: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PlannedStep>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionTaken>,
    /// Failed collection attempts in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<FailedAttempt>,
}

impl CampaignSnapshot {
    /// The first planned step that was not executed, while the campaign is active.
    pub fn next_step(&self) -> Option<&PlannedStep> {
        if self.status != CampaignStatus::Active {
            return None;
        }
        let taken = |number: u32| self.actions.iter().any(|action| action.step == Some(number));
        self.steps.iter().find(|step| !taken(step.number))
    }

    /// By how many days the trial could go on, once a step has offered it.
    pub fn offered_trial_days(&self) -> Option<u16> {
        let taken = |step: &&PlannedStep| self.actions.iter().any(|action| action.step == Some(step.number));
        self.steps.iter().filter(taken).find_map(|step| match step.offer {
            Some(Offer::TrialExtension { trial_extension_days }) => Some(trial_extension_days),
            Some(Offer::Discount { .. }) | None => None,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningEvent {
    /// Business time.
    pub at: Timestamp,
    pub campaign: CampaignId,
    pub change: DunningChange,
    pub after: Box<CampaignSnapshot>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DunningChange {
    DunningOpened {},
    DunningAttemptFailed {
        attempt: FailedAttempt,
    },
    DunningActionTaken {
        action: ActionTaken,
    },
    /// The invoice's facts changed what the campaign was opened with: an earlier failure came to light, or another
    /// amount.
    DunningRevised {},
    DunningRecovered {},
    DunningExhausted {},
    DunningCanceled {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Sealed>,
    },
}
