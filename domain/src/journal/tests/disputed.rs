//! Chargebacks that come, go and are told again: M-14, M-15 and K-33 of billing.md §5. The invoice stays paid; what the bank
//! has taken is on the accounts.

use jiff::civil::{Date, date};

use super::story::{L, Story, at, dispute, invoice_id, nothing, payment_id};
use crate::payment::{ChargeReport, DisputeStatus, PaymentCommand, PaymentStatus, RefundReport, RefundStatus};
use crate::samples;
use crate::stamp::Stamp;

const DAY: Date = date(2023, 3, 31);

/// An invoice of that amount, earned at once, with a payment for it.
fn paid(invoiced_minor: i64, paid_minor: i64) -> Story {
    let mut story = Story::default();
    story.invoice("in_1", "2023-01-01", &[L(invoiced_minor, None, 0, false)], nothing());
    let charge = ChargeReport {
        amount_minor: paid_minor,
        created_at: at("2023-01-02"),
        invoice: Some(invoice_id("in_1")),
        fee_minor: None,
        net_minor: None,
        ..samples::payment::charge("ch_1", PaymentStatus::Succeeded, samples::payment::TAKEN)
    };
    let (id, stamp) = (payment_id("pay_1"), samples::stamp("evt_0", "2023-01-02T00:00:00Z", 1));
    let report = PaymentCommand::ReportCharge { id, stamp, charge: Box::new(charge) };
    story.tell_payment("pay_1", "2023-01-02", report).unwrap();
    story.receive("in_1", "2023-01-02", Some("pay_1"), false, paid_minor).unwrap();
    story
}

fn report(story: &mut Story, event: &str, phase: u8, when: &str, status: DisputeStatus, minor: i64) {
    let stamp = Stamp { phase, ..samples::stamp(event, &format!("{when}T00:00:00Z"), 1) };
    let dispute = dispute("dp_1", "2023-02-01", status, minor);
    story
        .tell_payment("pay_1", when, PaymentCommand::ReportDispute { id: payment_id("pay_1"), stamp, dispute })
        .unwrap();
}

fn check(name: &str, story: &Story, expected: &[(u16, i64)]) {
    assert_eq!(story.at(DAY), expected.iter().copied().collect(), "{name}");
    let ends = story.invoices.values().next().unwrap().snapshot().unwrap();
    assert_eq!(ends.amount_paid_minor + ends.amount_remaining_minor, ends.total_minor, "{name}");
}

/// M-14: taken back whole, given again, and the first report once more.
#[test]
fn a_chargeback_that_is_told_again_takes_nothing_again() {
    let mut story = paid(10_000, 10_000);
    report(&mut story, "evt_1", 0, "2023-02-01", DisputeStatus::Open, 10_000);
    check("M-14 opened", &story, &[(1020, 10_000), (4020, -10_000)]);
    report(&mut story, "evt_2", 1, "2023-02-20", DisputeStatus::Won, 10_000);
    check("M-14 given back", &story, &[(1010, 10_000), (4020, -10_000)]);
    let posted = story.posted.len();
    report(&mut story, "evt_1", 0, "2023-02-01", DisputeStatus::Open, 10_000);
    report(&mut story, "evt_3", 1, "2023-02-21", DisputeStatus::Won, 10_000);
    check("M-14 told again", &story, &[(1010, 10_000), (4020, -10_000)]);
    assert_eq!(story.posted.len(), posted, "M-14");
}

/// M-15: 10.00 were refunded; a dispute takes the rest, and gives it back once, however often that is told.
#[test]
fn a_dispute_gives_back_what_it_took_and_no_refund() {
    let mut story = paid(10_000, 10_000);
    let created_at = at("2023-01-10");
    let refund = RefundReport { created_at, ..samples::payment::refund("re_1", RefundStatus::Succeeded, 1_000) };
    let (id, stamp) = (payment_id("pay_1"), samples::stamp("evt_r", "2023-01-10T00:00:00Z", 1));
    story.tell_payment("pay_1", "2023-01-10", PaymentCommand::ReportRefund { id, stamp, refund }).unwrap();
    report(&mut story, "evt_1", 0, "2023-02-01", DisputeStatus::Open, 9_000);
    check("M-15 opened", &story, &[(1020, 9_000), (4020, -10_000), (4910, 1_000)]);
    for event in ["evt_2", "evt_3"] {
        report(&mut story, event, 1, "2023-02-20", DisputeStatus::Won, 9_000);
        check("M-15 given back", &story, &[(1010, 9_000), (4020, -10_000), (4910, 1_000)]);
    }
}

/// K-33: of 249.95 10.00 were paid; the bank takes them and gives them back. Meanwhile 239.95 are owed and not 249.95.
#[test]
fn a_chargeback_does_not_make_its_invoice_owed_again() {
    let mut story = paid(24_995, 1_000);
    let owed = |story: &Story| story.invoices.values().next().unwrap().snapshot().unwrap().amount_remaining_minor;
    check("K-33 paid in part", &story, &[(1010, 1_000), (1100, 23_995), (4020, -24_995)]);
    report(&mut story, "evt_1", 0, "2023-02-01", DisputeStatus::Open, 1_000);
    check("K-33 charged back", &story, &[(1020, 1_000), (1100, 23_995), (4020, -24_995)]);
    assert_eq!(owed(&story), 23_995, "K-33");
    report(&mut story, "evt_2", 1, "2023-02-20", DisputeStatus::Won, 1_000);
    check("K-33 reversed", &story, &[(1010, 1_000), (1100, 23_995), (4020, -24_995)]);
    assert_eq!(owed(&story), 23_995, "K-33");
}
