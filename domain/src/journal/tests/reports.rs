//! Reports of a processor in every order, and in the shapes of different years, come to the same balances.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::story::{Story, at, invoice_id, payment_id};
use crate::invoice::{InvoiceCommand, InvoiceSnapshot, InvoiceStatus, Line};
use crate::origin::Origin;
use crate::payment::{
    ChargeReport, DisputeReport, DisputeStatus, PaymentCommand, PaymentStatus, RefundReport, RefundStatus,
};
use crate::samples;
use crate::stamp::Stamp;
use crate::time::Period;

#[derive(Debug, Clone)]
enum Told {
    Invoice(InvoiceCommand),
    Payment(PaymentCommand),
}

fn stamp(event: &str, when: &str, phase: u8) -> Stamp {
    Stamp { phase, ..samples::stamp(event, when, phase) }
}

/// 90 less a discount of 10 plus 8 of tax for January to March, as Stripe tells it: lines without shares.
fn invoice(event: &str, when: &str, status: InvoiceStatus, names: Option<&str>) -> Told {
    let paid = status == InvoiceStatus::Paid;
    let line = Line {
        period: Some(Period { start: at("2023-01-01"), end: at("2023-04-01") }),
        ..samples::invoice::line(9_000)
    };
    let snapshot = InvoiceSnapshot {
        origin: Origin::Stripe,
        status,
        lines: vec![line],
        subtotal_minor: 9_000,
        discount_minor: 1_000,
        tax_minor: 800,
        total_minor: 8_800,
        amount_due_minor: 8_800,
        amount_paid_minor: if paid { 8_800 } else { 0 },
        amount_remaining_minor: if paid { 0 } else { 8_800 },
        finalized_at: Some(at("2023-01-01")),
        paid_at: paid.then(|| at("2023-01-10T10:00:01Z")),
        payment: names.map(payment_id),
        ..samples::invoice::draft()
    };
    let stamp = stamp(event, when, if paid { 2 } else { 0 });
    Told::Invoice(InvoiceCommand::Report { id: invoice_id("in_1"), stamp, snapshot: Box::new(snapshot), attempt: None })
}

fn charge(event: &str, when: &str, refunded: i64, names: bool) -> Told {
    let charge = ChargeReport {
        amount_minor: 8_800,
        amount_refunded_minor: refunded,
        created_at: at("2023-01-10T10:00:00Z"),
        invoice: names.then(|| invoice_id("in_1")),
        fee_minor: Some(285),
        net_minor: Some(8_515),
        ..samples::payment::charge("ch_1", PaymentStatus::Succeeded, samples::payment::TAKEN)
    };
    Told::Payment(PaymentCommand::ReportCharge {
        id: payment_id("pi_1"),
        stamp: stamp(event, when, 1),
        charge: Box::new(charge),
    })
}

fn refund(event: &str, when: &str, status: RefundStatus) -> Told {
    let phase = u8::from(status != RefundStatus::Pending);
    let refund = RefundReport { created_at: at("2023-02-01"), ..samples::payment::refund("re_1", status, 880) };
    Told::Payment(PaymentCommand::ReportRefund { id: payment_id("pi_1"), stamp: stamp(event, when, phase), refund })
}

fn dispute(event: &str, when: &str, status: DisputeStatus) -> Told {
    let phase = u8::from(status != DisputeStatus::Open);
    let dispute = DisputeReport { created_at: at("2023-03-01"), ..samples::payment::dispute("dp_1", status, 4_400) };
    Told::Payment(PaymentCommand::ReportDispute { id: payment_id("pi_1"), stamp: stamp(event, when, phase), dispute })
}

fn link() -> Told {
    Told::Invoice(InvoiceCommand::LinkPayment {
        id: invoice_id("in_1"),
        at: at("2023-01-10T10:00:02Z"),
        payment: payment_id("pi_1"),
        amount_minor: 8_800,
    })
}

fn tell<'t>(told: impl IntoIterator<Item = &'t Told>) -> Story {
    let mut story = Story::default();
    for command in told {
        let now = "2023-06-01T00:00:00Z";
        match command.clone() {
            Told::Invoice(command) => story.tell_invoice("in_1", now, command).unwrap(),
            Told::Payment(command) => story.tell_payment("pi_1", now, command).unwrap(),
        }
    }
    story
}

const DATES: [Date; 5] =
    [date(2023, 1, 5), date(2023, 1, 31), date(2023, 2, 20), date(2023, 3, 31), date(2023, 12, 31)];

fn balances(story: &Story) -> Vec<BTreeMap<u16, i64>> {
    DATES.iter().map(|date| story.at(*date)).collect()
}

pub(super) fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let insert = |shorter: Vec<usize>| {
        (0..count).map(move |place| {
            let mut longer = shorter.clone();
            longer.insert(place, count - 1);
            longer
        })
    };
    permutations(count - 1).into_iter().flat_map(insert).collect()
}

/// What was told in the shape of 2020: charge and invoice name each other.
fn told_in_2020() -> Vec<Told> {
    vec![
        invoice("evt_1", "2023-01-01T00:00:00Z", InvoiceStatus::Open, None),
        charge("evt_2", "2023-01-10T10:00:00Z", 0, true),
        invoice("evt_3", "2023-01-10T10:00:01Z", InvoiceStatus::Paid, Some("pi_1")),
        refund("evt_4", "2023-02-01T00:00:00Z", RefundStatus::Pending),
        refund("evt_5", "2023-02-03T00:00:00Z", RefundStatus::Succeeded),
        dispute("evt_6", "2023-03-01T00:00:00Z", DisputeStatus::Open),
        dispute("evt_7", "2023-03-20T00:00:00Z", DisputeStatus::Lost),
    ]
}

#[test]
fn every_order_of_reports_comes_to_the_same_balances() {
    let told = told_in_2020();
    let expected = balances(&tell(&told));
    assert_eq!(expected[0], BTreeMap::from([(1100, 8_800), (2000, -7_556), (2100, -800), (4000, -444)]));
    assert_eq!(
        expected[4],
        BTreeMap::from([(1010, 3_235), (2100, -320), (4000, -6_943), (4910, 276), (4930, 3_467), (6000, 285)])
    );
    for order in permutations(told.len()) {
        let story = tell(order.iter().map(|index| &told[*index]));
        // A refund first told of as settled is dated by when it was made and never waits in 2210.
        assert_eq!(balances(&story), expected, "{order:?}");
    }
}

#[test]
fn later_shapes_come_to_the_same_balances() {
    let expected = balances(&tell(&told_in_2020()));
    let told = [
        invoice("evt_1", "2023-01-01T00:00:00Z", InvoiceStatus::Open, None),
        charge("evt_2", "2023-01-10T10:00:00Z", 0, false),
        invoice("evt_3", "2023-01-10T10:00:01Z", InvoiceStatus::Paid, None),
        link(),
        refund("evt_5", "2023-02-03T00:00:00Z", RefundStatus::Succeeded),
        dispute("evt_7", "2023-03-20T00:00:00Z", DisputeStatus::Lost),
    ];
    for order in permutations(told.len()) {
        assert_eq!(balances(&tell(order.iter().map(|index| &told[*index]))), expected, "{order:?}");
    }
    // A refund of which only the charge tells.
    let told = [
        invoice("evt_1", "2023-01-01T00:00:00Z", InvoiceStatus::Open, None),
        charge("evt_2", "2023-01-10T10:00:00Z", 0, true),
        invoice("evt_3", "2023-01-10T10:00:01Z", InvoiceStatus::Paid, Some("pi_1")),
        charge("evt_4", "2023-02-01T00:00:00Z", 880, true),
        dispute("evt_7", "2023-03-20T00:00:00Z", DisputeStatus::Lost),
    ];
    assert_eq!(balances(&tell(&told)), expected);
}

#[test]
fn a_correction_is_a_reversal_and_a_new_entry() {
    let told = told_in_2020();
    let story = tell([&told[2], &told[0], &told[1]]);
    let keys: Vec<&str> = story.posted.iter().map(|entry| entry.key.as_str()).collect();
    let expected = ["in_1:finalized", "in_1:paid:pi_1", "in_1:paid:pi_1:reversed", "pi_1:settled", "pi_1:fee"];
    assert_eq!(keys, expected);
}
