//! An invoice as the coaching document prints it.

use domain::id::TenantId;
use domain::invoice::{InvoiceStatus, Line};
use domain::money::Currency;
use domain::origin::Origin;
use domain::sealed::Sealed;
use domain::time::Period;
use projections::invoices::InvoiceRow;
use serde::Serialize;

use super::super::person;
use crate::app::App;
use crate::failure::Failure;
use crate::web::amount::{Amount, rfc3339, rfc3339_micros};

#[derive(Debug, Serialize)]
struct PeriodWire {
    start: String,
    end: String,
}

#[derive(Debug, Serialize)]
pub(in super::super) struct LineWire {
    description: String,
    quantity: u64,
    unit_amount: Amount,
    amount: Amount,
    period: Option<PeriodWire>,
    proration: bool,
}

#[derive(Debug, Serialize)]
pub(in super::super) struct InvoiceWire {
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

/// The sealed texts of an invoice, in the order in which `wire` takes them.
pub(super) fn sealed_of(row: &InvoiceRow) -> impl Iterator<Item = Option<&Sealed>> {
    let addresses = [row.pdf_url.as_ref(), row.hosted_url.as_ref()];
    addresses.into_iter().chain(row.lines.iter().map(|line| line.note.as_ref()))
}

pub(super) fn wire(row: InvoiceRow, plain: &mut impl Iterator<Item = Option<String>>) -> InvoiceWire {
    let mut next = || plain.next().flatten();
    let (pdf_url, hosted_url) = (next(), next());
    let amount = |minor: i64| Amount::of_row(minor, &row.currency);
    let currency = Currency::parse(&row.currency).unwrap_or(Currency::USD);
    // What is billed here is printed here; what is charged at once is due at once.
    let printed = row.origin == Origin::Daybook && row.finalized_at.is_some() && row.status != InvoiceStatus::Deleted;
    let own = |suffix: &str| printed.then(|| format!("/api/v1/invoices/{}{suffix}", row.invoice_id));
    InvoiceWire {
        invoice_pdf_url: pdf_url.or_else(|| own("/pdf")),
        hosted_invoice_url: hosted_url.or_else(|| own("")),
        line_items: row.lines.iter().map(|line| line_wire(line, currency, next())).collect(),
        status: row.status.as_str(),
        subtotal: amount(row.subtotal_minor),
        discount_amount: amount(row.discount_minor),
        amount_due: amount(row.amount_due_minor),
        amount_paid: amount(row.amount_paid_minor),
        amount_remaining: amount(row.amount_remaining_minor),
        tax_amount: amount(row.tax_minor),
        total: amount(row.total_minor),
        due_date: row.due_at.or(row.finalized_at).map(rfc3339_micros),
        paid_at: row.paid_at.map(rfc3339_micros),
        created_at: rfc3339_micros(row.created_at),
        invoice_id: row.invoice_id,
        invoice_number: row.number,
        customer_id: row.customer_id,
        subscription_id: row.subscription_id,
        currency: row.currency,
    }
}

/// Lines of an invoice that is not stored, with the texts that people wrote for them.
pub(in super::super) async fn line_wires(
    app: &App,
    tenant: &TenantId,
    lines: &[Line],
    currency: Currency,
) -> Result<Vec<LineWire>, Failure> {
    let notes: Vec<Option<&Sealed>> = lines.iter().map(|line| line.note.as_ref()).collect();
    let notes = person::unseal_all(app, tenant, &notes).await?;
    Ok(lines.iter().zip(notes).map(|(line, note)| line_wire(line, currency, note)).collect())
}

fn line_wire(line: &Line, currency: Currency, note: Option<String>) -> LineWire {
    let amount = |minor| Amount::minor(minor, currency);
    LineWire {
        description: note.unwrap_or_else(|| line.description.clone()),
        quantity: line.quantity,
        unit_amount: amount(unit_minor(line.amount_minor, line.quantity)),
        amount: amount(line.amount_minor),
        period: line.period.map(|Period { start, end }| PeriodWire { start: rfc3339(start), end: rfc3339(end) }),
        proration: line.proration,
    }
}

/// The price of one unit, rounded to the minor unit where the line's amount does not divide.
fn unit_minor(amount_minor: i64, quantity: u64) -> i64 {
    domain::money::round_ratio(i128::from(amount_minor), i128::from(quantity)).unwrap_or(amount_minor)
}
