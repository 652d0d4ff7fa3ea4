//! An invoice's money as the arithmetic of `invoice_totals` sees it, and back: the snapshot stores what people read, and
//! every change of an amount goes through the type that keeps the identities (decision B5).

use super::event::{CouponShare, InvoiceSnapshot, Line};
use crate::credit_note::CreditNote;
use crate::discount::DiscountPart;
use crate::invoice_totals::{Applied, InvoiceTotals, LineTotals, Parts};
use crate::refusal::Refusal;

impl InvoiceSnapshot {
    /// The invoice's money. An invoice that the processor made may contradict itself and is refused.
    pub fn totals(&self) -> Result<InvoiceTotals, Refusal> {
        InvoiceTotals::of_parts(Parts {
            currency: self.currency,
            lines: self.lines.iter().map(Line::totals).collect(),
            applied: self.applied(),
            credited_before_payment_minor: self.credited_before_payment_minor,
            amount_paid_minor: self.amount_paid_minor,
        })
    }

    pub fn applied(&self) -> Applied {
        Applied { credit_minor: self.applied_credit_minor, prepaid_minor: self.applied_prepaid_minor }
    }

    /// The credit notes that stand.
    pub fn standing_notes(&self) -> Vec<CreditNote> {
        self.notes.iter().filter(|issued| issued.voided_at.is_none()).map(|issued| issued.note.clone()).collect()
    }

    /// Whether anything here was worked out by our own billing, line by line.
    pub(super) fn has_shares(&self) -> bool {
        self.lines.iter().any(|line| line.tax.is_some() || line.discount_minor != 0)
            || self.applied() != Applied::default()
            || self.credited_before_payment_minor != 0
    }

    /// With these figures.
    #[must_use]
    pub fn with_totals(self, totals: &InvoiceTotals) -> Self {
        let (figures, applied) = (totals.figures(), totals.applied());
        Self {
            subtotal_minor: figures.subtotal_minor,
            discount_minor: figures.discount_minor,
            tax_minor: figures.exclusive_tax_minor,
            total_minor: figures.total_minor,
            amount_due_minor: figures.amount_due_minor,
            amount_paid_minor: figures.amount_paid_minor,
            amount_remaining_minor: figures.amount_remaining_minor,
            applied_credit_minor: applied.credit_minor,
            applied_prepaid_minor: applied.prepaid_minor,
            credited_before_payment_minor: figures.credited_before_payment_minor,
            ..self
        }
    }
}

impl Line {
    pub fn totals(&self) -> LineTotals {
        LineTotals { amount_minor: self.amount_minor, discount_minor: self.discount_minor, tax: self.tax.clone() }
    }

    /// After discounts and without any tax: what the seller earns with it.
    pub fn earned_minor(&self) -> i64 {
        let totals = self.totals();
        totals.net_minor().saturating_sub(totals.inclusive_tax_minor())
    }
}

impl From<&DiscountPart> for CouponShare {
    fn from(part: &DiscountPart) -> Self {
        Self { coupon: part.coupon.clone(), amount_minor: part.amount_minor }
    }
}
