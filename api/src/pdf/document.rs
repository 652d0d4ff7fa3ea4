//! What stands on an invoice or credit note? Facts as the ledger has them, chosen and calculated by the caller; amounts are
//! minor units of the document's one currency. Nothing here is checked or calculated.

use domain::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Empty texts, absent fields and, below the total, amounts of zero are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceDocument {
    pub kind: DocumentKind,
    pub number: String,
    /// The invoice that a credit note is about.
    pub corrects: Option<String>,
    pub status: Option<DocumentStatus>,
    pub seller: Party,
    pub customer: Party,
    pub issue_date: Date,
    pub due_date: Option<Date>,
    /// What the document as a whole bills.
    pub period: Option<DateSpan>,
    pub currency: Currency,
    pub lines: Vec<DocumentLine>,
    pub totals: DocumentTotals,
    /// May have several paragraphs.
    pub notes: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    Invoice,
    CreditNote,
}

impl DocumentKind {
    pub fn title(self) -> &'static str {
        match self {
            Self::Invoice => "Invoice",
            Self::CreditNote => "Credit note",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStatus {
    Paid,
    Open,
    Void,
    Uncollectible,
}

impl DocumentStatus {
    pub fn word(self) -> &'static str {
        match self {
            Self::Paid => "PAID",
            Self::Open => "OPEN",
            Self::Void => "VOID",
            Self::Uncollectible => "UNCOLLECTIBLE",
        }
    }
}

/// Who sells or buys: a name, and lines such as address, tax number and e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    pub name: String,
    pub lines: Vec<String>,
}

/// Two local dates, printed as they are: `1 Jan 2024 – 1 Feb 2024`. A billing period ends as its end date begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateSpan {
    pub start: Date,
    pub end: Date,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLine {
    pub description: String,
    pub period: Option<DateSpan>,
    pub quantity: Option<u64>,
    /// May be a fraction of the smallest unit, as prices of usage are; printed with all its places.
    pub unit_minor: Option<Decimal>,
    pub amount_minor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTotals {
    pub subtotal_minor: i64,
    pub discounts: Vec<DocumentDiscount>,
    pub taxes: Vec<DocumentTax>,
    pub total_minor: i64,
    /// What the customer's balance paid; below zero for what was added to it.
    pub applied_balance_minor: i64,
    /// What credit notes took off.
    pub credited_minor: i64,
    pub amount_paid_minor: i64,
    /// What remains to be paid; absent where nothing ever was, as on a credit note.
    pub amount_due_minor: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentDiscount {
    pub coupon: String,
    /// Above zero; printed as a deduction.
    pub amount_minor: i64,
}

/// The tax of one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTax {
    pub name: String,
    pub percent: Decimal,
    pub base_minor: i64,
    pub amount_minor: i64,
    /// In the prices, and so in the total, already.
    pub inclusive: bool,
}
