//! `GET /customers/{id}/invoices`.

use axum::Json;
use axum::extract::{Path, State};
use domain::invoice::InvoiceStatus;
use domain::sealed::Sealed;
use domain::time::Period;
use projections::invoices::InvoiceRow;
use serde::{Deserialize, Serialize};

use super::paging::{self, Pagination};
use super::{own, person};
use crate::app::App;
use crate::auth::Scope;
use crate::failure::Failure;
use crate::web::amount::{Amount, rfc3339, rfc3339_micros};
use crate::web::{Caller, Params};

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    status: Option<String>,
    page: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct PeriodWire {
    start: String,
    end: String,
}

#[derive(Debug, Serialize)]
struct LineWire {
    description: String,
    quantity: u64,
    unit_amount: Amount,
    amount: Amount,
    period: Option<PeriodWire>,
    proration: bool,
}

#[derive(Debug, Serialize)]
struct InvoiceWire {
    invoice_id: String,
    invoice_number: Option<String>,
    customer_id: Option<String>,
    subscription_id: Option<String>,
    status: &'static str,
    subtotal: Amount,
    discount_amount: Amount,
    amount_due: Amount,
    amount_paid: Amount,
    amount_remaining: Amount,
    tax_amount: Amount,
    total: Amount,
    currency: String,
    due_date: Option<String>,
    paid_at: Option<String>,
    invoice_pdf_url: Option<String>,
    hosted_invoice_url: Option<String>,
    line_items: Vec<LineWire>,
    created_at: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ListWire {
    invoices: Vec<InvoiceWire>,
    pagination: Pagination,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer_id): Path<String>,
    Params(params): Params<ListParams>,
) -> Result<Json<ListWire>, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let status = match params.status.as_deref() {
        None => None,
        Some(word) => Some(InvoiceStatus::from_word(word).ok_or_else(|| {
            Failure::invalid("status", Some(word), "draft, open, paid, uncollectible, void or deleted")
        })?),
    };
    let wanted = paging::request(params.page.as_deref(), params.limit.as_deref(), params.cursor.as_deref(), 25)?;
    let pool = app.ledger.pool();
    projections::customers::find_customer(pool, tenant.as_str(), &customer_id)
        .await?
        .ok_or_else(|| Failure::not_found("customer"))?;
    let page = projections::invoices::invoices_of_customer(pool, tenant.as_str(), &customer_id, status, &wanted)
        .await
        .map_err(paging::list_failure)?;
    let pagination = Pagination::of(&wanted, &page);
    let sealed: Vec<Option<&Sealed>> = page.rows.iter().flat_map(sealed_of).collect();
    let mut plain = person::unseal_all(&app, tenant, &sealed).await?.into_iter();
    let invoices = page.rows.into_iter().map(|row| wire(row, &mut plain)).collect();
    Ok(Json(ListWire { invoices, pagination }))
}

/// The sealed texts of an invoice, in the order in which `wire` takes them.
fn sealed_of(row: &InvoiceRow) -> impl Iterator<Item = Option<&Sealed>> {
    let addresses = [row.pdf_url.as_ref(), row.hosted_url.as_ref()];
    addresses.into_iter().chain(row.lines.iter().map(|line| line.note.as_ref()))
}

fn wire(row: InvoiceRow, plain: &mut impl Iterator<Item = Option<String>>) -> InvoiceWire {
    let mut next = || plain.next().flatten();
    let (invoice_pdf_url, hosted_invoice_url) = (next(), next());
    let amount = |minor: i64| Amount::of_row(minor, &row.currency);
    InvoiceWire {
        line_items: row
            .lines
            .iter()
            .map(|line| LineWire {
                description: next().unwrap_or_else(|| line.description.clone()),
                quantity: line.quantity,
                unit_amount: amount(unit_minor(line.amount_minor, line.quantity)),
                amount: amount(line.amount_minor),
                period: line
                    .period
                    .map(|Period { start, end }| PeriodWire { start: rfc3339(start), end: rfc3339(end) }),
                proration: line.proration,
            })
            .collect(),
        status: row.status.as_str(),
        subtotal: amount(row.subtotal_minor),
        discount_amount: amount(row.discount_minor),
        amount_due: amount(row.amount_due_minor),
        amount_paid: amount(row.amount_paid_minor),
        amount_remaining: amount(row.amount_remaining_minor),
        tax_amount: amount(row.tax_minor),
        total: amount(row.total_minor),
        due_date: row.due_at.map(rfc3339_micros),
        paid_at: row.paid_at.map(rfc3339_micros),
        created_at: rfc3339_micros(row.created_at),
        invoice_id: row.invoice_id,
        invoice_number: row.number,
        customer_id: row.customer_id,
        subscription_id: row.subscription_id,
        currency: row.currency,
        invoice_pdf_url,
        hosted_invoice_url,
    }
}

/// The price of one unit, rounded to the minor unit where the line's amount does not divide.
fn unit_minor(amount_minor: i64, quantity: u64) -> i64 {
    domain::money::round_ratio(i128::from(amount_minor), i128::from(quantity)).unwrap_or(amount_minor)
}
