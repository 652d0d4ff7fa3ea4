//! What rows do credit notes become, and which pages are they listed in?

use domain::credit_note::{CreditNote, CreditedLine, Settlement};
use domain::event::LedgerEvent;
use domain::id::{CustomerId, InvoiceId};
use domain::invoice::{InvoiceChange, InvoiceEvent, InvoiceSnapshot, IssuedNote};
use domain::invoice_totals::LineTotals;
use domain::money::Currency;

use super::row::CreditNoteRow;
use crate::testing::{assert_round_trip, at, fold_all, micros, projection};

const ISSUED: &str = "2024-02-01T00:00:00Z";
const VOIDED: &str = "2024-02-03T00:00:00Z";

fn note(id: &str, voided: bool) -> IssuedNote {
    let credit = LineTotals { amount_minor: 1_000, discount_minor: 100, tax: None };
    IssuedNote {
        id: id.to_owned(),
        number: "CN-2024-000001".to_owned(),
        issued_at: at(ISSUED),
        reason: None,
        refund: Some("re_1".to_owned()),
        voided_at: voided.then(|| at(VOIDED)),
        note: CreditNote {
            lines: vec![CreditedLine { line: 0, credit }],
            settlement: Settlement { before_payment_minor: 100, refund_minor: 200, to_balance_minor: 600 },
        },
    }
}

fn event(change: InvoiceChange, notes: Vec<IssuedNote>) -> LedgerEvent {
    let after = InvoiceSnapshot {
        customer: CustomerId::parse("cus_1").ok(),
        notes,
        ..InvoiceSnapshot::draft(Currency::EUR, at(ISSUED))
    };
    let (at, invoice) = (at(ISSUED), InvoiceId::parse("in_1").unwrap());
    LedgerEvent::Invoice(InvoiceEvent { at, invoice, change, after: Some(Box::new(after)) })
}

#[test]
fn a_note_is_a_row_as_it_stands() {
    let issued = |id: &str| InvoiceChange::InvoiceCreditNoteIssued { note: note(id, false) };
    let rows = fold_all::<CreditNoteRow>(
        &projection("credit_notes"),
        &[
            event(InvoiceChange::InvoiceSent {}, vec![]),
            event(issued("cn_1"), vec![note("cn_1", false)]),
            event(issued("cn_2"), vec![note("cn_1", false), note("cn_2", false)]),
            event(
                InvoiceChange::InvoiceCreditNoteVoided { id: "cn_1".to_owned() },
                vec![note("cn_1", true), note("cn_2", false)],
            ),
        ],
    )
    .unwrap();
    let standing = CreditNoteRow {
        tenant: "coaching".to_owned(),
        credit_note_id: "cn_2".to_owned(),
        number: "CN-2024-000001".to_owned(),
        invoice_id: "in_1".to_owned(),
        customer_id: Some("cus_1".to_owned()),
        currency: "EUR".to_owned(),
        subtotal_minor: 1_000,
        discount_minor: 100,
        tax_minor: 0,
        total_minor: 900,
        before_payment_minor: 100,
        refund_minor: 200,
        to_balance_minor: 600,
        refund_id: Some("re_1".to_owned()),
        issued_at: micros(ISSUED),
        voided_at: None,
        created_position: 3,
        position: 3,
    };
    let voided = CreditNoteRow {
        credit_note_id: "cn_1".to_owned(),
        voided_at: Some(micros(VOIDED)),
        created_position: 2,
        position: 4,
        ..standing.clone()
    };
    assert_eq!(rows, [voided.clone(), standing]);
    assert_round_trip(&voided);
}
