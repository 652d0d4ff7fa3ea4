//! `POST|GET /customers`, `GET|PUT /customers/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::customer::Patch;
use domain::id::TenantId;
use domain::money::Currency;
use projections::Direction;
use projections::customers::{CustomerFilter, CustomerRow, CustomerSort, LifecycleStage};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::paging::{self, Pagination};
use super::{own, person, words};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::operations::customers::{self as operation, CustomerFields};
use crate::web::amount::{Amount, Exact, rfc3339_micros};
use crate::web::{Body, Caller, Params, Reply, etag};

/// Longest text a customer's field may have.
const MAX_TEXT_CHARS: usize = 500;

/// A field that is not named is left as it is; one that is null is cleared.
#[derive(Debug, Deserialize)]
pub(super) struct CustomerWrite {
    #[serde(default, deserialize_with = "named")]
    email: Patch<String>,
    #[serde(default, deserialize_with = "named")]
    first_name: Patch<String>,
    #[serde(default, deserialize_with = "named")]
    last_name: Patch<String>,
    /// One text for the whole name, as the document's SDK sends it.
    #[serde(default, deserialize_with = "named")]
    name: Patch<String>,
    #[serde(default, deserialize_with = "named")]
    phone: Patch<String>,
    #[serde(default, deserialize_with = "named")]
    company: Patch<String>,
    #[serde(default, deserialize_with = "named")]
    billing_address: Patch<Map<String, Value>>,
    payment_method_id: Option<String>,
    #[serde(default, deserialize_with = "named")]
    preferred_currency: Patch<String>,
    #[serde(default, deserialize_with = "named")]
    metadata: Patch<Map<String, Value>>,
}

pub(super) fn named<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Patch<T>, D::Error> {
    Option::deserialize(deserializer).map(Patch::from)
}

#[derive(Debug, Serialize)]
pub(super) struct CardWire {
    pub(super) id: String,
    #[serde(rename = "type")]
    kind: String,
    last4: Option<String>,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
    is_default: bool,
}

#[derive(Debug, Serialize)]
struct OwnSubscription {
    subscription_id: String,
    plan_name: Option<String>,
    status: &'static str,
    current_period_start: Option<String>,
    current_period_end: Option<String>,
    amount: Amount,
    currency: String,
}

#[derive(Debug, Serialize)]
pub(super) struct CustomerWire {
    customer_id: String,
    stripe_customer_id: String,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    company: Option<String>,
    billing_address: Option<Value>,
    lifecycle_stage: &'static str,
    total_lifetime_value: Amount,
    current_mrr: Amount,
    /// Null until the score of revenue.md §1.13 is computed.
    churn_risk_score: Option<Exact>,
    subscriptions: Vec<OwnSubscription>,
    pub(super) payment_methods: Vec<CardWire>,
    metadata: Value,
    created_at: String,
    last_activity_at: String,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    body: Body<CustomerWrite>,
) -> Result<Reply<CustomerWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let method = words::payment_method(body.json.payment_method_id.as_deref())?;
    let fields = checked(body.json)?;
    if fields.email.is_none() {
        return Err(Failure::invalid("email", None, "missing field `email`"));
    }
    let done = operation::create_customer(&app.ledger, &caller.call(&body.bytes), fields, method).await?;
    app.wait_for(done.position).await;
    let json = load(&app, tenant, &done.id).await?;
    Ok(Reply { status: StatusCode::CREATED, position: done.position, json })
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
    body: Body<CustomerWrite>,
) -> Result<Reply<CustomerWire>, Failure> {
    caller.require(Scope::Full)?;
    let tenant = own(&caller.principal)?;
    let fields = checked(body.json)?;
    let done = operation::update_customer(&app.ledger, &caller.call(&body.bytes), &customer_id, fields).await?;
    app.wait_for(done.position).await;
    let json = load(&app, tenant, &done.id).await?;
    Ok(Reply { status: StatusCode::OK, position: done.position, json })
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let row = find(&app, tenant, &customer_id).await?;
    let position = row.position;
    Ok(([etag(position)], Json(render(&app, tenant, row).await?)))
}

pub(super) async fn load(app: &App, tenant: &TenantId, customer_id: &str) -> Result<CustomerWire, Failure> {
    let row = find(app, tenant, customer_id).await?;
    render(app, tenant, row).await
}

async fn find(app: &App, tenant: &TenantId, customer_id: &str) -> Result<CustomerRow, Failure> {
    projections::customers::find_customer(app.ledger.pool(), tenant.as_str(), customer_id)
        .await?
        .ok_or_else(|| Failure::not_found("customer"))
}

async fn render(app: &App, tenant: &TenantId, row: CustomerRow) -> Result<CustomerWire, Failure> {
    let pool = app.ledger.pool();
    let subscriptions =
        projections::subscriptions::subscriptions_of_customer(pool, tenant.as_str(), &row.customer_id).await?;
    let cards =
        projections::payment_methods::payment_methods_of_customer(pool, tenant.as_str(), &row.customer_id).await?;
    let person = person::unseal(app, tenant, &row, &cards).await?;
    let currency = row.currency.clone().unwrap_or_else(|| "USD".to_owned());
    let now = domain::time::to_micros(app.ledger.clock().now());
    let mrr =
        projections::mrr::current_mrr_of_customer(pool, tenant.as_str(), &row.customer_id, &currency, now).await?;
    Ok(CustomerWire {
        stripe_customer_id: person::processor_id(row.origin, &row.customer_id),
        email: person.email,
        first_name: person.first_name,
        last_name: person.last_name,
        phone: person.phone,
        company: person.company,
        billing_address: person.billing_address,
        lifecycle_stage: row.lifecycle_stage.as_str(),
        total_lifetime_value: Amount::of_row(row.lifetime_value_minor, &currency),
        current_mrr: Amount::of_row(mrr, &currency),
        churn_risk_score: None,
        subscriptions: subscriptions
            .into_iter()
            .map(|subscription| OwnSubscription {
                subscription_id: subscription.subscription_id,
                plan_name: subscription.plan_name,
                status: words::status(subscription.status),
                current_period_start: subscription.period_start_at.map(rfc3339_micros),
                current_period_end: subscription.period_end_at.map(rfc3339_micros),
                amount: Amount::of_row(subscription.amount_minor, &subscription.currency),
                currency: subscription.currency,
            })
            .collect(),
        payment_methods: cards
            .into_iter()
            .zip(person.last4)
            .map(|(card, last4)| CardWire {
                id: card.method.payment_method_id,
                kind: card.method.kind,
                last4,
                exp_month: card.method.exp_month,
                exp_year: card.method.exp_year,
                is_default: card.is_default,
            })
            .collect(),
        metadata: person.metadata,
        created_at: rfc3339_micros(row.created_at),
        last_activity_at: rfc3339_micros(row.last_activity_at),
        customer_id: row.customer_id,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    page: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
    lifecycle_stage: Option<String>,
    created_after: Option<String>,
    sort: Option<String>,
}

#[derive(Debug, Serialize)]
struct ListedCustomer {
    customer_id: String,
    email: Option<String>,
    name: Option<String>,
    lifecycle_stage: &'static str,
    total_lifetime_value: Amount,
    current_mrr: Amount,
    created_at: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    customers: Vec<ListedCustomer>,
    pagination: Pagination,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let filter = CustomerFilter {
        lifecycle_stage: match params.lifecycle_stage.as_deref() {
            None => None,
            Some(word) => Some(LifecycleStage::from_word(word).ok_or_else(|| {
                Failure::invalid("lifecycle_stage", Some(word), "prospect, trial, active, past_due, paused or churned")
            })?),
        },
        created_after: params.created_after.as_deref().map(|text| super::instant("created_after", text)).transpose()?,
    };
    let sorting = sorting(params.sort.as_deref().unwrap_or("created_at:desc"))?;
    let wanted = paging::request(params.page.as_deref(), params.limit.as_deref(), params.cursor.as_deref(), 50)?;
    let pool = app.ledger.pool();
    let page = projections::customers::list_customers(pool, tenant.as_str(), filter, sorting, &wanted)
        .await
        .map_err(paging::list_failure)?;
    let pagination = Pagination::of(&wanted, &page);
    let ids: Vec<&str> = page.rows.iter().map(|row| row.customer_id.as_str()).collect();
    let now = domain::time::to_micros(app.ledger.clock().now());
    let mrr = projections::mrr::current_mrr_of_customers(pool, tenant.as_str(), &ids, now).await?;
    let people = person::unseal_names(&app, tenant, &page.rows).await?;
    let customers = page
        .rows
        .into_iter()
        .zip(people)
        .map(|(row, person)| {
            let currency = row.currency.clone().unwrap_or_else(|| "USD".to_owned());
            let mrr_minor = mrr.get(&(row.customer_id.clone(), currency.clone())).copied().unwrap_or_default();
            ListedCustomer {
                email: person.email,
                name: person.name,
                lifecycle_stage: row.lifecycle_stage.as_str(),
                total_lifetime_value: Amount::of_row(row.lifetime_value_minor, &currency),
                current_mrr: Amount::of_row(mrr_minor, &currency),
                created_at: rfc3339_micros(row.created_at),
                customer_id: row.customer_id,
            }
        })
        .collect();
    Ok(Json(ListWire { customers, pagination }))
}

fn sorting(text: &str) -> Result<(CustomerSort, Direction), Failure> {
    let (field, direction) = text.split_once(':').unwrap_or((text, "asc"));
    CustomerSort::from_word(field).zip(Direction::from_word(direction)).ok_or_else(|| {
        Failure::invalid(
            "sort",
            Some(text),
            "created_at, last_activity_at, lifetime_value or customer_id, then :asc or :desc",
        )
    })
}

/// Checks what a caller may say of a customer.
fn checked(wire: CustomerWrite) -> Result<CustomerFields, Failure> {
    let email = match wire.email {
        Patch::Unchanged => None,
        Patch::Cleared => return Err(Failure::invalid("email", None, "An e-mail address, not null")),
        Patch::Set(email) => Some(email.trim().to_owned()),
    };
    if let Some(email) = email.as_deref().filter(|email| !person::is_email(email)) {
        return Err(Failure::invalid("email", Some(email), "Valid email address"));
    }
    let texts = [
        ("first_name", &wire.first_name),
        ("last_name", &wire.last_name),
        ("name", &wire.name),
        ("phone", &wire.phone),
        ("company", &wire.company),
    ];
    for (field, text) in texts {
        if let Patch::Set(text) = text
            && (text.chars().count() > MAX_TEXT_CHARS || text.contains('\0'))
        {
            return Err(Failure::invalid(field, None, &format!("At most {MAX_TEXT_CHARS} characters, no NUL")));
        }
    }
    let preferred_currency = match wire.preferred_currency {
        Patch::Unchanged => Patch::Unchanged,
        Patch::Cleared => Patch::Cleared,
        Patch::Set(code) => Patch::Set(
            Currency::parse(&code)
                .map_err(|_| Failure::invalid("preferred_currency", Some(&code), "An ISO 4217 currency code"))?,
        ),
    };
    if let Patch::Set(address) = &wire.billing_address
        && let Some(country) = address.get("country")
    {
        let fine =
            country.as_str().is_some_and(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()));
        if !fine {
            return Err(Failure::invalid("billing_address.country", country.as_str(), "An ISO 3166 two-letter code"));
        }
    }
    Ok(CustomerFields {
        email,
        first_name: wire.first_name,
        last_name: wire.last_name,
        name: wire.name,
        phone: wire.phone,
        company: wire.company,
        billing_address: wire.billing_address,
        preferred_currency,
        metadata: wire.metadata,
    })
}
