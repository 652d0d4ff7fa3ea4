//! A subscription as the coaching document prints it.

use domain::id::TenantId;
use domain::origin::Origin;
use domain::price::{Discount, Off};
use domain::sealed::Sealed;
use domain::subscription::{Standing, Status};
use projections::subscriptions::SubscriptionRow;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::{person, upcoming, words};
use crate::app::App;
use crate::catalogue;
use crate::failure::Failure;
use crate::operations::Call;
use crate::operations::subscriptions as operation;
use crate::web::amount::{Amount, Exact, rfc3339, rfc3339_micros};

#[derive(Debug, Serialize)]
pub(in super::super) struct DiscountWire {
    code: String,
    #[serde(rename = "type")]
    kind: &'static str,
    value: Exact,
    amount_off: Amount,
}

#[derive(Debug, Serialize)]
struct PlanWire {
    id: Option<String>,
    name: Option<String>,
    price: Amount,
    currency: String,
    interval: String,
    trial_days: u16,
}

#[derive(Debug, Serialize)]
struct InvoiceGist {
    invoice_id: String,
    amount_due: Amount,
    status: &'static str,
    paid_at: Option<String>,
}

#[derive(Debug, Serialize)]
pub(in super::super) struct SubscriptionWire {
    subscription_id: String,
    stripe_subscription_id: String,
    customer_id: String,
    plan_id: Option<String>,
    plan: PlanWire,
    status: &'static str,
    current_period_start: Option<String>,
    current_period_end: Option<String>,
    billing_cycle_anchor: String,
    trial_start: Option<String>,
    trial_end: Option<String>,
    quantity: i64,
    amount: Amount,
    currency: String,
    discount: Option<DiscountWire>,
    discount_applied: Option<DiscountWire>,
    /// The customer's tax rate in percent; null without an address or a rate for it.
    tax_percent: Option<Exact>,
    cancel_at_period_end: bool,
    cancel_at: Option<String>,
    cancelled_at: Option<String>,
    paused_until: Option<String>,
    latest_invoice: Option<InvoiceGist>,
    upcoming_invoice: Option<upcoming::UpcomingWire>,
    /// Null where nothing waits to be confirmed by the payer.
    client_secret: Option<String>,
    metadata: Value,
    created_at: String,
}

pub(super) async fn find(app: &App, tenant: &TenantId, subscription_id: &str) -> Result<SubscriptionRow, Failure> {
    projections::subscriptions::find_subscription(app.ledger.pool(), tenant.as_str(), subscription_id)
        .await?
        .ok_or_else(|| Failure::not_found("subscription"))
}

pub(super) async fn load(app: &App, call: &Call, subscription_id: &str) -> Result<SubscriptionWire, Failure> {
    let row = find(app, &call.tenant, subscription_id).await?;
    render(app, call, row).await
}

pub(super) async fn render(app: &App, call: &Call, row: SubscriptionRow) -> Result<SubscriptionWire, Failure> {
    let (pool, tenant) = (app.ledger.pool(), &call.tenant);
    let latest =
        projections::invoices::latest_invoice_of_subscription(pool, tenant.as_str(), &row.subscription_id).await?;
    let upcoming_invoice = match row.origin {
        Origin::Daybook => {
            let next = operation::upcoming_invoice(&app.ledger, call, &row.subscription_id).await?;
            next.as_ref().and_then(upcoming::of_engine)
        }
        // What Stripe will bill is told from its terms.
        Origin::Stripe => upcoming::preview(&row),
    };
    let tax_percent = upcoming::tax_percent(app, tenant, &row.customer_id).await?;
    let terms = &row.snapshot.terms;
    let discount = terms.discounts.first().map(|discount| discount_wire(discount, &row));
    let discount_applied = terms.discounts.first().map(|discount| discount_wire(discount, &row));
    let metadata = metadata_of(app, tenant, terms.metadata.as_ref()).await?;
    let plan_id = row.plan_id.clone();
    let first = terms.items.first();
    let plan = match first {
        Some(item) => catalogue::plan(&app.ledger, tenant, &item.plan, item.version).await?,
        None => None,
    };
    let interval = first.and_then(|item| item.price.interval);
    let unit_minor = first.and_then(|item| item.price.charge(1)).and_then(domain::money::round_half_away);
    Ok(SubscriptionWire {
        stripe_subscription_id: person::processor_id(row.origin, &row.subscription_id),
        customer_id: row.customer_id.clone(),
        plan: PlanWire {
            id: plan_id.clone(),
            name: row.plan_name.clone(),
            price: Amount::of_row(unit_minor.unwrap_or_default(), &row.currency),
            currency: row.currency.clone(),
            interval: words::interval(interval),
            trial_days: plan.and_then(|sold| sold.plan.trial_days).unwrap_or_default(),
        },
        plan_id,
        status: words::status(row.status),
        current_period_start: row.period_start_at.map(rfc3339_micros),
        current_period_end: row.period_end_at.map(rfc3339_micros),
        billing_cycle_anchor: rfc3339_micros(row.anchor_at),
        trial_start: row.trial_start_at.map(rfc3339_micros),
        trial_end: row.trial_end_at.map(rfc3339_micros),
        quantity: row.quantity,
        amount: Amount::of_row(row.amount_minor, &row.currency),
        currency: row.currency.clone(),
        discount,
        discount_applied,
        upcoming_invoice,
        tax_percent: tax_percent.map(Exact),
        cancel_at_period_end: row.cancel_at_period_end,
        cancel_at: row.cancel_at.map(rfc3339_micros),
        cancelled_at: row.canceled_at.map(rfc3339_micros),
        paused_until: paused_until(&row),
        latest_invoice: latest.map(|invoice| InvoiceGist {
            amount_due: Amount::of_row(invoice.amount_due_minor, &invoice.currency),
            status: invoice.status.as_str(),
            paid_at: invoice.paid_at.map(rfc3339_micros),
            invoice_id: invoice.invoice_id,
        }),
        client_secret: None,
        metadata,
        created_at: rfc3339_micros(row.created_at),
        subscription_id: row.subscription_id,
    })
}

async fn metadata_of(app: &App, tenant: &TenantId, sealed: Option<&Sealed>) -> Result<Value, Failure> {
    let text = match sealed {
        Some(sealed) => app.ledger.keyring().unseal(tenant, sealed).await?,
        None => None,
    };
    let metadata = text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(metadata.unwrap_or_else(|| Value::Object(Map::new())))
}

fn paused_until(row: &SubscriptionRow) -> Option<String> {
    match (&row.snapshot.standing, row.status) {
        (Standing::Paused { resumes_at, .. }, Status::Paused) => resumes_at.map(rfc3339),
        (_, _) => None,
    }
}

/// The coupon's effect on a full period, as the document prints it.
fn discount_wire(discount: &Discount, row: &SubscriptionRow) -> DiscountWire {
    let (kind, value, off_minor) = match &discount.off {
        Off::Percent(percent) => {
            let exact = rust_decimal::Decimal::from(row.amount_minor) * percent / rust_decimal::Decimal::ONE_HUNDRED;
            ("percentage", percent.normalize(), domain::money::round_half_away(exact).unwrap_or_default())
        }
        Off::Amount { minor, currency } => {
            let value = domain::money::Money::from_minor(*minor, *currency).to_major();
            ("fixed_amount", value, (*minor).min(row.amount_minor))
        }
    };
    DiscountWire {
        code: discount.coupon.clone(),
        kind,
        value: Exact(value),
        amount_off: Amount::of_row(off_minor, &row.currency),
    }
}
