//! What do invoices and their events look like in tests?

use super::{at, customer_id, invoice_id, payment_id, period, plan_id, sealed, stamp, subscription_id};
use crate::credit_note::{CreditNote, CreditedLine, Settlement};
use crate::invoice::{
    CouponShare, FailedAttempt, InvoiceChange, InvoiceEvent, InvoiceSnapshot, InvoiceStatus, IssuedNote, Line,
    ReportedNote,
};
use crate::invoice_totals::{LineTax, LineTotals};
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::Interval;
use crate::tax::{Inclusion, Rate};

pub const DRAFTED: &str = "2024-02-01T00:00:00Z";
pub const NOW: &str = "2024-02-03T12:00:00Z";

pub fn line(amount_minor: i64) -> Line {
    Line {
        id: Some("il_1".to_owned()),
        description: "Elite coaching, February".to_owned(),
        period: Some(period("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")),
        plan: Some(plan_id("elite")),
        interval: Some(Interval::MONTHLY),
        ..Line::of(amount_minor)
    }
}

/// A draft of 5000.00 less 1000.00 plus 437.50 of tax.
pub fn draft() -> InvoiceSnapshot {
    InvoiceSnapshot {
        customer: Some(customer_id()),
        subscription: Some(subscription_id()),
        lines: vec![line(500_000)],
        subtotal_minor: 500_000,
        discount_minor: 100_000,
        tax_minor: 43_750,
        total_minor: 443_750,
        amount_due_minor: 443_750,
        amount_remaining_minor: 443_750,
        period: Some(period("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")),
        billing_reason: Some("subscription_cycle".to_owned()),
        ..InvoiceSnapshot::draft(Currency::USD, at(DRAFTED))
    }
}

/// The draft as it is in that status.
pub fn in_status(status: InvoiceStatus) -> InvoiceSnapshot {
    let finalized = InvoiceSnapshot {
        status,
        number: Some("INV-2024-000001".to_owned()),
        finalized_at: Some(at("2024-02-01T01:00:00Z")),
        ..draft()
    };
    match status {
        InvoiceStatus::Draft => draft(),
        InvoiceStatus::Deleted => InvoiceSnapshot { status, ..draft() },
        InvoiceStatus::Open => finalized,
        InvoiceStatus::Paid => InvoiceSnapshot {
            amount_paid_minor: finalized.amount_due_minor,
            amount_remaining_minor: 0,
            attempt_count: 1,
            paid_at: Some(at("2024-02-01T01:00:05Z")),
            payment: Some(payment_id()),
            ..finalized
        },
        InvoiceStatus::Uncollectible | InvoiceStatus::Void => {
            InvoiceSnapshot { closed_at: Some(at("2024-02-02T00:00:00Z")), ..finalized }
        }
    }
}

pub fn attempt(key: &str, count: u32, time: &str) -> FailedAttempt {
    FailedAttempt {
        key: key.to_owned(),
        count,
        at: at(time),
        next_attempt_at: Some(at("2024-02-05T00:00:00Z")),
        decline_code: Some("insufficient_funds".to_owned()),
    }
}

pub fn event(time: &str, change: InvoiceChange, after: Option<InvoiceSnapshot>) -> InvoiceEvent {
    InvoiceEvent { at: at(time), invoice: invoice_id(), change, after: after.map(Box::new) }
}

/// As our own billing makes one: 5000.00 less 1000.00 plus 437.50 of tax on what is left, of which 250.00 came off the
/// balance and 100.00 off by a credit note.
fn billed() -> InvoiceSnapshot {
    let rate = Rate::new("tax_ca", "US-CA", "10.9375".parse().unwrap(), Inclusion::Exclusive).unwrap();
    let tax = |tax_minor| Some(LineTax { rate: rate.clone(), tax_minor });
    let line = Line {
        item: Some("si_1".to_owned()),
        discount_minor: 100_000,
        tax: tax(43_750),
        usage: true,
        credits: Some("il_0".to_owned()),
        ..line(500_000)
    };
    InvoiceSnapshot {
        lines: vec![line],
        applied_credit_minor: 20_000,
        applied_prepaid_minor: 5_000,
        credited_before_payment_minor: 10_000,
        amount_due_minor: 408_750,
        amount_paid_minor: 8_750,
        amount_remaining_minor: 400_000,
        discounts: vec![CouponShare { coupon: "NEWCLIENT20".to_owned(), amount_minor: 100_000 }],
        notes: vec![note()],
        send_invoice: true,
        overdue: true,
        ..in_status(InvoiceStatus::Open)
    }
}

/// A note of 100.00: 90.14 and its tax, all of it off what is due.
fn note() -> IssuedNote {
    let rate = Rate::new("tax_ca", "US-CA", "10.9375".parse().unwrap(), Inclusion::Exclusive).unwrap();
    let tax = Some(LineTax { rate, tax_minor: 986 });
    let credit = LineTotals { amount_minor: 11_268, discount_minor: 2_254, tax };
    let settlement = Settlement { before_payment_minor: 10_000, refund_minor: 0, to_balance_minor: 0 };
    IssuedNote {
        id: "cn_1".to_owned(),
        number: "CN-2024-000001".to_owned(),
        issued_at: at(NOW),
        reason: Some(sealed("One session did not take place")),
        refund: Some("re_1".to_owned()),
        voided_at: Some(at("2024-02-04T00:00:00Z")),
        note: CreditNote { lines: vec![CreditedLine { line: 0, credit }], settlement },
    }
}

/// A note of the processor of 110.00 with its tax, of which every kind of settlement took a part.
pub fn reported_note() -> ReportedNote {
    ReportedNote {
        id: "cn_2".to_owned(),
        number: Some("ABCD-0001-CN-01".to_owned()),
        currency: Currency::USD,
        issued_at: at(NOW),
        voided_at: Some(at("2024-02-05T00:00:00Z")),
        tax_minor: 1_000,
        before_payment_minor: 4_000,
        refund_minor: 3_000,
        refund: Some("re_2".to_owned()),
        to_balance_minor: 2_500,
        out_of_band_minor: 1_500,
    }
}

/// One event of every kind.
pub fn events() -> Vec<InvoiceEvent> {
    use InvoiceChange as C;
    let attempt = attempt("ch_1", 1, "2024-02-01T01:00:05Z");
    let noted = Line { description: String::new(), note: Some(sealed("As agreed with Ms Lovelace")), ..line(500_000) };
    let told = InvoiceSnapshot {
        origin: Origin::Stripe,
        lines: vec![Line { proration: true, ..line(1_000) }, Line { amount_minor: 499_000, ..noted }],
        next_attempt_at: Some(at("2024-02-05T00:00:00Z")),
        due_at: Some(at("2024-03-02T00:00:00Z")),
        hosted_url: Some(sealed("https://invoice.example/i/1")),
        pdf_url: Some(sealed("https://invoice.example/i/1.pdf")),
        more_lines: true,
        ..in_status(InvoiceStatus::Open)
    };
    let of_note = stamp("evt_2", NOW, 1);
    let stamp = crate::stamp::Stamp { phase: 2, before: Some(7), ..stamp("evt_1", NOW, 1) };
    let now = |change, status| event(NOW, change, Some(in_status(status)));
    let billed = |change| event(NOW, change, Some(billed()));
    let payment = Some(payment_id());
    vec![
        now(C::InvoiceDrafted {}, InvoiceStatus::Draft),
        now(C::InvoiceFinalized {}, InvoiceStatus::Open),
        now(C::InvoiceSent {}, InvoiceStatus::Open),
        now(
            C::InvoicePaid { payment: Some(payment_id()), out_of_band: true, received_minor: 443_750, excess_minor: 0 },
            InvoiceStatus::Paid,
        ),
        billed(C::InvoicePartiallyPaid { payment, out_of_band: true, received_minor: 8_750 }),
        billed(C::InvoiceBalanceApplied { credit_minor: 20_000, prepaid_minor: 5_000 }),
        billed(C::InvoiceCreditNoteIssued { note: note() }),
        billed(C::InvoiceCreditNoteVoided { id: "cn_1".to_owned() }),
        billed(C::InvoiceReminded {}),
        billed(C::InvoiceOverdue {}),
        now(C::InvoicePaymentFailed { attempt: attempt.clone() }, InvoiceStatus::Open),
        now(C::InvoiceVoided {}, InvoiceStatus::Void),
        now(C::InvoiceMarkedUncollectible {}, InvoiceStatus::Uncollectible),
        now(C::InvoiceDeleted {}, InvoiceStatus::Deleted),
        now(C::InvoiceReported { stamp, snapshot: Some(Box::new(told)), attempt: Some(attempt) }, InvoiceStatus::Paid),
        event(NOW, C::InvoiceCreditNoteReported { stamp: of_note, note: reported_note() }, None),
        event(NOW, C::InvoicePaymentLinked { payment: payment_id(), amount_minor: 443_750 }, None),
    ]
}
