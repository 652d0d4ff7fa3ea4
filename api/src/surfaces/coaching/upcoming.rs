//! What the next invoice of a subscription will be: as the engine would make it, or, of what Stripe bills, computed from
//! its terms; and the tax that applies to a customer.

use domain::discount::{applies, discount_minor};
use domain::id::TenantId;
use domain::invoice::InvoiceSnapshot;
use domain::subscription::Status;
use domain::time::{Anchor, from_micros};
use jiff::Timestamp;
use projections::subscriptions::SubscriptionRow;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::catalogue;
use crate::failure::Failure;
use crate::web::amount::{Amount, rfc3339};

#[derive(Debug, Serialize)]
pub(super) struct UpcomingWire {
    amount_due: Amount,
    period_start: String,
    period_end: String,
}

/// The gist of an invoice that the engine would make next.
pub(super) fn of_engine(invoice: &InvoiceSnapshot) -> Option<UpcomingWire> {
    let period = invoice.period?;
    Some(UpcomingWire {
        amount_due: Amount::minor(invoice.amount_due_minor, invoice.currency),
        period_start: rfc3339(period.start),
        period_end: rfc3339(period.end),
    })
}

/// The next full period's price less the discounts that apply to it, before tax; `None` where nothing will be billed.
pub(super) fn preview(row: &SubscriptionRow) -> Option<UpcomingWire> {
    match row.status {
        Status::Trialing | Status::Active | Status::PastDue => {}
        Status::Incomplete | Status::IncompleteExpired | Status::Unpaid | Status::Paused | Status::Canceled => {
            return None;
        }
    }
    if row.cancel_at_period_end {
        return None;
    }
    let start = from_micros(row.period_end_at?);
    let interval = row.snapshot.terms.items.first().and_then(|item| item.price.interval)?;
    let period = Anchor::utc(from_micros(row.anchor_at)).period_containing(interval, start)?;
    let terms = &row.snapshot.terms;
    let earlier = invoiced_before(row, start);
    let discounts = terms.discounts.iter().filter(|discount| applies(discount, start, earlier));
    let amount_due_minor = row.amount_minor - discount_minor(row.amount_minor, terms.currency, discounts);
    Some(UpcomingWire {
        amount_due: Amount::of_row(amount_due_minor, &row.currency),
        period_start: rfc3339(start),
        period_end: rfc3339(period.end),
    })
}

/// The invoice before the one of the next period: the current period's, or that of a trial's end where it comes before.
fn invoiced_before(row: &SubscriptionRow, next: Timestamp) -> Option<Timestamp> {
    let terms = &row.snapshot.terms;
    let in_trial = row.status == Status::Trialing;
    let invoiced = if in_trial { terms.trial.map(|trial| trial.end) } else { terms.period.map(|period| period.start) };
    invoiced.filter(|earlier| *earlier < next)
}

/// The rate for the customer's country and state, in percent.
pub(super) async fn tax_percent(app: &App, tenant: &TenantId, customer_id: &str) -> Result<Option<Decimal>, Failure> {
    let customer = projections::customers::find_customer(app.ledger.pool(), tenant.as_str(), customer_id).await?;
    let Some(address) = customer.and_then(|customer| customer.address) else { return Ok(None) };
    let Some(text) = app.ledger.keyring().unseal(tenant, &address).await? else { return Ok(None) };
    let address: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let part = |name: &str| address.get(name).and_then(Value::as_str);
    let Some(country) = part("country") else { return Ok(None) };
    let rate = catalogue::tax_rate(&app.ledger, tenant, country, part("state")).await?;
    Ok(rate.map(|rate| rate.percent))
}

#[cfg(test)]
#[path = "upcoming_tests.rs"]
mod tests;
