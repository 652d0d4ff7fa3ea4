//! What invoices' rows become.

use domain::event::LedgerEvent;
use domain::id::{CustomerId, InvoiceId};
use domain::invoice::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus, Line};
use domain::money::Currency;
use domain::origin::Origin;
use domain::sealed::Sealed;

use super::row::InvoiceRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

fn snapshot(status: InvoiceStatus, paid: i64) -> InvoiceSnapshot {
    InvoiceSnapshot {
        customer: Some(CustomerId::parse("cus_1").unwrap()),
        status,
        number: Some("INV-2024-000001".to_owned()),
        lines: vec![line()],
        subtotal_minor: 1_000,
        discount_minor: 100,
        tax_minor: 90,
        total_minor: 990,
        amount_due_minor: 990,
        amount_paid_minor: paid,
        amount_remaining_minor: 990 - paid,
        attempt_count: 1,
        finalized_at: Some(at("2024-01-31T01:00:00Z")),
        hosted_url: Some(sealed("hosted")),
        pdf_url: Some(sealed("pdf")),
        ..InvoiceSnapshot::draft(Currency::EUR, at("2024-01-31T00:00:00Z"))
    }
}

fn sealed(text: &str) -> Sealed {
    Sealed::from_ciphertext(format!("v1:customer/cus_1:{text}"))
}

fn line() -> Line {
    Line { description: "Elite".to_owned(), note: Some(sealed("note")), ..Line::of(1_000) }
}

fn event(change: InvoiceChange, after: Option<InvoiceSnapshot>) -> LedgerEvent {
    let invoice = InvoiceId::parse("in_1").unwrap();
    LedgerEvent::Invoice(InvoiceEvent { at: at("2024-02-01T00:00:00Z"), invoice, change, after: after.map(Box::new) })
}

#[test]
fn an_invoice_is_what_its_last_event_left() {
    let rows = fold_all::<InvoiceRow>(
        &projection("invoices"),
        &[
            event(InvoiceChange::InvoiceFinalized {}, Some(snapshot(InvoiceStatus::Open, 0))),
            event(InvoiceChange::InvoiceSent {}, None),
            event(
                InvoiceChange::InvoicePaid { payment: None, out_of_band: true, received_minor: 0, excess_minor: 0 },
                Some(snapshot(InvoiceStatus::Paid, 990)),
            ),
        ],
    )
    .unwrap();
    let expected = InvoiceRow {
        tenant: "coaching".to_owned(),
        invoice_id: "in_1".to_owned(),
        number: Some("INV-2024-000001".to_owned()),
        customer_id: Some("cus_1".to_owned()),
        subscription_id: None,
        origin: Origin::Daybook,
        status: InvoiceStatus::Paid,
        currency: "EUR".to_owned(),
        subtotal_minor: 1_000,
        discount_minor: 100,
        tax_minor: 90,
        total_minor: 990,
        amount_due_minor: 990,
        amount_paid_minor: 990,
        amount_remaining_minor: 0,
        attempt_count: 1,
        next_attempt_at: None,
        created_at: micros("2024-01-31T00:00:00Z"),
        due_at: None,
        finalized_at: Some(micros("2024-01-31T01:00:00Z")),
        paid_at: None,
        closed_at: None,
        period_start_at: None,
        period_end_at: None,
        billing_reason: None,
        hosted_url: Some(sealed("hosted")),
        pdf_url: Some(sealed("pdf")),
        lines: vec![line()],
        payment_id: None,
        created_position: 1,
        position: 3,
    };
    assert_eq!(rows, [expected]);
    assert_round_trip(&rows[0]);
}
