//! What can have happened to a customer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::id::{CustomerId, PaymentMethodId};
use crate::money::Currency;
use crate::origin::Origin;
use crate::sealed::{BlindIndex, Sealed};
use crate::stamp::Stamp;

/// Who the customer is. Personal fields are ciphertext; country, currency and acquisition source stay clear because
/// figures are broken down by them (rule L10).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_index: Option<BlindIndex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Sealed>,
    /// A name given as one text, as Stripe does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Sealed>,
    /// The billing address as a JSON object, sealed whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Sealed>,
    /// ISO 3166 alpha-2, upper case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The caller's metadata as a JSON object, sealed whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquisition_source: Option<String>,
}

/// A customer as known after an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerSnapshot {
    #[serde(default, skip_serializing_if = "is_default")]
    pub profile: Profile,
    #[serde(default, skip_serializing_if = "is_default")]
    pub origin: Origin,
    /// When the customer came to be; `None` for one that was only ever mentioned by other objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_payment_method: Option<PaymentMethodId>,
    /// Customer balance in minor units of its currency; negative is credit in the customer's favour (Stripe's sign).
    #[serde(default, skip_serializing_if = "is_default")]
    pub balance_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub delinquent: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub deleted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethodKind {
    Card,
    BankAccount,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: PaymentMethodId,
    pub kind: PaymentMethodKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_month: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_year: Option<u16>,
    /// False once it was detached; a detached method cannot come back (Stripe).
    pub attached: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerEvent {
    /// Business time.
    pub at: Timestamp,
    pub customer: CustomerId,
    pub change: CustomerChange,
    /// The customer after the event; `None` where the event left it as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CustomerSnapshot>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CustomerChange {
    CustomerCreated {},
    /// Another object named a customer that nothing was known of.
    CustomerMentioned {},
    CustomerUpdated {},
    CustomerErased {},
    PaymentMethodAttached {
        method: PaymentMethod,
    },
    PaymentMethodDetached {
        method: PaymentMethod,
    },
    DefaultPaymentMethodChanged {},
    /// The processor reported the customer; `snapshot` is what it said where that is not what is now known.
    CustomerReported {
        stamp: Stamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot: Option<CustomerSnapshot>,
    },
    /// The processor reported a payment method; `current` is the method as now known.
    PaymentMethodReported {
        stamp: Stamp,
        method: PaymentMethod,
        current: PaymentMethod,
    },
    /// The processor reported when a card expires soon (`customer.source.expiring`).
    CardExpiryAnnounced {
        method: PaymentMethodId,
    },
}
