//! The documents that the tests print.

use domain::money::Currency;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use crate::pdf::{
    DateSpan, DocumentDiscount, DocumentKind, DocumentLine, DocumentStatus, DocumentTax, DocumentTotals,
    InvoiceDocument, Party,
};

pub const ISSUED: Date = date(2024, 2, 1);
pub const MONTH: DateSpan = DateSpan { start: ISSUED, end: date(2024, 3, 1) };

/// Every field filled, and figures that add up.
pub fn full() -> InvoiceDocument {
    InvoiceDocument {
        kind: DocumentKind::Invoice,
        number: "INV-2024-001234".to_owned(),
        corrects: None,
        status: Some(DocumentStatus::Open),
        seller: party("Nordlicht Coaching GmbH", &["Torstraße 1", "10119 Berlin", "VAT DE123456789"]),
        customer: party("Ελένη Παπαδοπούλου", &["ул. Ленина 5", "Zürich"]),
        issue_date: ISSUED,
        due_date: Some(date(2024, 2, 15)),
        period: Some(MONTH),
        currency: Currency::USD,
        lines: vec![
            DocumentLine {
                description: "Coaching, monthly".to_owned(),
                period: Some(MONTH),
                quantity: Some(2),
                unit_minor: Some(Decimal::from(500_000)),
                amount_minor: 1_000_000,
            },
            DocumentLine {
                description: "Unused time".to_owned(),
                period: None,
                quantity: None,
                unit_minor: None,
                amount_minor: -50_000,
            },
        ],
        totals: DocumentTotals {
            subtotal_minor: 950_000,
            discounts: vec![DocumentDiscount { coupon: "LAUNCH20".to_owned(), amount_minor: 200_000 }],
            taxes: vec![tax("VAT", 19, 750_000, 142_500, false)],
            total_minor: 892_500,
            applied_balance_minor: 2_500,
            credited_minor: 40_000,
            amount_paid_minor: 50_000,
            amount_due_minor: Some(800_000),
        },
        notes: "Thank you.\nPay by transfer.".to_owned(),
    }
}

/// Nothing that may be left out.
pub fn bare() -> InvoiceDocument {
    let totals = DocumentTotals {
        subtotal_minor: 0,
        discounts: Vec::new(),
        taxes: Vec::new(),
        total_minor: 0,
        applied_balance_minor: 0,
        credited_minor: 0,
        amount_paid_minor: 0,
        amount_due_minor: None,
    };
    InvoiceDocument {
        number: String::new(),
        status: None,
        seller: Party::default(),
        customer: Party::default(),
        due_date: None,
        period: None,
        lines: Vec::new(),
        totals,
        notes: String::new(),
        ..full()
    }
}

pub fn with_lines(count: usize) -> InvoiceDocument {
    let line = |index| DocumentLine {
        description: format!("Seat {index}"),
        period: Some(MONTH),
        quantity: Some(1),
        unit_minor: Some(Decimal::from(1_000)),
        amount_minor: 1_000,
    };
    InvoiceDocument { lines: (1..=count).map(line).collect(), ..full() }
}

/// One line, every one of whose figures is this amount.
pub fn of_amount(minor: i64, currency: Currency) -> InvoiceDocument {
    let line = DocumentLine {
        description: "Plan".to_owned(),
        period: None,
        quantity: Some(1),
        unit_minor: Some(Decimal::from(minor)),
        amount_minor: minor,
    };
    let totals = DocumentTotals { subtotal_minor: minor, total_minor: minor, ..bare().totals };
    InvoiceDocument { currency, lines: vec![line], totals, ..bare() }
}

/// The same text wherever a document takes one.
pub fn of_text(text: &str) -> InvoiceDocument {
    let mut document = full();
    text.clone_into(&mut document.number);
    text.clone_into(&mut document.notes);
    document.corrects = Some(text.to_owned());
    document.seller = party(text, &[text, text]);
    document.customer = party(text, &[text, text]);
    for line in &mut document.lines {
        text.clone_into(&mut line.description);
    }
    for discount in &mut document.totals.discounts {
        text.clone_into(&mut discount.coupon);
    }
    for tax in &mut document.totals.taxes {
        text.clone_into(&mut tax.name);
    }
    document
}

pub fn tax(name: &str, percent: i64, base_minor: i64, amount_minor: i64, inclusive: bool) -> DocumentTax {
    DocumentTax { name: name.to_owned(), percent: Decimal::from(percent), base_minor, amount_minor, inclusive }
}

fn party(name: &str, lines: &[&str]) -> Party {
    Party { name: name.to_owned(), lines: lines.iter().map(|&line| line.to_owned()).collect() }
}
