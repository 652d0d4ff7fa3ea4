//! The peers that speak HTTP: bare axum handlers in the bench's own process, without authentication, request ids,
//! metrics, limits or error formats, doing the same work on the same kind of database.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use cqrs_es::persist::PersistedEventRepository;
use domain::id::TenantId;
use domain::issued::Issued;
use domain::policy::stripe::read_envelope;
use domain::stripe_event::{Received, StripeEvent, StripeEventCommand};
use projections::subscriptions::SubscriptionRow;
use serde::Serialize;
use sqlx::AnyPool;
use store::{Clock, Keyring, StoreError, SubjectSealer};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Fault;
use crate::deliveries::is_signed;
use crate::stock::Framework;

/// A served peer; it ends when dropped.
#[derive(Debug)]
pub struct Served {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(routes: Router) -> Result<Served, Fault> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            eprintln!("bench: the peer's server failed: {error}");
        }
    });
    Ok(Served { address, task })
}

/// What a webhook handler on stock cqrs-es needs. One subject's sealer serves all events, so the peer makes and
/// stores no keys.
pub struct Webhook<R: PersistedEventRepository> {
    pub framework: Framework<R, StripeEvent>,
    pub tenant: TenantId,
    pub sealer: SubjectSealer,
    pub keyring: Keyring,
}

/// Verifies the same signature, reads the same envelope and appends the same event.
pub async fn serve_webhook<R: PersistedEventRepository + 'static>(webhook: Webhook<R>) -> Result<Served, Fault> {
    let webhook = Arc::new(webhook);
    let handler = move |headers: HeaderMap, body: Bytes| {
        let webhook = Arc::clone(&webhook);
        async move { receive(&webhook, &headers, &body).await }
    };
    serve(Router::new().route("/webhooks/stripe", post(handler))).await
}

async fn receive<R: PersistedEventRepository>(
    webhook: &Webhook<R>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<&'static str, StatusCode> {
    let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_signed(header, body) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let envelope = read_envelope(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let text = std::str::from_utf8(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let now = Clock::Real.now();
    let received = Received {
        kind: envelope.kind,
        api_version: envelope.api_version,
        created: envelope.created.unwrap_or(now),
        livemode: envelope.livemode,
        object: envelope.object,
        object_id: envelope.object_id,
        customer: envelope.customer,
        body_hash: webhook.keyring.body_hash(&webhook.tenant, body),
        body: webhook.sealer.seal(text),
    };
    let stream = format!("{}/{}", webhook.tenant, envelope.id);
    let command = StripeEventCommand::Receive { id: envelope.id, received: Box::new(received) };
    match webhook.framework.execute(&stream, Issued { now, command }).await {
        Ok(()) => Ok("{\"received\":true}"),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// As much of a subscription as Daybook's own answer has, without its rendering of amounts and instants.
#[derive(Debug, Serialize)]
struct SubscriptionWire {
    subscription_id: String,
    customer_id: String,
    plan_id: Option<String>,
    plan_name: Option<String>,
    status: &'static str,
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
    billing_cycle_anchor: i64,
    trial_start: Option<i64>,
    trial_end: Option<i64>,
    quantity: i64,
    amount_minor: i64,
    currency: String,
    discounts: usize,
    country: Option<String>,
    cancel_at_period_end: bool,
    cancel_at: Option<i64>,
    cancelled_at: Option<i64>,
    paused_until: Option<i64>,
    latest_invoice: Option<InvoiceWire>,
    created_at: i64,
}

#[derive(Debug, Serialize)]
struct InvoiceWire {
    invoice_id: String,
    amount_due_minor: i64,
    status: &'static str,
    paid_at: Option<i64>,
}

/// The same three queries over the same pool, and JSON made of them.
pub async fn serve_subscriptions(pool: AnyPool) -> Result<Served, Fault> {
    serve(Router::new().route("/api/v1/subscriptions/{id}", get(subscription)).with_state(pool)).await
}

async fn subscription(
    State(pool): State<AnyPool>,
    Path(id): Path<String>,
) -> Result<Json<SubscriptionWire>, StatusCode> {
    match read(&pool, "coaching", &id).await {
        Ok(Some(wire)) => Ok(Json(wire)),
        Ok(None) => Err(StatusCode::NOT_FOUND),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn read(pool: &AnyPool, tenant: &str, id: &str) -> Result<Option<SubscriptionWire>, StoreError> {
    let Some(row) = projections::subscriptions::find_subscription(pool, tenant, id).await? else { return Ok(None) };
    let invoice = projections::invoices::latest_invoice_of_subscription(pool, tenant, id).await?;
    let customer = projections::customers::find_customer(pool, tenant, &row.customer_id).await?;
    let latest_invoice = invoice.map(|invoice| InvoiceWire {
        amount_due_minor: invoice.amount_due_minor,
        status: invoice.status.as_str(),
        paid_at: invoice.paid_at,
        invoice_id: invoice.invoice_id,
    });
    Ok(Some(wire(row, latest_invoice, customer.and_then(|customer| customer.country))))
}

fn wire(row: SubscriptionRow, latest_invoice: Option<InvoiceWire>, country: Option<String>) -> SubscriptionWire {
    SubscriptionWire {
        subscription_id: row.subscription_id,
        customer_id: row.customer_id,
        plan_id: row.plan_id,
        plan_name: row.plan_name,
        status: row.status.as_str(),
        current_period_start: row.period_start_at,
        current_period_end: row.period_end_at,
        billing_cycle_anchor: row.anchor_at,
        trial_start: row.trial_start_at,
        trial_end: row.trial_end_at,
        quantity: row.quantity,
        amount_minor: row.amount_minor,
        currency: row.currency,
        discounts: row.snapshot.terms.discounts.len(),
        country,
        cancel_at_period_end: row.cancel_at_period_end,
        cancel_at: row.cancel_at,
        cancelled_at: row.canceled_at,
        paused_until: row.paused_until_at,
        latest_invoice,
        created_at: row.created_at,
    }
}
