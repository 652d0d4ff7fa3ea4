//! What is given back when a subscription ends, and what is billed last?

use super::super::{Cancellation, cancel, credit, receive_out_of_band};
use super::simulator::{Sim, new_subscription, plan, plan_each, rules, tax, when};
use crate::credit_note::{Settle, Wanted};
use crate::price::{Interval, IntervalUnit, Item, Usage};
use crate::pricing::Metric;
use crate::proration::ProrationBehavior::{AlwaysInvoice, CreateProrations};
use crate::proration::TerminationPolicy;
use crate::samples::subscription_id;
use crate::subscription::{CancelReason, Collection, NewSubscription, Status, SubscriptionCommand};
use crate::tax::Inclusion;
use crate::time::AnchorRule;
use crate::usage::UsageCommand;

pub(super) fn end(sim: &mut Sim, termination: TerminationPolicy) {
    let wanted = Cancellation { cause: CancelReason::Requested, termination, reason: None, feedback: None };
    sim.run(|desk| cancel(desk, &subscription_id(), &wanted)).unwrap();
    assert_eq!(sim.status(), Status::Canceled);
}

/// The credit notes of all invoices: net, tax and total of each, and where it went.
pub(super) fn notes(sim: &Sim) -> Vec<String> {
    let mut notes = Vec::new();
    for id in sim.invoice_ids() {
        for issued in &sim.desk.invoice(&id).unwrap().notes {
            let (figures, went) = (issued.note.figures(), issued.note.settlement);
            notes.push(format!(
                "{} + {} = {}: {} off, {} back, {} to balance",
                figures.subtotal_minor - figures.discount_minor,
                figures.exclusive_tax_minor,
                figures.total_minor,
                went.before_payment_minor,
                went.refund_minor,
                went.to_balance_minor
            ));
        }
    }
    notes
}

/// Name, mode, item, percent of tax, start, end, and the note's net, tax and total.
type Case = (&'static str, &'static str, Item, Option<&'static str>, &'static str, &'static str, &'static str);

#[test]
fn what_will_not_be_used_is_credited_with_its_tax() {
    let week = Interval { unit: IntervalUnit::Week, count: 1 };
    let cases: [Case; 5] = [
        (
            "K-10",
            "day_half_open",
            plan_each("plan", 239_995, Interval::YEARLY),
            None,
            "2013-08-18",
            "2013-09-17",
            "220269 + 0 = 220269",
        ),
        ("L-07", "day_inclusive", plan("plan", 20_000), Some("25"), "2025-09-18", "2025-09-18", "19333 + 4833 = 24166"),
        ("L-08", "day_inclusive", plan("plan", 16_000), Some("25"), "2025-09-18", "2025-09-18", "15467 + 3867 = 19334"),
        (
            "L-09",
            "day_inclusive",
            plan_each("plan", 2_999, week),
            Some("23.33"),
            "2025-10-06",
            "2025-10-06",
            "2571 + 600 = 3171",
        ),
        (
            "a second",
            "second",
            plan("plan", 2_678_400),
            None,
            "2024-01-01",
            "2024-01-01T00:00:01Z",
            "2678399 + 0 = 2678399",
        ),
    ];
    for (what, mode, item, percent, start, at, expected) in cases {
        let mut sim = Sim::with(start, rules(mode, "UTC"));
        sim.desk.rate = percent.map(|percent| tax(percent, Inclusion::Exclusive));
        sim.subscribe(vec![item]);
        sim.advance(at);
        end(&mut sim, TerminationPolicy::Credit);
        let total = expected.rsplit(' ').next().unwrap();
        assert_eq!(notes(&sim), [format!("{expected}: 0 off, 0 back, {total} to balance")], "{what}");
        assert_eq!(sim.balance().to_string(), total, "{what}");
    }
}

fn metered(minor: i64) -> Item {
    let item = plan("usage", minor);
    let price = crate::price::Price { usage: Usage::Metered, ..item.price.clone() };
    Item { price, quantity: 0, metric: Some(Metric::parse("calls").unwrap()), ..item }
}

/// 10,000 and usage of 5,000, each with 20 %, from February 8th by the calendar.
fn february(collection: Collection) -> Sim {
    let mut sim = Sim::with("2025-02-08", rules("day_inclusive", "UTC"));
    sim.desk.rate = Some(tax("20", Inclusion::Exclusive));
    let new = new_subscription(vec![plan("plan", 10_000), metered(1)]);
    sim.create(&NewSubscription { anchor_rule: AnchorRule::Calendar, collection, ..new });
    let metric = Metric::parse("calls").unwrap();
    let (id, used_at) = (subscription_id(), when("2025-02-08"));
    let used =
        UsageCommand::Record { id: id.clone(), key: "k".to_owned(), metric, quantity: 5_000, used_at, rates: None };
    sim.run(|desk| desk.on_usage(&id, used)).unwrap();
    sim
}

/// L-17 to L-19: the credit is there before the last invoice, which is paid by it as far as it goes.
#[test]
fn the_last_invoice_uses_what_is_given_back() {
    use TerminationPolicy::{Credit, Refund, Skip};
    let first = "2025-02-08 create: 7500 tax 1500 = 9000, paid";
    let february_21 = "2025-02-21 cancel: 5000 tax 1000 = 6000";
    let cases = [
        (
            "L-17",
            "2025-02-21",
            Credit,
            format!("{february_21} balance 3000, paid"),
            "2500 + 500 = 3000: 0 off, 0 back, 3000 to balance",
            0,
            12_000,
        ),
        (
            "refund",
            "2025-02-21",
            Refund,
            format!("{february_21}, paid"),
            "2500 + 500 = 3000: 0 off, 3000 back, 0 to balance",
            0,
            12_000,
        ),
        ("skip", "2025-02-21", Skip, format!("{february_21}, paid"), "", 0, 15_000),
        (
            "L-19",
            "2025-02-08",
            Credit,
            "2025-02-08 cancel: 5000 tax 1000 = 6000 balance 6000, paid".to_owned(),
            "7143 + 1429 = 8572: 0 off, 0 back, 8572 to balance",
            2_572,
            9_000,
        ),
    ];
    for (what, at, policy, last, note, balance, collected) in cases {
        let mut sim = february(Collection::ChargeAutomatically);
        sim.advance(at);
        end(&mut sim, policy);
        assert_eq!(sim.invoices(), [first.to_owned(), last], "{what}");
        assert_eq!(notes(&sim), Vec::from_iter(Some(note).filter(|note| !note.is_empty())), "{what}");
        assert_eq!((sim.balance(), sim.collected()), (balance, collected), "{what}");
    }
}

/// L-18, as far as it can be: what was paid in part came out of band and cannot go back by a payment, so its excess is
/// credit (docs/known-quirks.md); the last invoice comes to the same 4,500.
#[test]
fn what_was_paid_in_part_is_credited_beyond_what_is_owed() {
    let mut sim = february(Collection::SendInvoice);
    let invoice = sim.invoice_ids().remove(0);
    sim.run(|desk| receive_out_of_band(desk, &invoice, Some(7_500))).unwrap();
    sim.advance("2025-02-21");
    end(&mut sim, TerminationPolicy::Refund);
    sim.check_invoices(
        "L-18",
        &[
            "2025-02-08 create: 7500 tax 1500 = 9000 credited 1500, paid",
            "2025-02-21 cancel: 5000 tax 1000 = 6000 balance 1500 open 4500, open",
        ],
    );
    assert_eq!(notes(&sim), ["2500 + 500 = 3000: 1500 off, 0 back, 1500 to balance"]);
}

#[test]
fn what_is_not_paid_is_owed_no_longer() {
    let mut sim = Sim::new("2024-04-01");
    let new = new_subscription(vec![plan("plan", 3_000)]);
    sim.create(&NewSubscription { collection: Collection::SendInvoice, ..new });
    sim.advance("2024-04-11");
    end(&mut sim, TerminationPolicy::Credit);
    sim.check_invoices("open", &["2024-04-01 create: 3000 = 3000 credited 2000 open 1000, open"]);
    assert_eq!(sim.balance(), 0);
}

#[test]
fn a_refund_of_what_came_another_way_becomes_credit() {
    let mut sim = Sim::new("2024-04-01");
    let new = new_subscription(vec![plan("plan", 3_000)]);
    sim.create(&NewSubscription { collection: Collection::SendInvoice, ..new });
    let invoice = sim.invoice_ids().remove(0);
    sim.run(|desk| receive_out_of_band(desk, &invoice, None)).unwrap();
    sim.advance("2024-04-11");
    end(&mut sim, TerminationPolicy::Refund);
    assert_eq!(notes(&sim), ["2000 + 0 = 2000: 0 off, 0 back, 2000 to balance"]);
}

/// An upgrade's invoice comes to less than its own line: what no note on it can give back, the last invoice gives.
#[test]
fn an_upgrade_is_given_back_whole() {
    for (what, behavior, last) in [
        ("invoiced", AlwaysInvoice, "2024-04-16 cancel: -500 = -500 balance -500, paid"),
        ("waiting", CreateProrations, "2024-04-16 cancel: -1000 -500 1000 = -500 balance -500, paid"),
    ] {
        let mut sim = Sim::new("2024-04-01");
        sim.subscribe(vec![plan("plan", 1_000)]);
        sim.advance("2024-04-16");
        sim.alter(vec![plan("plan", 2_000)], behavior);
        let paid = sim.collected();
        end(&mut sim, TerminationPolicy::Credit);
        assert!(sim.invoices().iter().any(|shown| shown == last), "{what}: {:?}", sim.invoices());
        assert_eq!(sim.balance(), paid - 500, "{what}: half a month at 10.00 was used");
    }
}

/// K-10: after the repair of 2,202.69 no more than 197.26 can be credited, and an upgrade's credit counts as well.
#[test]
fn what_prorations_gave_back_is_not_credited_by_hand() {
    let mut sim = Sim::by_day("2013-08-18");
    let invoice = sim.subscribe(vec![plan_each("plan", 239_995, Interval::YEARLY)]).unwrap();
    sim.advance("2013-09-17");
    sim.alter(vec![plan_each("plan", 300_000, Interval::YEARLY)], AlwaysInvoice);
    let mut by_hand = |key: &str, minor| {
        sim.run(|desk| credit(desk, &invoice, key, Wanted::Amount(minor), Settle::ToBalance, None)).is_ok()
    };
    assert!(!by_hand("cn_1", 19_727));
    assert!(by_hand("cn_2", 19_726));
    assert!(!by_hand("cn_3", 1));
}

/// What a credit note gave back already is not given back again, and stops no end.
#[test]
fn what_was_credited_by_hand_is_not_credited_again() {
    for (wanted, notes_then, balance) in [
        (Wanted::Rest, vec!["3000 + 0 = 3000: 0 off, 0 back, 3000 to balance"], 3_000),
        (
            Wanted::Amount(2_500),
            vec!["2500 + 0 = 2500: 0 off, 0 back, 2500 to balance", "500 + 0 = 500: 0 off, 0 back, 500 to balance"],
            3_000,
        ),
    ] {
        let mut sim = Sim::new("2024-04-01");
        let invoice = sim.subscribe(vec![plan("plan", 3_000)]).unwrap();
        sim.run(|desk| credit(desk, &invoice, "cn_hand", wanted, Settle::ToBalance, None)).unwrap();
        sim.advance("2024-04-11");
        end(&mut sim, TerminationPolicy::Credit);
        assert_eq!(notes(&sim), notes_then);
        assert_eq!(sim.balance(), balance, "no more than was billed");
    }
}

#[test]
fn an_end_with_the_period_gives_nothing_back() {
    let mut sim = Sim::new("2024-01-31");
    sim.subscribe(vec![plan("plan", 3_000)]);
    sim.advance("2024-02-10");
    let later = SubscriptionCommand::CancelAtPeriodEnd { reason: None, feedback: None };
    sim.run(|desk| desk.on_subscription(&subscription_id(), later)).unwrap();
    sim.advance("2024-02-28");
    assert_eq!(sim.status(), Status::Active);
    sim.advance("2024-04-01");
    assert_eq!(sim.status(), Status::Canceled);
    sim.check_invoices("period end", &["2024-01-31 create: 3000 = 3000, paid"]);
    assert_eq!(sim.fired, ["2024-02-29 cancel"]);
}

/// Another interval has another end: who pays for a year and cancels at its end has the year.
#[test]
fn an_end_with_the_period_moves_with_it() {
    let mut sim = Sim::new("2024-01-01");
    sim.subscribe(vec![plan("plan", 1_000)]);
    let later = SubscriptionCommand::CancelAtPeriodEnd { reason: None, feedback: None };
    sim.run(|desk| desk.on_subscription(&subscription_id(), later)).unwrap();
    sim.alter(vec![plan_each("plan", 10_000, Interval::YEARLY)], AlwaysInvoice);
    sim.advance("2024-12-31");
    assert_eq!(sim.status(), Status::Active);
    sim.advance("2025-01-01");
    assert_eq!(sim.status(), Status::Canceled);
}
