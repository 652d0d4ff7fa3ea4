//! What can be asked of a dunning campaign, and the facts that open and close one.

use jiff::Timestamp;

use super::configuration::{Channel, Configuration};
use super::wording::Wording;
use crate::id::{CampaignId, CustomerId, InvoiceId, PaymentMethodId, SubscriptionId};
use crate::invoice::FailedAttempt;
use crate::money::Currency;
use crate::origin::Origin;
use crate::sealed::Sealed;

/// How the invoice's fate settles its campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementOutcome {
    Paid,
    Voided,
    Uncollectible,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    pub at: Timestamp,
    pub outcome: SettlementOutcome,
    pub amount_minor: i64,
}

/// All that is known of one invoice's collection, read from the invoice and not from the order its events came in,
/// so that any order ends in the same campaign.
#[derive(Debug, Clone)]
pub struct CaseFacts {
    pub customer: Option<CustomerId>,
    pub subscription: Option<SubscriptionId>,
    pub invoice: InvoiceId,
    /// Who billed it, and so who tries it again.
    pub origin: Origin,
    pub amount_at_risk_minor: i64,
    pub currency: Currency,
    pub configuration: Configuration,
    /// In any order; at least one, else there is no case.
    pub failures: Vec<FailedAttempt>,
    pub settlement: Option<Settlement>,
}

#[derive(Debug, Clone)]
pub enum DunningCommand {
    // Intents: may be refused.
    /// Executes the next planned step (the scheduler), or an action by hand where `step` is `None`.
    TakeAction {
        step: Option<u32>,
        action: Channel,
        success: bool,
        wording: Wording,
    },
    /// An action by hand that waits for its time; it is taken as a step among the planned ones.
    PlanAction {
        at: Timestamp,
        action: Channel,
        wording: Wording,
    },
    Cancel {
        reason: Option<Sealed>,
    },
    // Facts: recorded, never refused.
    /// Brings the campaign in line with its invoice; opens it where there is a failure and no campaign yet.
    Reconcile {
        id: CampaignId,
        facts: Box<CaseFacts>,
    },
    /// A card is about to expire.
    OpenForCard {
        id: CampaignId,
        at: Timestamp,
        customer: CustomerId,
        method: PaymentMethodId,
        origin: Origin,
        amount_at_risk_minor: i64,
        currency: Currency,
    },
    /// The card was replaced or renewed.
    CardReplaced {
        at: Timestamp,
    },
    /// No step is left and nothing was collected.
    Exhaust {
        at: Timestamp,
    },
}
