//! What is remembered of objects that belong together: an invoice with the payments made for it, a payment that is for
//! none, a payout, or a customer's account. Facts only; the entries follow from them anew each time (`derive`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::invoice_facts::InvoiceFacts;
use super::payment_facts::PaymentFacts;
use super::rules::Rules;
use crate::absent::is_default;
use crate::id::{CustomerId, InvoiceId, PaymentId, SubscriptionId};
use crate::money::Currency;
use crate::payout::{PayoutReport, PayoutStatus};

/// Which book it is; `invoice/in_…` and so on as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BookKey {
    Invoice(InvoiceId),
    Payment(PaymentId),
    Payout(String),
    Account(CustomerId),
    /// What was used of a subscription; nothing of it is remembered.
    Usage(SubscriptionId),
}

impl std::fmt::Display for BookKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invoice(id) => write!(f, "invoice/{id}"),
            Self::Payment(id) => write!(f, "payment/{id}"),
            Self::Payout(id) => write!(f, "payout/{id}"),
            Self::Account(id) => write!(f, "account/{id}"),
            Self::Usage(id) => write!(f, "usage/{id}"),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rules: Option<Rules>,
    /// Of a payment: the invoice in whose book it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) home: Option<InvoiceId>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) invoice: InvoiceFacts,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) payments: BTreeMap<PaymentId, PaymentFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) payout: Option<PayoutFacts>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) account: AccountFacts,
    /// How often an entry was posted that was not posted just once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) revisions: BTreeMap<String, u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PayoutFacts {
    pub currency: Currency,
    pub minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// When it came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AccountFacts {
    /// Postings that no payment tells apart.
    #[serde(default, skip_serializing_if = "is_default")]
    pub count: u32,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub bought_with: BTreeSet<PaymentId>,
}

impl Book {
    /// By which rules it is kept.
    pub fn rules(&self) -> Rules {
        self.rules.clone().unwrap_or_default()
    }

    /// Whether there is nothing to remember.
    pub fn is_empty(&self) -> bool {
        *self == Self { rules: self.rules.clone(), ..Self::default() }
    }
}

impl PayoutFacts {
    pub fn absorb(known: &mut Option<Self>, told_at: Timestamp, told: &PayoutReport) {
        let facts = known.get_or_insert(Self { currency: told.currency, minor: 0, paid_at: None, returned_at: None });
        facts.currency = told.currency;
        facts.minor = told.amount_minor;
        let moment = match told.status {
            PayoutStatus::Pending | PayoutStatus::InTransit => return,
            PayoutStatus::Paid => &mut facts.paid_at,
            PayoutStatus::Failed | PayoutStatus::Canceled => &mut facts.returned_at,
        };
        *moment = Some(moment.map_or(told_at, |at| at.min(told_at)));
    }
}
