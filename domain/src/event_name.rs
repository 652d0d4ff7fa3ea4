//! The name under which each change is stored in the log's `event_type` column. Names are for ever.

use crate::account::AccountChange;
use crate::catalogue_entry::CatalogueEntryChange;
use crate::customer::CustomerChange;
use crate::dunning::DunningChange;
use crate::invoice::InvoiceChange;
use crate::payment::PaymentChange;
use crate::payout::PayoutChange;
use crate::processor_call::ProcessorCallChange;
use crate::sandbox::SandboxChange;
use crate::stripe_event::StripeEventChange;
use crate::subscription::SubscriptionChange;
use crate::tenant_settings::TenantSettingsChange;
use crate::usage::UsageChange;

impl CustomerChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::CustomerCreated { .. } => "CustomerCreated",
            Self::CustomerMentioned { .. } => "CustomerMentioned",
            Self::CustomerUpdated { .. } => "CustomerUpdated",
            Self::CustomerErased { .. } => "CustomerErased",
            Self::PaymentMethodAttached { .. } => "PaymentMethodAttached",
            Self::PaymentMethodDetached { .. } => "PaymentMethodDetached",
            Self::DefaultPaymentMethodChanged { .. } => "DefaultPaymentMethodChanged",
            Self::CustomerReported { .. } => "CustomerReported",
            Self::PaymentMethodReported { .. } => "PaymentMethodReported",
            Self::CardExpiryAnnounced { .. } => "CardExpiryAnnounced",
        }
    }
}

impl SubscriptionChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::SubscriptionCreated { .. } => "SubscriptionCreated",
            Self::SubscriptionActivated { .. } => "SubscriptionActivated",
            Self::SubscriptionRenewed { .. } => "SubscriptionRenewed",
            Self::SubscriptionTrialExtended { .. } => "SubscriptionTrialExtended",
            Self::SubscriptionItemsChanged { .. } => "SubscriptionItemsChanged",
            Self::SubscriptionChangeScheduled { .. } => "SubscriptionChangeScheduled",
            Self::SubscriptionChangeWithdrawn { .. } => "SubscriptionChangeWithdrawn",
            Self::SubscriptionPaymentMethodChanged { .. } => "SubscriptionPaymentMethodChanged",
            Self::SubscriptionMetadataChanged { .. } => "SubscriptionMetadataChanged",
            Self::SubscriptionCycleMoved { .. } => "SubscriptionCycleMoved",
            Self::SubscriptionTrialEndAnnounced { .. } => "SubscriptionTrialEndAnnounced",
            Self::SubscriptionBilled { .. } => "SubscriptionBilled",
            Self::SubscriptionDiscountApplied { .. } => "SubscriptionDiscountApplied",
            Self::SubscriptionDiscountEnded { .. } => "SubscriptionDiscountEnded",
            Self::SubscriptionCancellationScheduled { .. } => "SubscriptionCancellationScheduled",
            Self::SubscriptionCancellationWithdrawn { .. } => "SubscriptionCancellationWithdrawn",
            Self::SubscriptionCanceled { .. } => "SubscriptionCanceled",
            Self::SubscriptionPaused { .. } => "SubscriptionPaused",
            Self::SubscriptionResumed { .. } => "SubscriptionResumed",
            Self::SubscriptionCollectionPaused { .. } => "SubscriptionCollectionPaused",
            Self::SubscriptionCollectionResumed { .. } => "SubscriptionCollectionResumed",
            Self::SubscriptionPastDue { .. } => "SubscriptionPastDue",
            Self::SubscriptionArrearsSettled { .. } => "SubscriptionArrearsSettled",
            Self::SubscriptionUnpaid { .. } => "SubscriptionUnpaid",
            Self::SubscriptionExpiredIncomplete { .. } => "SubscriptionExpiredIncomplete",
            Self::SubscriptionReported { .. } => "SubscriptionReported",
        }
    }
}

impl InvoiceChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvoiceDrafted { .. } => "InvoiceDrafted",
            Self::InvoiceFinalized { .. } => "InvoiceFinalized",
            Self::InvoiceSent { .. } => "InvoiceSent",
            Self::InvoicePaid { .. } => "InvoicePaid",
            Self::InvoicePaymentFailed { .. } => "InvoicePaymentFailed",
            Self::InvoicePartiallyPaid { .. } => "InvoicePartiallyPaid",
            Self::InvoiceBalanceApplied { .. } => "InvoiceBalanceApplied",
            Self::InvoiceCreditNoteIssued { .. } => "InvoiceCreditNoteIssued",
            Self::InvoiceCreditNoteVoided { .. } => "InvoiceCreditNoteVoided",
            Self::InvoiceCreditNoteReported { .. } => "InvoiceCreditNoteReported",
            Self::InvoiceReminded { .. } => "InvoiceReminded",
            Self::InvoiceOverdue { .. } => "InvoiceOverdue",
            Self::InvoiceVoided { .. } => "InvoiceVoided",
            Self::InvoiceMarkedUncollectible { .. } => "InvoiceMarkedUncollectible",
            Self::InvoiceDeleted { .. } => "InvoiceDeleted",
            Self::InvoiceReported { .. } => "InvoiceReported",
            Self::InvoicePaymentLinked { .. } => "InvoicePaymentLinked",
        }
    }
}

impl PaymentChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::ChargeReported { .. } => "ChargeReported",
            Self::IntentReported { .. } => "IntentReported",
            Self::RefundReported { .. } => "RefundReported",
            Self::DisputeReported { .. } => "DisputeReported",
            Self::PaymentSucceeded { .. } => "PaymentSucceeded",
            Self::PaymentDeclined { .. } => "PaymentDeclined",
            Self::PaymentRefunded { .. } => "PaymentRefunded",
            Self::PaymentPending { .. } => "PaymentPending",
            Self::PaymentRefundSettled { .. } => "PaymentRefundSettled",
            Self::PaymentDisputed { .. } => "PaymentDisputed",
        }
    }
}

impl DunningChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::DunningOpened { .. } => "DunningOpened",
            Self::DunningAttemptFailed { .. } => "DunningAttemptFailed",
            Self::DunningActionTaken { .. } => "DunningActionTaken",
            Self::DunningRevised { .. } => "DunningRevised",
            Self::DunningRecovered { .. } => "DunningRecovered",
            Self::DunningExhausted { .. } => "DunningExhausted",
            Self::DunningCanceled { .. } => "DunningCanceled",
        }
    }
}

impl StripeEventChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::StripeEventReceived(_) => "StripeEventReceived",
            Self::StripeEventConflicted(_) => "StripeEventConflicted",
            Self::StripeEventRetryRequested { .. } => "StripeEventRetryRequested",
            Self::StripeEventProcessed { .. } => "StripeEventProcessed",
        }
    }
}

impl CatalogueEntryChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::PlanPublished { .. } => "PlanPublished",
            Self::CouponPublished { .. } => "CouponPublished",
            Self::TaxRatePublished { .. } => "TaxRatePublished",
        }
    }
}

impl TenantSettingsChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::TenantSettingsLoaded {} => "TenantSettingsLoaded",
            Self::TenantSettingsChanged {} => "TenantSettingsChanged",
        }
    }
}

impl AccountChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::BalanceCredited { .. } => "BalanceCredited",
            Self::BalanceBought { .. } => "BalanceBought",
            Self::PrepaidRefunded { .. } => "PrepaidRefunded",
            Self::BalanceAdjusted { .. } => "BalanceAdjusted",
            Self::BalanceUsed { .. } => "BalanceUsed",
            Self::BalanceReturned { .. } => "BalanceReturned",
            Self::LinesAdded { .. } => "LinesAdded",
            Self::LinesBilled { .. } => "LinesBilled",
            Self::LineDropped { .. } => "LineDropped",
        }
    }
}

impl UsageChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::UsageRecorded { .. } => "UsageRecorded",
            Self::UsageBilled { .. } => "UsageBilled",
            Self::UsageDropped { .. } => "UsageDropped",
        }
    }
}

impl SandboxChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::SandboxClockSet { .. } => "SandboxClockSet",
            Self::SandboxOutcomesScripted { .. } => "SandboxOutcomesScripted",
            Self::SandboxOutcomeUsed { .. } => "SandboxOutcomeUsed",
        }
    }
}

impl ProcessorCallChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::ProcessorCallRequested { .. } => "ProcessorCallRequested",
            Self::ProcessorCallAnswered { .. } => "ProcessorCallAnswered",
        }
    }
}

impl PayoutChange {
    pub fn name(&self) -> &'static str {
        match self {
            Self::PayoutReported { .. } => "PayoutReported",
        }
    }
}
