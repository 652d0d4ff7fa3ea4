//! Credit notes of the processor: their postings, the same whatever is heard of first.

use std::collections::BTreeMap;

use jiff::civil::date;

use super::story::{Story, at, invoice_id, over};
use crate::invoice::{InvoiceCommand, InvoiceSnapshot, InvoiceStatus, Line, ReportedNote};
use crate::money::Currency;
use crate::origin::Origin;
use crate::payment::RefundStatus;
use crate::samples::stamp;
use crate::time::Period;

type Balances = BTreeMap<u16, i64>;

/// 90 and 9 of tax for January to March; what is due is less what a note took off.
fn invoice(event: &str, when: &str, paid_minor: i64, credited_minor: i64) -> InvoiceCommand {
    let days = over(9_000, "2023-01-01", "2023-04-01");
    let line = Line { period: days.1.map(|(from, to)| Period { start: at(from), end: at(to) }), ..Line::of(days.0) };
    let settled = paid_minor + credited_minor == 9_900;
    let snapshot = InvoiceSnapshot {
        origin: Origin::Stripe,
        status: if settled { InvoiceStatus::Paid } else { InvoiceStatus::Open },
        lines: vec![line],
        subtotal_minor: 9_000,
        tax_minor: 900,
        total_minor: 9_900,
        amount_due_minor: 9_900 - credited_minor,
        amount_paid_minor: paid_minor,
        credited_before_payment_minor: credited_minor,
        finalized_at: Some(at("2023-01-01")),
        ..InvoiceSnapshot::draft(Currency::USD, at("2023-01-01"))
    };
    InvoiceCommand::Report {
        id: invoice_id("in_1"),
        stamp: stamp(event, &format!("{when}T00:00:00Z"), 1),
        snapshot: Box::new(snapshot),
        attempt: None,
    }
}

fn noted(note: ReportedNote) -> InvoiceCommand {
    let when = if note.voided_at.is_some() { "2023-03-01T00:00:00Z" } else { "2023-02-01T00:00:00Z" };
    let phase = u8::from(note.voided_at.is_some());
    let stamp = crate::stamp::Stamp { phase, ..stamp(&format!("evt_cn_{phase}"), when, 1) };
    InvoiceCommand::ReportNote { id: invoice_id("in_1"), stamp, note }
}

/// Half of it: 45 and 4.50 of tax.
fn half() -> ReportedNote {
    ReportedNote {
        id: "cn_1".to_owned(),
        number: None,
        currency: Currency::USD,
        issued_at: at("2023-02-01"),
        voided_at: None,
        tax_minor: 450,
        before_payment_minor: 0,
        refund_minor: 0,
        refund: None,
        to_balance_minor: 0,
        out_of_band_minor: 0,
    }
}

/// Tells all of it in every order; what is on the accounts at the end of February and of April must be the same.
fn check(name: &str, commands: &[InvoiceCommand], refund: bool, expected: [&[(u16, i64)]; 2]) {
    let expected: Vec<Balances> = expected.into_iter().map(|lines| lines.iter().copied().collect()).collect();
    for order in super::reports::permutations(commands.len()) {
        let mut story = Story::default();
        if refund {
            story.charge(Some("in_1"), "pay_1", "2023-01-01", 9_900);
            story.refund("pay_1", "re_1", "2023-02-02", 4_950, RefundStatus::Succeeded);
        }
        for index in &order {
            story.tell_invoice("in_1", "2023-01-01", commands[*index].clone()).unwrap();
        }
        let told = [date(2023, 2, 28), date(2023, 4, 30)].map(|date| story.at(date));
        assert_eq!(told.to_vec(), expected, "{name} {order:?}");
        let twice = story.posted.len();
        for index in &order {
            story.tell_invoice("in_1", "2023-01-01", commands[*index].clone()).unwrap();
        }
        assert_eq!(story.posted.len(), twice, "{name}: told twice posts nothing");
    }
}

#[test]
fn a_note_before_payment_lowers_what_is_owed() {
    let note = ReportedNote { before_payment_minor: 4_950, ..half() };
    let told = [invoice("evt_1", "2023-01-01", 0, 0), noted(note.clone()), invoice("evt_2", "2023-02-01", 0, 4_950)];
    // As E48, with the tax taken back.
    check(
        "before payment",
        &told,
        false,
        [
            &[(1100, 4_950), (2000, -1_550), (2100, -450), (4000, -4_500), (4920, 1_550)],
            &[(1100, 4_950), (2100, -450), (4000, -6_050), (4920, 1_550)],
        ],
    );
    // Taken back on March 1st: all is owed again, and what was not earned is earned in the time left.
    let voided = noted(ReportedNote { voided_at: Some(at("2023-03-01")), ..note.clone() });
    let told = [invoice("evt_1", "2023-01-01", 0, 0), noted(note), voided];
    check(
        "voided",
        &told,
        false,
        [
            &[(1100, 4_950), (2000, -1_550), (2100, -450), (4000, -4_500), (4920, 1_550)],
            &[(1100, 9_900), (2100, -900), (4000, -9_000)],
        ],
    );
}

#[test]
fn a_note_after_payment_goes_where_it_says() {
    let paid = [invoice("evt_1", "2023-01-01", 9_900, 0)];
    let with = |note: ReportedNote| [paid[0].clone(), noted(note)];
    check(
        "to the balance",
        &with(ReportedNote { to_balance_minor: 4_950, ..half() }),
        false,
        [
            &[(2000, -1_550), (2100, -450), (2200, -4_950), (2220, 9_900), (4000, -4_500), (4920, 1_550)],
            &[(2100, -450), (2200, -4_950), (2220, 9_900), (4000, -6_050), (4920, 1_550)],
        ],
    );
    check(
        "out of band",
        &with(ReportedNote { out_of_band_minor: 4_950, ..half() }),
        false,
        [
            &[(1030, -4_950), (2000, -1_550), (2100, -450), (2220, 9_900), (4000, -4_500), (4920, 1_550)],
            &[(1030, -4_950), (2100, -450), (2220, 9_900), (4000, -6_050), (4920, 1_550)],
        ],
    );
    // What the note owes the customer is paid out by its refund, which gives nothing back of its own.
    check(
        "refunded",
        &with(ReportedNote { refund_minor: 4_950, refund: Some("re_1".to_owned()), ..half() }),
        true,
        [
            &[(1010, 4_950), (2000, -1_550), (2100, -450), (4000, -4_500), (4920, 1_550)],
            &[(1010, 4_950), (2100, -450), (4000, -6_050), (4920, 1_550)],
        ],
    );
}
