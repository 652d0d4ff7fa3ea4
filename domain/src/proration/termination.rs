//! What is given back when a subscription ends before its period does? One invoice at a time; how the refund is paid and
//! the credit note written is decided elsewhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Billed, Counting, Credit, proration_instant};
use crate::refusal::Refusal;
use crate::time::Period;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminationPolicy {
    /// To the customer's balance.
    #[default]
    Credit,
    /// As money, as far as it was paid for; the rest to the balance.
    Refund,
    /// Nothing.
    Skip,
}

/// An invoice's figures before the termination, with tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InvoiceStanding {
    pub total_minor: i64,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    /// By credit notes.
    pub credited_minor: i64,
}

/// What is given back of one invoice: `credit_minor + refund_minor` is `amount_minor + tax_minor`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Termination {
    /// By billed line.
    pub credits: Vec<(String, Credit)>,
    pub amount_minor: i64,
    pub tax_minor: i64,
    pub refund_minor: i64,
    pub credit_minor: i64,
}

/// Ends everything billed on one invoice at an instant of the running period.
pub fn terminate(
    counting: &Counting,
    policy: TerminationPolicy,
    at: Timestamp,
    period: Period,
    billed: &[Billed],
    invoice: InvoiceStanding,
) -> Result<Termination, Refusal> {
    proration_instant(Some(at), at, period)?;
    if policy == TerminationPolicy::Skip {
        return Ok(Termination::default());
    }
    let unused = Period { start: counting.end_of_use(at), end: Timestamp::MAX };
    let mut ended = Termination::default();
    for line in billed {
        let Some(credit) = line.credit(counting, unused)? else { continue };
        ended.amount_minor = ended.amount_minor.saturating_add(credit.amount_minor);
        ended.tax_minor = ended.tax_minor.saturating_add(credit.tax_minor);
        ended.credits.push((line.line.clone(), credit));
    }
    let back_minor = ended.amount_minor.saturating_add(ended.tax_minor);
    ended.refund_minor = match policy {
        TerminationPolicy::Refund => overpaid_minor(invoice, back_minor),
        TerminationPolicy::Credit | TerminationPolicy::Skip => 0,
    };
    ended.credit_minor = back_minor - ended.refund_minor;
    Ok(ended)
}

/// What was paid beyond what the invoice still amounts to once that much is given back; no more than that.
fn overpaid_minor(invoice: InvoiceStanding, back_minor: i64) -> i64 {
    let kept = invoice.paid_minor.saturating_sub(invoice.refunded_minor);
    let owed = invoice.total_minor.saturating_sub(invoice.credited_minor).saturating_sub(back_minor);
    kept.saturating_sub(owed.max(0)).clamp(0, back_minor)
}
