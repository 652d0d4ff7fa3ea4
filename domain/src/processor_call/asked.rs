//! What the processor can be asked to do. Each form is complete: the same words make the same request years later, and
//! whatever a person wrote in it is sealed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::catalogue::Coupon;
use crate::customer::Profile;
use crate::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId, SubscriptionId};
use crate::proration::ProrationBehavior;
use crate::sealed::{BlindIndex, Sealed};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Asked {
    /// Sealed with the call's own key, since the customer has no id before the processor gives it one.
    CreateCustomer {
        profile: Box<Profile>,
        /// To be attached, and charged by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<PaymentMethodId>,
    },
    UpdateCustomer {
        customer: CustomerId,
        /// What is set. Of the metadata, the names that were named.
        #[serde(default, skip_serializing_if = "is_default")]
        set: Box<Profile>,
        /// The fields that are emptied.
        #[serde(default, skip_serializing_if = "is_default")]
        cleared: Vec<ProfileField>,
        /// The addresses that are given back for a new one.
        #[serde(default, skip_serializing_if = "is_default")]
        former_emails: Vec<BlindIndex>,
    },
    AttachPaymentMethod {
        customer: CustomerId,
        method: PaymentMethodId,
        #[serde(default, skip_serializing_if = "is_default")]
        make_default: bool,
    },
    DetachPaymentMethod {
        customer: CustomerId,
        method: PaymentMethodId,
    },
    CreateSubscription(Box<AskedSubscription>),
    ChangeSubscription {
        subscription: SubscriptionId,
        /// What changes of the items; those that are not named stay.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<AskedItem>,
        #[serde(default, skip_serializing_if = "is_default")]
        behavior: ProrationBehavior,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proration_date: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<PaymentMethodId>,
    },
    /// A cancellation at the period's end is taken back.
    ReactivateSubscription {
        subscription: SubscriptionId,
    },
    /// The processor goes on renewing, and voids the invoices.
    PauseCollection {
        subscription: SubscriptionId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumes_at: Option<Timestamp>,
        /// The processor is not told it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Sealed>,
    },
    ResumeCollection {
        subscription: SubscriptionId,
    },
    /// Of one that the processor itself paused, when its trial ended without a payment method.
    ResumeSubscription {
        subscription: SubscriptionId,
        #[serde(default, skip_serializing_if = "is_default")]
        behavior: ProrationBehavior,
    },
    CancelSubscription {
        subscription: SubscriptionId,
        #[serde(default, skip_serializing_if = "is_default")]
        at_period_end: bool,
        #[serde(default, skip_serializing_if = "is_default")]
        prorate: bool,
    },
    RefundPayment {
        payment: PaymentId,
        /// `None` for all that is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount_minor: Option<i64>,
        /// A word of the processor's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    PayInvoice {
        invoice: InvoiceId,
        /// Instead of the one that was agreed on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<PaymentMethodId>,
    },
    /// The money came another way.
    SettleInvoice {
        invoice: InvoiceId,
    },
    VoidInvoice {
        invoice: InvoiceId,
    },
}

/// A field of a customer's that can be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    FirstName,
    LastName,
    Name,
    Phone,
    Company,
    Address,
    Currency,
}

/// A subscription that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedSubscription {
    pub customer: CustomerId,
    pub items: Vec<AskedItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethodId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_days: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Timestamp>,
    /// In the past; what lies between is billed too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// As it stood when it was redeemed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<Coupon>,
    /// The number of this redemption of a coupon that is limited, as it was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption: Option<String>,
    /// The payer is sent invoices instead of being charged.
    #[serde(default, skip_serializing_if = "is_default")]
    pub send_invoice: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_until_due: Option<u16>,
    /// The caller's metadata as a JSON object, sealed whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Sealed>,
}

/// An item to add, to change or to take away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedItem {
    /// The processor's own; `None` for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// By which the price is found; `None` where it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub removed: bool,
}
