//! What can have happened to an invoice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::FailedAttempt;
use crate::absent::is_default;
use crate::credit_note::CreditNote;
use crate::id::{CustomerId, InvoiceId, PaymentId, PlanId, SubscriptionId};
use crate::invoice_totals::LineTax;
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::Interval;
use crate::sealed::Sealed;
use crate::stamp::Stamp;
use crate::time::Period;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
    /// A draft that was deleted.
    Deleted,
}

impl InvoiceStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Uncollectible => "uncollectible",
            Self::Void => "void",
            Self::Deleted => "deleted",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Draft, Self::Open, Self::Paid, Self::Uncollectible, Self::Void, Self::Deleted]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// One line of an invoice. Amounts are in minor units of the invoice's currency, before discount and exclusive tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the catalogue or the processor calls it; empty where a person wrote the text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What a person wrote for this line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Sealed>,
    pub quantity: u64,
    pub amount_minor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub proration: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// The subscription item that it charges for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// For what was used, in arrears.
    #[serde(default, skip_serializing_if = "is_default")]
    pub usage: bool,
    /// What of it was earned as it was used, before it was invoiced.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accrued_minor: i64,
    /// Its share of the invoice's discounts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub discount_minor: i64,
    /// Its tax at its rate; on top of the amount or in it, as the rate says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<LineTax>,
    /// The line, of this or another invoice, that it gives a part back of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<String>,
}

/// What one coupon took off an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponShare {
    pub coupon: String,
    pub amount_minor: i64,
}

/// A credit note as it was issued (billing.md §3.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedNote {
    /// `cn_…`.
    pub id: String,
    /// From the tenant's counter of credit notes, without gaps.
    pub number: String,
    pub issued_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Sealed>,
    /// The refund that paid back its refunded part, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<Timestamp>,
    pub note: CreditNote,
}

/// A credit note of the processor, as it reported it: what it took off what was due, and how what was paid went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedNote {
    /// `cn_…`.
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub currency: Currency,
    pub issued_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<Timestamp>,
    /// Of all that it comes to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tax_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub before_payment_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub refund_minor: i64,
    /// The first of its refunds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub to_balance_minor: i64,
    /// Given back without the processor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub out_of_band_minor: i64,
}

/// An invoice as known after an event. All amounts are in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceSnapshot {
    #[serde(default, skip_serializing_if = "is_default")]
    pub origin: Origin,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionId>,
    pub status: InvoiceStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub currency: Currency,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    pub subtotal_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub discount_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub tax_minor: i64,
    pub total_minor: i64,
    pub amount_due_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub amount_paid_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub amount_remaining_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub attempt_count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finalized_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// When it was voided or marked uncollectible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentId>,
    /// Whoever has one of these addresses sees the invoice and who it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_url: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf_url: Option<Sealed>,
    /// What of the customer's balance it used; below zero where its total was, and became credit.
    #[serde(default, skip_serializing_if = "is_default")]
    pub applied_credit_minor: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub applied_prepaid_minor: i64,
    /// Taken off what is due by credit notes before it was paid.
    #[serde(default, skip_serializing_if = "is_default")]
    pub credited_before_payment_minor: i64,
    /// What each coupon took off, in the order in which they were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<CouponShare>,
    /// The credit notes issued on it, those that were voided included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<IssuedNote>,
    /// The customer pays it by themselves until it is due; nothing is charged.
    #[serde(default, skip_serializing_if = "is_default")]
    pub send_invoice: bool,
    /// It was not paid when it was due.
    #[serde(default, skip_serializing_if = "is_default")]
    pub overdue: bool,
    /// The processor has more lines of it than these; the figures are of all of them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub more_lines: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceEvent {
    /// Business time.
    pub at: Timestamp,
    pub invoice: InvoiceId,
    pub change: InvoiceChange,
    /// The invoice after the event; `None` where the event left it as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<InvoiceSnapshot>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvoiceChange {
    InvoiceDrafted {},
    InvoiceFinalized {},
    InvoiceSent {},
    InvoicePaid {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<PaymentId>,
        #[serde(default, skip_serializing_if = "is_default")]
        out_of_band: bool,
        /// What was received now; absent where the invoice came to nothing or an older event did not say.
        #[serde(default, skip_serializing_if = "is_default")]
        received_minor: i64,
        /// Received beyond what remained; it became credit of the customer.
        #[serde(default, skip_serializing_if = "is_default")]
        excess_minor: i64,
    },
    /// A part of what remained was received.
    InvoicePartiallyPaid {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<PaymentId>,
        #[serde(default, skip_serializing_if = "is_default")]
        out_of_band: bool,
        received_minor: i64,
    },
    /// More of the customer's balance was applied to it.
    InvoiceBalanceApplied {
        #[serde(default, skip_serializing_if = "is_default")]
        credit_minor: i64,
        #[serde(default, skip_serializing_if = "is_default")]
        prepaid_minor: i64,
    },
    InvoiceCreditNoteIssued {
        note: IssuedNote,
    },
    InvoiceCreditNoteVoided {
        id: String,
    },
    /// The processor reported a credit note on it.
    InvoiceCreditNoteReported {
        stamp: Stamp,
        note: ReportedNote,
    },
    /// The customer was reminded of it.
    InvoiceReminded {},
    /// Its due date has passed.
    InvoiceOverdue {},
    InvoicePaymentFailed {
        attempt: FailedAttempt,
    },
    InvoiceVoided {},
    InvoiceMarkedUncollectible {},
    InvoiceDeleted {},
    /// The processor reported the invoice; `snapshot` is what it said where that is not what is now known, `attempt`
    /// the collection attempt whose failure it reports.
    InvoiceReported {
        stamp: Stamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot: Option<Box<InvoiceSnapshot>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<FailedAttempt>,
    },
    /// A payment was joined to the invoice (Stripe's `invoice_payment.paid`).
    InvoicePaymentLinked {
        payment: PaymentId,
        amount_minor: i64,
    },
}
