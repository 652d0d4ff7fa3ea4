//! An invoice as finance reads it: every figure, and the credit notes issued on it.

use domain::invoice::{InvoiceSnapshot, IssuedNote, Line};
use domain::money::Currency;
use projections::credit_notes::CreditNoteRow;
use serde::Serialize;

use crate::app::App;
use crate::failure::Failure;
use crate::operations::invoices as operation;
use crate::operations::{Call, Done};
use crate::web::amount::{Amount, rfc3339, rfc3339_micros};

#[derive(Debug, Serialize)]
struct LineWire {
    description: String,
    quantity: u64,
    amount: Amount,
    discount: Amount,
    /// On top of the amount, or in it.
    tax: Amount,
    proration: bool,
    usage: bool,
    period_start: Option<String>,
    period_end: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct NoteWire {
    credit_note_id: String,
    number: String,
    invoice_id: String,
    customer_id: Option<String>,
    status: &'static str,
    currency: String,
    subtotal: Amount,
    discount: Amount,
    tax: Amount,
    total: Amount,
    /// Where its money went: off what was due, back to the payer, to the customer's balance.
    to_receivable: Amount,
    to_refund: Amount,
    to_balance: Amount,
    refund_id: Option<String>,
    issued_at: String,
    voided_at: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct InvoiceWire {
    invoice_id: String,
    number: Option<String>,
    customer_id: Option<String>,
    subscription_id: Option<String>,
    status: &'static str,
    currency: &'static str,
    subtotal: Amount,
    discount: Amount,
    tax: Amount,
    total: Amount,
    balance_applied: Amount,
    credited: Amount,
    amount_due: Amount,
    amount_paid: Amount,
    amount_remaining: Amount,
    payment_id: Option<String>,
    attempt_count: u32,
    overdue: bool,
    created_at: String,
    finalized_at: Option<String>,
    due_at: Option<String>,
    paid_at: Option<String>,
    closed_at: Option<String>,
    lines: Vec<LineWire>,
    credit_notes: Vec<NoteWire>,
}

/// The invoice as it was when something was done with it.
pub(super) async fn load(app: &App, call: &Call, id: &str, position: i64) -> Result<InvoiceWire, Failure> {
    let invoice = operation::invoice_at(&app.ledger, call, &Done { id: id.to_owned(), position }).await?;
    let snapshot = invoice.snapshot().ok_or_else(|| Failure::not_found("invoice"))?;
    render(app, call, id, snapshot).await
}

pub(super) async fn render(app: &App, call: &Call, id: &str, of: &InvoiceSnapshot) -> Result<InvoiceWire, Failure> {
    let amount = |minor| Amount::minor(minor, of.currency);
    let sealed: Vec<_> = of.lines.iter().filter_map(|line| line.note.as_ref()).collect();
    let mut texts = app.ledger.keyring().unseal_many(&call.tenant, &sealed).await?.into_iter();
    let mut line = |line: &Line| line_wire(line, of.currency, line.note.as_ref().and_then(|_| texts.next().flatten()));
    Ok(InvoiceWire {
        lines: of.lines.iter().map(&mut line).collect(),
        invoice_id: id.to_owned(),
        number: of.number.clone(),
        customer_id: of.customer.as_ref().map(ToString::to_string),
        subscription_id: of.subscription.as_ref().map(ToString::to_string),
        status: of.status.as_str(),
        currency: of.currency.code(),
        subtotal: amount(of.subtotal_minor),
        discount: amount(of.discount_minor),
        tax: amount(of.tax_minor),
        total: amount(of.total_minor),
        balance_applied: amount(of.applied_credit_minor + of.applied_prepaid_minor),
        credited: amount(of.standing_notes().iter().map(|note| note.figures().total_minor).sum()),
        amount_due: amount(of.amount_due_minor),
        amount_paid: amount(of.amount_paid_minor),
        amount_remaining: amount(of.amount_remaining_minor),
        payment_id: of.payment.as_ref().map(ToString::to_string),
        attempt_count: of.attempt_count,
        overdue: of.overdue,
        created_at: rfc3339(of.created_at),
        finalized_at: of.finalized_at.map(rfc3339),
        due_at: of.due_at.map(rfc3339),
        paid_at: of.paid_at.map(rfc3339),
        closed_at: of.closed_at.map(rfc3339),
        credit_notes: of.notes.iter().map(|note| note_wire(id, of, note)).collect(),
    })
}

pub(super) fn note_wire(invoice: &str, of: &InvoiceSnapshot, note: &IssuedNote) -> NoteWire {
    let amount = |minor| Amount::minor(minor, of.currency);
    let (figures, settlement) = (note.note.figures(), note.note.settlement);
    NoteWire {
        credit_note_id: note.id.clone(),
        number: note.number.clone(),
        invoice_id: invoice.to_owned(),
        customer_id: of.customer.as_ref().map(ToString::to_string),
        status: if note.voided_at.is_some() { "void" } else { "issued" },
        currency: of.currency.code().to_owned(),
        subtotal: amount(figures.subtotal_minor),
        discount: amount(figures.discount_minor),
        tax: amount(figures.exclusive_tax_minor + figures.inclusive_tax_minor),
        total: amount(figures.total_minor),
        to_receivable: amount(settlement.before_payment_minor),
        to_refund: amount(settlement.refund_minor),
        to_balance: amount(settlement.to_balance_minor),
        refund_id: note.refund.clone(),
        issued_at: rfc3339(note.issued_at),
        voided_at: note.voided_at.map(rfc3339),
    }
}

impl NoteWire {
    pub(super) fn of_row(row: CreditNoteRow) -> Self {
        let amount = |minor| Amount::of_row(minor, &row.currency);
        Self {
            subtotal: amount(row.subtotal_minor),
            discount: amount(row.discount_minor),
            tax: amount(row.tax_minor),
            total: amount(row.total_minor),
            to_receivable: amount(row.before_payment_minor),
            to_refund: amount(row.refund_minor),
            to_balance: amount(row.to_balance_minor),
            status: if row.voided_at.is_some() { "void" } else { "issued" },
            issued_at: rfc3339_micros(row.issued_at),
            voided_at: row.voided_at.map(rfc3339_micros),
            credit_note_id: row.credit_note_id,
            number: row.number,
            invoice_id: row.invoice_id,
            customer_id: row.customer_id,
            refund_id: row.refund_id,
            currency: row.currency,
        }
    }
}

fn line_wire(line: &Line, currency: Currency, note: Option<String>) -> LineWire {
    let amount = |minor| Amount::minor(minor, currency);
    LineWire {
        description: note.unwrap_or_else(|| line.description.clone()),
        quantity: line.quantity,
        amount: amount(line.amount_minor),
        discount: amount(line.discount_minor),
        tax: amount(line.tax.as_ref().map_or(0, |tax| tax.tax_minor)),
        proration: line.proration,
        usage: line.usage,
        period_start: line.period.map(|period| rfc3339(period.start)),
        period_end: line.period.map(|period| rfc3339(period.end)),
    }
}
