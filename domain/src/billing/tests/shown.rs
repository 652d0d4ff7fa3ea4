//! How do tests write an invoice? `2024-02-01 cycle: 10000 less 2000 tax 800 = 8800, paid`: its day, why it was made, its
//! lines, and what they come to.

use super::simulator::shown_time;
use crate::invoice::InvoiceSnapshot;

pub fn shown(invoice: &InvoiceSnapshot) -> String {
    let reason = invoice.billing_reason.as_deref().unwrap_or_default();
    let reason = reason.strip_prefix("subscription_").unwrap_or(reason);
    let lines: Vec<String> = invoice.lines.iter().map(|line| line.amount_minor.to_string()).collect();
    let mut text = format!("{} {reason}: {}", shown_time(invoice.created_at), lines.join(" "));
    let mut add = |word: &str, minor: i64| {
        if minor != 0 {
            text.extend([" ", word, " ", &minor.to_string()]);
        }
    };
    add("less", invoice.discount_minor);
    add("tax", invoice.tax_minor);
    add("=", invoice.total_minor);
    add("balance", invoice.applied_credit_minor + invoice.applied_prepaid_minor);
    add("credited", invoice.credited_before_payment_minor);
    add("open", invoice.amount_remaining_minor);
    text + ", " + invoice.status.as_str()
}
