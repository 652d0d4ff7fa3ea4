//! What can have happened to a customer's account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{CustomerId, InvoiceId, PaymentId, SubscriptionId};
use crate::invoice::Line;
use crate::invoice_totals::{Applied, CustomerBalance};
use crate::money::Currency;
use crate::sealed::Sealed;

/// Where credit came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditSource {
    /// A credit note that went to the balance.
    CreditNote { invoice: InvoiceId, note: String },
    /// A credit note that was taken back.
    VoidedNote { invoice: InvoiceId, note: String },
    /// More was paid than remained.
    Overpayment { invoice: InvoiceId },
    /// The invoice came to less than zero.
    NegativeInvoice { invoice: InvoiceId },
}

/// A line that waits for the customer's next invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingLine {
    /// Unique within the account; the same key is added once.
    pub key: String,
    pub currency: Currency,
    /// Billed with this subscription's next invoice; with any where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionId>,
    pub line: Line,
}

/// What the customer has in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceIn {
    pub currency: Currency,
    pub balance: CustomerBalance,
}

/// An account as known after an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSnapshot {
    /// By currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balances: Vec<BalanceIn>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<PendingLine>,
}

impl AccountSnapshot {
    pub fn balance(&self, currency: Currency) -> CustomerBalance {
        let known = self.balances.iter().find(|known| known.currency == currency);
        known.map_or_else(CustomerBalance::default, |known| known.balance)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEvent {
    /// Business time.
    pub at: Timestamp,
    pub customer: CustomerId,
    pub change: AccountChange,
    pub after: AccountSnapshot,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountChange {
    BalanceCredited {
        currency: Currency,
        amount_minor: i64,
        source: CreditSource,
    },
    BalanceBought {
        currency: Currency,
        amount_minor: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<PaymentId>,
    },
    /// What was bought went back with a refund of its payment; below zero that refund failed.
    PrepaidRefunded {
        currency: Currency,
        amount_minor: i64,
        payment: PaymentId,
        refund: String,
    },
    BalanceAdjusted {
        currency: Currency,
        amount_minor: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Sealed>,
    },
    BalanceUsed {
        currency: Currency,
        applied: Applied,
        invoice: InvoiceId,
    },
    BalanceReturned {
        currency: Currency,
        applied: Applied,
        invoice: InvoiceId,
    },
    LinesAdded {
        keys: Vec<String>,
    },
    LinesBilled {
        keys: Vec<String>,
        invoice: InvoiceId,
    },
    LineDropped {
        key: String,
    },
}
