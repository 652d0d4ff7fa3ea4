//! Do reports that contradict one another end in the same balances whatever their order? A processor's reports of a
//! payment may name different invoices for it, or none, and different sums of one refund.

use std::collections::BTreeMap;

use jiff::civil::date;

use super::story::{Story, invoice_id, payment_id};
use crate::invoice::{InvoiceCommand, InvoiceSnapshot, InvoiceStatus};
use crate::origin::Origin;
use crate::payment::{ChargeReport, PaymentCommand, PaymentStatus, RefundReport, RefundStatus};
use crate::samples;
use crate::samples::payment::TAKEN;

const PAYMENT: &str = "pay_1";

/// One report; each is of an event of its own.
#[derive(Debug, Clone, Copy)]
enum Told {
    Charge { day: u8, invoice: Option<&'static str>, refunded: i64 },
    Refund { day: u8, id: &'static str, status: RefundStatus, minor: i64 },
    Invoice { day: u8, id: &'static str, named: bool },
}

fn tell(story: &mut Story, told: Told) {
    let stamp = |day: u8| samples::stamp(&format!("evt_{told:?}"), &format!("2024-02-{day:02}T00:00:00Z"), 1);
    let id = payment_id(PAYMENT);
    let when = "2024-03-01";
    match told {
        Told::Charge { day, invoice, refunded } => {
            let charge = ChargeReport {
                invoice: invoice.map(invoice_id),
                amount_refunded_minor: refunded,
                ..samples::payment::charge("ch_1", PaymentStatus::Succeeded, TAKEN)
            };
            let command = PaymentCommand::ReportCharge { id, stamp: stamp(day), charge: Box::new(charge) };
            story.tell_payment(PAYMENT, when, command).unwrap();
        }
        Told::Refund { day, id: refund, status, minor } => {
            let refund: RefundReport = samples::payment::refund(refund, status, minor);
            let command = PaymentCommand::ReportRefund { id, stamp: stamp(day), refund };
            story.tell_payment(PAYMENT, when, command).unwrap();
        }
        Told::Invoice { day, id: invoice, named } => {
            let snapshot = InvoiceSnapshot {
                origin: Origin::Stripe,
                payment: named.then_some(id),
                ..samples::invoice::in_status(InvoiceStatus::Paid)
            };
            let (id, snapshot) = (invoice_id(invoice), Box::new(snapshot));
            let command = InvoiceCommand::Report { id, stamp: stamp(day), snapshot, attempt: None };
            story.tell_invoice(invoice, when, command).unwrap();
        }
    }
}

fn orders(told: &[Told]) -> Vec<Vec<Told>> {
    let Some((first, rest)) = told.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut order = order.clone();
            order.insert(at, *first);
            all.push(order);
        }
    }
    all
}

/// Every balance once all is earned, and the keys posted more often than once.
fn ends(order: &[Told]) -> (BTreeMap<u16, i64>, Vec<String>) {
    let mut story = Story::default();
    for told in order {
        tell(&mut story, *told);
    }
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    story.posted.iter().for_each(|entry| *keys.entry(&entry.key).or_default() += 1);
    let twice = keys.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key.to_owned()).collect();
    (story.at(date(2030, 1, 1)), twice)
}

#[test]
fn contradicting_reports_end_in_the_same_balances_in_every_order() {
    use RefundStatus::{Failed, Pending, Succeeded};
    let charge = |day, invoice, refunded| Told::Charge { day, invoice, refunded };
    let refund = |day, id, status, minor| Told::Refund { day, id, status, minor };
    let invoice = |day, id, named| Told::Invoice { day, id, named };
    let cases = [
        (
            "an invoice named by an older report only",
            vec![
                charge(1, Some("in_1"), 0),
                charge(3, None, 15_000),
                refund(3, "re_1", Succeeded, 10_000),
                invoice(2, "in_1", false),
            ],
        ),
        (
            "several invoices named",
            vec![
                charge(1, Some("in_2"), 0),
                charge(2, Some("in_3"), 5_000),
                charge(3, None, 15_000),
                invoice(2, "in_1", true),
                invoice(3, "in_1", false),
                refund(3, "re_1", Succeeded, 10_000),
            ],
        ),
        (
            "several sums of one refund, and one that failed",
            vec![
                charge(1, Some("in_1"), 15_000),
                refund(3, "re_1", Succeeded, 10_000),
                refund(4, "re_1", Succeeded, 5_000),
                refund(5, "re_2", Pending, 2_000),
                refund(6, "re_2", Failed, 2_000),
                invoice(2, "in_1", true),
            ],
        ),
    ];
    for (what, told) in cases {
        let expected = (ends(&told).0, Vec::new());
        for order in orders(&told) {
            assert_eq!(ends(&order), expected, "{what}: {order:?}");
        }
    }
}
