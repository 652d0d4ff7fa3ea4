//! Cases of billing.md §5 that are about more than one part of the engine: credits by hand, capacity, coupons, voids.

use super::super::{Bill, adjust_balance, bill_now, credit, line_of_sum, refund, void_invoice};
use super::arrears::{record, used_item};
use super::ends::{end, notes};
use super::pauses::rest;
use super::simulator::{Sim, new_subscription, plan, plan_each, tax, when};
use crate::credit_note::{LineCredit, Settle, Wanted};
use crate::id::InvoiceId;
use crate::money::Currency;
use crate::payment::RefundStatus;
use crate::price::{Discount, Duration, Interval, Off, Scheme, Tier};
use crate::proration::ProrationBehavior::{AlwaysInvoice, CreateProrations};
use crate::proration::TerminationPolicy;
use crate::samples::subscription_id;
use crate::subscription::{Collection, NewSubscription};
use crate::tax::Inclusion;

/// K-21: a year that nobody paid, ten days of it blocked, and a change of plan for the rest.
#[test]
fn ten_days_of_a_year_and_its_rest_are_given_back() {
    let mut sim = Sim::by_day("2012-05-31");
    let new = new_subscription(vec![plan_each("plan", 239_995, Interval::YEARLY)]);
    sim.create(&NewSubscription { collection: Collection::SendInvoice, days_until_due: Some(365), ..new });
    sim.advance("2012-07-10");
    rest(&mut sim, Some("2012-07-20"), CreateProrations);
    sim.advance("2012-07-31");
    sim.alter(vec![plan("plan", 24_995)], AlwaysInvoice);
    // 10 of 365 days, −65.75, and 304 of them, −1,998.86: 2,064.61 in all.
    sim.check_invoices(
        "K-21",
        &[
            "2012-05-31 create: 239995 = 239995 open 239995, open",
            "2012-07-20 resume: 207119 -213694 = -6575 balance -6575, paid",
            "2012-07-31 update: -199886 24995 = -174891 balance -174891, paid",
        ],
    );
    assert_eq!(sim.balance(), 206_461 - 24_995, "K-21");
}

/// K-22: with a credit note nothing is owed for what was refunded; without one the invoice stays as it was paid.
#[test]
fn a_refund_is_no_debt() {
    for by_note in [true, false] {
        let mut sim = Sim::new("2012-05-01");
        let invoice = sim.subscribe(vec![plan("plan", 23_382)]).unwrap();
        if by_note {
            sim.run(|desk| credit(desk, &invoice, "cn_1", Wanted::Rest, Settle::Refund, None)).unwrap();
            assert_eq!(notes(&sim), ["23382 + 0 = 23382: 0 off, 23382 back, 0 to balance"], "K-22");
        } else {
            let payment = sim.desk.payments.keys().next().unwrap().clone();
            sim.run(|desk| refund(desk, &payment, "re_1", None, None, RefundStatus::Succeeded)).unwrap();
        }
        assert_eq!(sim.collected(), 0, "K-22");
        sim.check_invoices("K-22", &["2012-05-01 create: 23382 = 23382, paid"]);
    }
}

/// K-23: what is void is not owed, and its period is not billed with the next; what was paid cannot be void.
#[test]
fn a_void_invoice_is_not_billed_again() {
    let mut sim = Sim::new("2012-06-14");
    let new = new_subscription(vec![plan("plan", 24_995)]);
    let sent = NewSubscription { collection: Collection::SendInvoice, days_until_due: Some(60), ..new };
    let first = sim.create(&sent).unwrap();
    sim.run(|desk| void_invoice(desk, &first)).unwrap();
    sim.advance("2012-07-15");
    let second = sim.invoice_ids().pop().unwrap();
    sim.pay(&second);
    assert!(sim.run(|desk| void_invoice(desk, &second)).is_err(), "K-23");
    sim.check_invoices(
        "K-23",
        &["2012-06-14 create: 24995 = 24995 open 24995, void", "2012-07-14 cycle: 24995 = 24995, paid"],
    );
}

/// K-24: 20.00 of credit pay 19.95; of that 9.31 come back, so that 16 of 30 days cost 10.64 and 9.36 are left.
#[test]
fn credit_pays_and_comes_back() {
    let mut sim = Sim::by_day("2013-06-15");
    sim.run(|desk| adjust_balance(desk, Currency::USD, 2_000, None)).unwrap();
    sim.subscribe(vec![plan("pistol", 1_995)]);
    assert_eq!(sim.balance(), 5, "K-24");
    sim.advance("2013-07-01");
    end(&mut sim, TerminationPolicy::Credit);
    sim.check_invoices("K-24", &["2013-06-15 create: 1995 = 1995 balance 1995, paid"]);
    assert_eq!(notes(&sim), ["931 + 0 = 931: 0 off, 0 back, 931 to balance"], "K-24");
    assert_eq!((sim.balance(), 2_000 - sim.balance()), (936, 1_064), "K-24");
}

/// The lines of an invoice, its total, what of which line is credited in turn, and the notes of that.
type Credited = (&'static str, &'static [i64], i64, &'static [(usize, i64)], &'static [&'static str]);

/// An invoice of these lines with their tax.
fn billed(sim: &mut Sim, lines: &[i64]) -> InvoiceId {
    let bill = Bill {
        key: "cases".to_owned(),
        currency: Currency::USD,
        lines: lines.iter().map(|minor| line_of_sum(*minor, "Fee", None)).collect(),
        with_pending: false,
        due_in_days: None,
        finalize: true,
    };
    let id = sim.run(|desk| bill_now(desk, &bill)).unwrap();
    sim.pay(&id);
    id
}

/// L-10 to L-12: notes line by line bear their tax to the cent, and together no more than the invoice.
#[test]
fn notes_add_up_to_their_invoice() {
    let cases: [Credited; 3] = [
        ("L-10", &[76_900], 92_280, &[(0, 72_686), (0, 4_214)], &["72686 + 14537 = 87223", "4214 + 843 = 5057"]),
        ("L-11", &[6_833, 6_833], 16_399, &[(0, 6_833), (1, 6_833)], &["6833 + 1367 = 8200", "6833 + 1366 = 8199"]),
        (
            "L-12",
            &[6_833; 4],
            32_798,
            &[(0, 6_833), (1, 6_833), (2, 6_833), (3, 1_367), (3, 2_233), (3, 3_233)],
            &[
                "6833 + 1367 = 8200",
                "6833 + 1367 = 8200",
                "6833 + 1367 = 8200",
                "1367 + 273 = 1640",
                "2233 + 447 = 2680",
                "3233 + 645 = 3878",
            ],
        ),
    ];
    for (what, lines, total_minor, credits, expected) in cases {
        let mut sim = Sim::new("2024-01-01");
        sim.desk.rate = Some(tax("20", Inclusion::Exclusive));
        let invoice = billed(&mut sim, lines);
        assert_eq!(sim.collected(), total_minor, "{what}");
        for (number, (line, amount_minor)) in (1_u32..).zip(credits) {
            let wanted = [LineCredit { line: *line, amount_minor: *amount_minor }];
            let note = format!("cn_{number}");
            sim.run(|desk| credit(desk, &invoice, &note, Wanted::Lines(&wanted), Settle::ToBalance, None)).unwrap();
        }
        let expected: Vec<String> = expected
            .iter()
            .map(|note| format!("{note}: 0 off, 0 back, {} to balance", note.rsplit(' ').next().unwrap()))
            .collect();
        assert_eq!(notes(&sim), expected, "{what}");
        let left = sim.run(|desk| credit(desk, &invoice, "cn_over", Wanted::Amount(1), Settle::ToBalance, None));
        let is_all = sim.balance() == total_minor;
        assert_eq!(left.is_err(), is_all, "{what}: {left:?}");
    }
}

/// M-06: capacity of 1,000 for 120.00, 100 over it at 0.02, and charges of 30.00, 15.00 and 15.00: 182.00.
#[test]
fn capacity_is_billed_with_what_is_over_it() {
    let tier = |up_to, unit: i64, flat: i64| Tier { up_to, unit_minor: unit.into(), flat_minor: flat.into() };
    let capacity = Scheme::Graduated(vec![tier(Some(1_000), 0, 12_000), tier(None, 2, 0)]);
    let mut sim = Sim::new("2024-01-01");
    sim.subscribe(vec![plan("a", 3_000), plan("b", 1_500), plan("c", 1_500), used_item("capacity", "calls", capacity)]);
    sim.advance("2024-01-20");
    record(&mut sim, &subscription_id(), "calls", 1_100, "2024-01-20");
    sim.advance("2024-02-01");
    assert_eq!(sim.invoices()[1], "2024-02-01 cycle: 12200 3000 1500 1500 = 18200, paid", "M-06");
}

/// M-10 and M-11: percentages before amounts, never below zero, and split by largest remainder.
#[test]
fn coupons_come_off_in_their_order() {
    let percent = |percent: i64| Off::Percent(percent.into());
    let amount = |minor| Off::Amount { minor, currency: Currency::USD };
    let cases = [
        ("M-10", vec![10_000], vec![percent(25), percent(10)], "10000 less 3250 = 6750, paid", vec![3_250]),
        ("M-10", vec![10_000], vec![percent(10), amount(5_000)], "10000 less 6000 = 4000, paid", vec![6_000]),
        ("M-10", vec![10_000], vec![amount(5_000), percent(10)], "10000 less 6000 = 4000, paid", vec![6_000]),
        ("M-10, capped", vec![10_000], vec![amount(12_000)], "10000 less 10000, paid", vec![10_000]),
        ("M-11", vec![333, 333, 334], vec![amount(100)], "333 333 334 less 100 = 900, paid", vec![33, 33, 34]),
    ];
    for (what, minors, off, expected, shares) in cases {
        let mut sim = Sim::new("2024-01-01");
        let items = minors.iter().enumerate().map(|(index, minor)| plan(&format!("plan_{index}"), *minor)).collect();
        let discount = |(index, off): (usize, Off)| Discount {
            coupon: format!("C{index}"),
            off,
            duration: Duration::Forever,
            start: when("2024-01-01"),
            end: None,
        };
        let discounts = off.into_iter().enumerate().map(discount).collect();
        let invoice = sim.create(&NewSubscription { discounts, ..new_subscription(items) }).unwrap();
        sim.check_invoices(what, &[&format!("2024-01-01 create: {expected}")]);
        let lines = &sim.desk.invoice(&invoice).unwrap().lines;
        assert_eq!(lines.iter().map(|line| line.discount_minor).collect::<Vec<_>>(), shares, "{what}");
    }
}
