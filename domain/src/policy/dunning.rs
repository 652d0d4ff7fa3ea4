//! From an invoice to its dunning campaign: a failed attempt opens one, the invoice's fate closes it. The campaign is
//! read from the invoice as it stands, never from the order in which its events came.

use jiff::Timestamp;

use crate::command::Command;
use crate::dunning::{CaseFacts, Configuration, DunningCommand, Settlement, SettlementOutcome};
use crate::id::{CampaignId, InvoiceId, PaymentMethodId};
use crate::invoice::{Invoice, InvoiceSnapshot, InvoiceStatus};
use crate::price::{Interval, IntervalUnit};

/// Recurring revenue a month from which a customer is of high value, in major units of the invoice's currency (B14).
pub const HIGH_VALUE_MONTHLY: i64 = 1_000;

/// The billing reason of the invoice with which a trial becomes a subscription.
pub const TRIAL_END: &str = "trial_end";

/// The campaign of an invoice; there is one an invoice, so the id is derived from the invoice's.
pub fn campaign_of_invoice(invoice: &InvoiceId) -> Option<CampaignId> {
    let tail = invoice.as_str().strip_prefix("in_").unwrap_or(invoice.as_str());
    CampaignId::parse(&format!("dun_{tail}")).ok()
}

/// The campaign of an expiring card.
pub fn campaign_of_card(method: &PaymentMethodId) -> Option<CampaignId> {
    CampaignId::parse(&format!("dun_{method}")).ok()
}

/// What the invoice as it stands means for its campaign; `None` where nothing ever failed.
pub fn reconcile(id: &InvoiceId, invoice: &Invoice) -> Option<Command> {
    let failures = invoice.failed_attempts();
    let snapshot = invoice.snapshot()?;
    if failures.is_empty() {
        return None;
    }
    let campaign = campaign_of_invoice(id)?;
    let last_failure_at = failures.last().map(|failure| failure.at);
    let facts = CaseFacts {
        customer: snapshot.customer.clone(),
        subscription: snapshot.subscription.clone(),
        invoice: id.clone(),
        origin: snapshot.origin,
        amount_at_risk_minor: snapshot.amount_due_minor,
        currency: snapshot.currency,
        configuration: configuration_for(snapshot),
        failures,
        settlement: last_failure_at.and_then(|at| settlement_of(snapshot, at)),
    };
    Some(Command::Dunning(campaign.clone(), DunningCommand::Reconcile { id: campaign, facts: Box::new(facts) }))
}

/// An invoice that does not say when it was settled was so after its last failure.
fn settlement_of(invoice: &InvoiceSnapshot, last_failure_at: Timestamp) -> Option<Settlement> {
    let outcome = match invoice.status {
        InvoiceStatus::Paid => SettlementOutcome::Paid,
        InvoiceStatus::Void => SettlementOutcome::Voided,
        InvoiceStatus::Uncollectible => SettlementOutcome::Uncollectible,
        InvoiceStatus::Draft | InvoiceStatus::Open | InvoiceStatus::Deleted => return None,
    };
    let at = invoice.paid_at.or(invoice.closed_at).unwrap_or(last_failure_at);
    Some(Settlement { at, outcome, amount_minor: invoice.amount_paid_minor })
}

/// The configuration follows from the invoice alone, so that it does not depend on what else is known yet: the
/// monthly value of its recurring lines decides between standard and high value (docs/known-quirks.md).
pub fn configuration_for(invoice: &InvoiceSnapshot) -> Configuration {
    if invoice.billing_reason.as_deref() == Some(TRIAL_END) {
        return Configuration::TrialCustomer;
    }
    let threshold = HIGH_VALUE_MONTHLY.saturating_mul(10_i64.pow(invoice.currency.exponent()));
    let monthly: i64 = invoice
        .lines
        .iter()
        .filter(|line| !line.proration)
        .filter_map(|line| Some(monthly_minor(line.amount_minor, line.interval?)))
        .sum();
    if monthly >= threshold { Configuration::HighValueCustomer } else { Configuration::StandardCustomer }
}

/// Whole minor units a month; a coarse figure for a threshold, not MRR.
fn monthly_minor(amount_minor: i64, interval: Interval) -> i64 {
    let count = i64::from(interval.count.max(1));
    match interval.unit {
        IntervalUnit::Day => amount_minor.saturating_mul(365) / (12 * count),
        IntervalUnit::Week => amount_minor.saturating_mul(52) / (12 * count),
        IntervalUnit::Month => amount_minor / count,
        IntervalUnit::Year => amount_minor / (12 * count),
    }
}

#[cfg(test)]
#[path = "dunning_tests.rs"]
mod tests;
