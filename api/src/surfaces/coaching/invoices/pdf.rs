//! `GET /invoices/{id}/pdf`: a finalized invoice on paper.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use domain::invoice::{InvoiceSnapshot, InvoiceStatus, Line};
use domain::tax::{Inclusion, Rate};
use domain::time::{Period, local_date, zone_named};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::customers::CustomerRow;
use rust_decimal::Decimal;
use serde_json::Value;

use super::super::{own, person};
use crate::app::App;
use crate::auth::Scope;
use crate::catalogue;
use crate::failure::Failure;
use crate::operations::Call;
use crate::operations::invoices as operation;
use crate::pdf::{
    DateSpan, DocumentDiscount, DocumentKind, DocumentLine, DocumentStatus, DocumentTax, DocumentTotals,
    InvoiceDocument, Party, render,
};
use crate::web::Caller;

/// The business as it signs its documents.
const SELLER: &str = "Christopher's AI Coaching";

pub(in super::super) async fn pdf(
    State(app): State<App>,
    caller: Caller,
    Path(invoice_id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Scope::Read)?;
    let tenant = own(&caller.principal)?;
    let call = caller.call(&[]);
    let snapshot = operation::invoice(&app.ledger, &call, &operation::parse(&invoice_id)?).await?;
    let (Some(number), Some(issued_at)) = (snapshot.number.clone(), snapshot.finalized_at) else {
        return Err(Failure::not_found("finalized invoice"));
    };
    let zone = zone_named(&catalogue::settings(&app.ledger, tenant).await?.timezone);
    let document = InvoiceDocument {
        kind: DocumentKind::Invoice,
        corrects: None,
        status: status(snapshot.status),
        seller: Party { name: SELLER.to_owned(), lines: Vec::new() },
        customer: customer(&app, &call, &snapshot).await?,
        issue_date: local_date(issued_at, &zone),
        due_date: snapshot.due_at.map(|due| local_date(due, &zone)),
        period: snapshot.period.map(|period| span(period, &zone)),
        currency: snapshot.currency,
        lines: lines(&app, &call, &snapshot, &zone).await?,
        totals: totals(&snapshot),
        notes: String::new(),
        number,
    };
    let file = format!("inline; filename=\"{}.pdf\"", file_name(&document.number));
    let bytes = render(&document).map_err(|error| Failure::Internal { reason: error.to_string() })?;
    Ok(([(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, file)], bytes))
}

/// A number of ours is a name of a file; of others' so much as can be one.
fn file_name(number: &str) -> String {
    number.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect()
}

fn status(status: InvoiceStatus) -> Option<DocumentStatus> {
    match status {
        InvoiceStatus::Open => Some(DocumentStatus::Open),
        InvoiceStatus::Paid => Some(DocumentStatus::Paid),
        InvoiceStatus::Uncollectible => Some(DocumentStatus::Uncollectible),
        InvoiceStatus::Void => Some(DocumentStatus::Void),
        InvoiceStatus::Draft | InvoiceStatus::Deleted => None,
    }
}

/// Who is billed; of an erased person nothing is left to be printed.
async fn customer(app: &App, call: &Call, invoice: &InvoiceSnapshot) -> Result<Party, Failure> {
    let Some(id) = &invoice.customer else { return Ok(Party::default()) };
    let (pool, tenant) = (app.ledger.pool(), &call.tenant);
    let row = projections::customers::find_customer(pool, tenant.as_str(), id.as_str()).await?;
    let Some(row): Option<CustomerRow> = row else { return Ok(Party::default()) };
    let known = person::unseal(app, tenant, &row, &[]).await?;
    let name = [known.first_name, known.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let mut lines: Vec<String> = known.company.into_iter().collect();
    lines.extend(known.billing_address.iter().flat_map(address));
    lines.extend(known.email);
    Ok(Party { name, lines })
}

fn address(address: &Value) -> Vec<String> {
    let part = |name: &str| address.get(name).and_then(Value::as_str).unwrap_or_default();
    let place = [part("city"), part("state"), part("postal_code")];
    let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    [part("line1"), part("line2"), &place, part("country")].into_iter().map(str::to_owned).collect()
}

async fn lines(
    app: &App,
    call: &Call,
    invoice: &InvoiceSnapshot,
    zone: &TimeZone,
) -> Result<Vec<DocumentLine>, Failure> {
    let notes: Vec<_> = invoice.lines.iter().map(|line| line.note.as_ref()).collect();
    let notes = person::unseal_all(app, &call.tenant, &notes).await?;
    let line = |(line, note): (&Line, Option<String>)| DocumentLine {
        description: note.unwrap_or_else(|| line.description.clone()),
        period: line.period.map(|period| span(period, zone)),
        quantity: Some(line.quantity),
        unit_minor: unit(line),
        amount_minor: line.amount_minor,
    };
    Ok(invoice.lines.iter().zip(notes).map(line).collect())
}

/// The price of one, where the amount is so many times that; a part of a period has none.
fn unit(line: &Line) -> Option<Decimal> {
    let unit = Decimal::from(line.amount_minor).checked_div(Decimal::from(line.quantity))?;
    (unit * Decimal::from(line.quantity) == Decimal::from(line.amount_minor)).then(|| unit.normalize())
}

fn totals(invoice: &InvoiceSnapshot) -> DocumentTotals {
    let discounts = invoice.discounts.iter();
    DocumentTotals {
        subtotal_minor: invoice.subtotal_minor,
        discounts: discounts
            .map(|share| DocumentDiscount { coupon: share.coupon.clone(), amount_minor: share.amount_minor })
            .collect(),
        taxes: taxes(&invoice.lines),
        total_minor: invoice.total_minor,
        applied_balance_minor: invoice.applied_credit_minor + invoice.applied_prepaid_minor,
        credited_minor: invoice.credited_before_payment_minor,
        amount_paid_minor: invoice.amount_paid_minor,
        amount_due_minor: Some(invoice.amount_remaining_minor),
    }
}

/// The tax of each rate over all its lines.
fn taxes(lines: &[Line]) -> Vec<DocumentTax> {
    let mut taxes: Vec<(&Rate, DocumentTax)> = Vec::new();
    for line in lines {
        let Some(tax) = &line.tax else { continue };
        let base_minor = line.totals().net_minor();
        match taxes.iter_mut().find(|(rate, _)| **rate == tax.rate) {
            Some((_, sum)) => {
                sum.base_minor += base_minor;
                sum.amount_minor += tax.tax_minor;
            }
            None => taxes.push((
                &tax.rate,
                DocumentTax {
                    name: format!("Tax {}", tax.rate.jurisdiction()),
                    percent: tax.rate.percent(),
                    base_minor,
                    amount_minor: tax.tax_minor,
                    inclusive: tax.rate.inclusion() == Inclusion::Inclusive,
                },
            )),
        }
    }
    taxes.into_iter().map(|(_, tax)| tax).collect()
}

fn span(period: Period, zone: &TimeZone) -> DateSpan {
    let date = |at: Timestamp| -> Date { local_date(at, zone) };
    DateSpan { start: date(period.start), end: date(period.end) }
}
