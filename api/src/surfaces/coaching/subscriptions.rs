//! `POST /subscriptions`, `GET|DELETE /subscriptions/{id}`, pause and resume.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::id::{PaymentMethodId, TenantId};
use domain::price::{Discount, Off};
use domain::subscription::{Standing, Status};
use domain::time::from_micros;
use jiff::{SignedDuration, Timestamp};
use projections::subscriptions::SubscriptionRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{instant, own, person, upcoming, words};
use crate::app::App;
use crate::auth::Scope;
use crate::catalogue;
use crate::failure::Failure;
use crate::operations::subscriptions::{self as operation, CancelWhen, PlanQuantity, SubscriptionFields};
use crate::web::amount::{Amount, Exact, rfc3339, rfc3339_micros};
use crate::web::{Body, Caller, Reply, etag};

/// How long a retention offer stands.
const OFFER_LIFE: SignedDuration = SignedDuration::from_hours(48);

#[derive(Debug, Deserialize)]
pub(super) struct CreateWire {
    customer_id: String,
    plan_id: String,
    quantity: Option<u64>,
    payment_method_id: Option<String>,
    trial_period_days: Option<u16>,
    billing_cycle_anchor: Option<String>,
    discount_code: Option<String>,
    metadata: Option<Map<String, Value>>,
}

#[derive(Debug, Serialize)]
pub(super) struct DiscountWire {
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
pub(super) struct SubscriptionWire {
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
    created_at: String,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    body: Body<CreateWire>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let payment_method_id = match wire.payment_method_id.as_deref() {
        None => None,
        Some(id) => Some(
            PaymentMethodId::parse(id)
                .map_err(|_| Failure::invalid("payment_method_id", Some(id), "A payment method's id"))?,
        ),
    };
    let anchor = wire.billing_cycle_anchor.as_deref().map(|text| instant("billing_cycle_anchor", text)).transpose()?;
    let fields = SubscriptionFields {
        customer_id: wire.customer_id,
        plans: vec![PlanQuantity { plan_id: wire.plan_id, quantity: wire.quantity.unwrap_or(1) }],
        payment_method_id,
        trial_period_days: wire.trial_period_days,
        billing_cycle_anchor: anchor.map(from_micros),
        start_date: None,
        discount_code: wire.discount_code,
        collection: domain::subscription::Collection::ChargeAutomatically,
        days_until_due: None,
        metadata: wire.metadata,
    };
    let done = operation::create_subscription(&app.ledger, &call, fields).await?;
    app.wait_for(done.position).await;
    let json = load(&app, tenant, &done.id).await?;
    Ok(Reply { status: StatusCode::CREATED, position: done.position, json })
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let row = find(&app, tenant, &subscription_id).await?;
    let position = row.position;
    Ok(([etag(position)], Json(render(&app, tenant, row).await?)))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct CancelWire {
    #[serde(alias = "cancelAtPeriodEnd")]
    cancel_at_period_end: Option<bool>,
    cancellation_reason: Option<String>,
    feedback: Option<String>,
    offer_retention: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OfferWire {
    Discount { discount_percent: u8, duration_months: u8, offer_expires: String },
    PauseSubscription { max_pause_months: u8, offer_expires: String },
}

#[derive(Debug, Serialize)]
pub(super) struct CanceledWire {
    subscription_id: String,
    status: &'static str,
    cancel_at_period_end: bool,
    cancel_at: Option<String>,
    retention_offers: Vec<OfferWire>,
    cancelled_at: Option<String>,
}

pub(super) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<CancelWire>,
) -> Result<Reply<CanceledWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let when = if wire.cancel_at_period_end.unwrap_or(true) { CancelWhen::AtPeriodEnd } else { CancelWhen::Now };
    let fields = operation::CancelFields {
        when,
        termination: domain::proration::TerminationPolicy::Skip,
        reason: wire.cancellation_reason,
        feedback: wire.feedback,
    };
    let done = operation::cancel_subscription(&app.ledger, &call, &subscription_id, &fields).await?;
    app.wait_for(done.position).await;
    let row = find(&app, tenant, &done.id).await?;
    let offered = wire.offer_retention.unwrap_or(false) && when == CancelWhen::AtPeriodEnd;
    let json = CanceledWire {
        status: words::status(row.status),
        cancel_at_period_end: row.cancel_at_period_end,
        cancel_at: row.cancel_at.map(rfc3339_micros),
        retention_offers: if offered { offers(app.ledger.clock().now()) } else { Vec::new() },
        cancelled_at: row.canceled_at.map(rfc3339_micros),
        subscription_id: row.subscription_id,
    };
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

/// The two offers of the document.
fn offers(now: Timestamp) -> Vec<OfferWire> {
    let offer_expires = rfc3339(now.saturating_add(OFFER_LIFE).unwrap_or(now));
    vec![
        OfferWire::Discount { discount_percent: 25, duration_months: 3, offer_expires: offer_expires.clone() },
        OfferWire::PauseSubscription { max_pause_months: 2, offer_expires },
    ]
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct PauseWire {
    pause_until: Option<String>,
    reason: Option<String>,
    maintain_access: Option<bool>,
    automatic_resume: Option<bool>,
}

pub(super) async fn pause(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<PauseWire>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&body.bytes);
    let wire = body.json;
    let until = wire.pause_until.as_deref().map(|text| instant("pause_until", text)).transpose()?;
    // Without automatic resumption the date is the caller's own note; the subscription stays paused until resumed.
    let resumes_at = until.filter(|_| wire.automatic_resume.unwrap_or(true)).map(from_micros);
    let access = wire.maintain_access.unwrap_or(false);
    let behavior = domain::proration::ProrationBehavior::None;
    let fields = operation::PauseFields { resumes_at, reason: wire.reason, maintain_access: access, behavior };
    let done = operation::pause_subscription(&app.ledger, &call, &subscription_id, &fields).await?;
    app.wait_for(done.position).await;
    let json = load(&app, tenant, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

pub(super) async fn resume(
    State(app): State<App>,
    caller: Caller,
    Path(subscription_id): Path<String>,
    body: Body<Value>,
) -> Result<Reply<SubscriptionWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let behavior = domain::proration::ProrationBehavior::CreateProrations;
    let call = caller.call(&body.bytes);
    let done = operation::resume_subscription(&app.ledger, &call, &subscription_id, behavior).await?;
    app.wait_for(done.position).await;
    let json = load(&app, tenant, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

async fn find(app: &App, tenant: &TenantId, subscription_id: &str) -> Result<SubscriptionRow, Failure> {
    projections::subscriptions::find_subscription(app.ledger.pool(), tenant.as_str(), subscription_id)
        .await?
        .ok_or_else(|| Failure::not_found("subscription"))
}

async fn load(app: &App, tenant: &TenantId, subscription_id: &str) -> Result<SubscriptionWire, Failure> {
    let row = find(app, tenant, subscription_id).await?;
    render(app, tenant, row).await
}

async fn render(app: &App, tenant: &TenantId, row: SubscriptionRow) -> Result<SubscriptionWire, Failure> {
    let pool = app.ledger.pool();
    let latest =
        projections::invoices::latest_invoice_of_subscription(pool, tenant.as_str(), &row.subscription_id).await?;
    let tax_percent = upcoming::tax_percent(app, tenant, &row.customer_id).await?;
    let terms = &row.snapshot.terms;
    let discount = terms.discounts.first().map(|discount| discount_wire(discount, &row));
    let discount_applied = terms.discounts.first().map(|discount| discount_wire(discount, &row));
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
        upcoming_invoice: upcoming::preview(&row),
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
        created_at: rfc3339_micros(row.created_at),
        subscription_id: row.subscription_id,
    })
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
