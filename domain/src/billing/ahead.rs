//! What will be billed next of a subscription, as things stand? What falls due is carried out on a copy of the desk until
//! an invoice is made; nothing of it is kept.

use std::collections::BTreeSet;

use super::desk::Desk;
use super::fire::{Subject, fire};
use crate::id::{InvoiceId, SubscriptionId};
use crate::invoice::InvoiceSnapshot;
use crate::refusal::Refusal;

/// Things that may fall due before an invoice is made: the renewals of a long trial among them.
const MAX_STEPS: usize = 1_000;

/// The next invoice with its discounts, tax and balance; `None` where nothing more will be billed.
pub fn next_invoice(desk: &Desk, id: &SubscriptionId) -> Result<Option<InvoiceSnapshot>, Refusal> {
    let mut ahead = desk.clone();
    let known: BTreeSet<InvoiceId> = ahead.invoices.keys().cloned().collect();
    let subject = Subject::Subscription(id.clone());
    for _ in 0..MAX_STEPS {
        let Some(due) = ahead.due(&subject) else { return Ok(None) };
        ahead.now = due.at;
        fire(&mut ahead, &subject)?;
        let made = ahead.invoices.iter().find(|(invoice, _)| !known.contains(*invoice));
        if let Some(invoice) = made.and_then(|(_, held)| held.state.snapshot()) {
            return Ok(Some(invoice.clone()));
        }
        if ahead.due(&subject) == Some(due) {
            return Ok(None);
        }
    }
    Ok(None)
}
