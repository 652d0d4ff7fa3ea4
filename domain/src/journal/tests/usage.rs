//! E55 and E57 of revenue.md §2.4, and J18 and J19, from what is recorded, billed and bought: usage is earned as it is
//! used, and balance that was bought can go back.

use jiff::civil::{Date, date};

use super::story::lines;
use super::told::Told;
use crate::billing::tests::arrears::{record, used_item};
use crate::billing::tests::simulator::{Sim, card, new_subscription, plan, plan_each, tax, when};
use crate::billing::{Bill, bill_now, buy_balance, credit, line_of_sum, refund, settle_refund};
use crate::credit_note::{LineCredit, Settle, Wanted};
use crate::money::{Currency, Money};
use crate::payment::RefundStatus;
use crate::price::{Interval, Item, Price, Scheme, Tier};
use crate::pricing::Metric;
use crate::refusal::Refusal;
use crate::samples::subscription_id;
use crate::subscription::{AfterDunning, Collection, NewSubscription, Status, SubscriptionCommand};
use crate::tax::Inclusion;

type Expected = &'static [(u16, i64)];

fn check(name: &str, sim: &Sim, at: &[(Date, Expected)]) {
    let told = Told::of(sim);
    for (date, expected) in at {
        let expected = expected.iter().copied().collect();
        assert_eq!(told.story.at(*date), expected, "{name} at the end of {date}");
    }
}

fn calls(scheme: Scheme) -> Item {
    used_item("calls", "calls", scheme)
}

fn per_call(minor: i64) -> Item {
    calls(Scheme::PerUnit(minor.into()))
}

fn used(sim: &mut Sim, at: &str, quantity: u64) {
    sim.advance(at);
    record(sim, &subscription_id(), "calls", quantity, at);
}

/// Invoices that nothing is charged for.
fn sent(sim: &mut Sim, items: Vec<Item>) {
    let new = new_subscription(items);
    sim.create(&NewSubscription { collection: Collection::SendInvoice, days_until_due: Some(90), ..new });
}

#[test]
fn e55_usage_is_earned_as_it_is_used_and_billed_later() {
    let mut sim = Sim::new("2023-01-14");
    sent(&mut sim, vec![per_call(100)]);
    used(&mut sim, "2023-01-25", 15);
    check("E55 before", &sim, &[(date(2023, 1, 24), &[]), (date(2023, 1, 31), &[(1110, 1_500), (4010, -1_500)])]);
    used(&mut sim, "2023-02-04", 17);
    sim.advance("2023-02-15");
    sim.check_invoices("E55", &["2023-02-14 cycle: 3200 = 3200 open 3200, open"]);
    check(
        "E55",
        &sim,
        &[
            (date(2023, 1, 31), &[(1110, 1_500), (4010, -1_500)]),
            (date(2023, 2, 13), &[(1110, 3_200), (4010, -3_200)]),
            (date(2023, 2, 28), &[(1100, 3_200), (4010, -3_200)]),
        ],
    );
    let told = Told::of(&sim);
    let entries: Vec<Vec<(u16, i64)>> = told.story.posted.iter().map(lines).collect();
    let expected =
        [vec![(1110, 1_500), (4010, -1_500)], vec![(1110, 1_700), (4010, -1_700)], vec![(1100, 3_200), (1110, -3_200)]];
    assert_eq!(entries, expected, "J18");
}

/// 1,200 a year with 240 of tax, usage of 50 that is not billed yet, and a true-up of 50 of which 30 is credited.
#[test]
fn e57_a_life_of_a_subscription() {
    let mut sim = Sim::new("2023-01-01");
    sim.desk.rate = Some(tax("20", Inclusion::Exclusive));
    let yearly = |item: Item| Item { price: Price { interval: Some(Interval::YEARLY), ..item.price.clone() }, ..item };
    sim.subscribe(vec![plan_each("plan", 120_000, Interval::YEARLY), yearly(per_call(100))]);
    sim.advance("2023-01-20");
    sim.desk.rate = None;
    let bill = Bill {
        key: "true-up".to_owned(),
        currency: Currency::USD,
        lines: vec![line_of_sum(5_000, "True-up", None)],
        with_pending: false,
        due_in_days: Some(90),
        finalize: true,
    };
    let true_up = sim.run(|desk| bill_now(desk, &bill)).unwrap();
    sim.advance("2023-01-25");
    let some = [LineCredit { line: 0, amount_minor: 3_000 }];
    sim.run(|desk| credit(desk, &true_up, "cn_1", Wanted::Lines(&some), Settle::BeforePayment, None)).unwrap();
    used(&mut sim, "2023-01-31", 50);
    // Revenue 101.92 + 50 + 50 − 30 = 171.92; of the true-up 20 is still receivable. Cash is 1,440 less the fee.
    check(
        "E57",
        &sim,
        &[(
            date(2023, 1, 31),
            &[
                (1010, 144_000 - 4_206),
                (1100, 2_000),
                (1110, 5_000),
                (2000, -109_808),
                (2100, -24_000),
                (4000, -10_192),
                (4010, -5_000),
                (4020, -5_000),
                (4920, 3_000),
                (6000, 4_206),
            ],
        )],
    );
}

/// Each record is earned at what it adds, so that the parts sum to the invoice whatever the tiers.
#[test]
fn tiers_are_earned_by_what_each_record_adds() {
    let tier = |up_to, unit: i64, flat: i64| Tier { up_to, unit_minor: unit.into(), flat_minor: flat.into() };
    let tiers = vec![tier(Some(10), 500, 0), tier(None, 300, 1_000)];
    let mut sim = Sim::new("2024-01-01");
    sent(&mut sim, vec![calls(Scheme::Graduated(tiers))]);
    used(&mut sim, "2024-01-05", 8);
    used(&mut sim, "2024-01-20", 7);
    sim.advance("2024-02-02");
    sim.check_invoices("tiers", &["2024-02-01 cycle: 7500 = 7500 open 7500, open"]);
    check(
        "tiers",
        &sim,
        &[
            (date(2024, 1, 5), &[(1110, 4_000), (4010, -4_000)]),
            (date(2024, 1, 20), &[(1110, 7_500), (4010, -7_500)]),
            (date(2024, 2, 1), &[(1100, 7_500), (4010, -7_500)]),
        ],
    );
}

/// What the price says is earned first; the invoice settles what a discount or a tax in the price makes of it.
#[test]
fn the_invoice_settles_what_was_earned_too_much() {
    let mut sim = Sim::new("2024-01-01");
    sim.desk.rate = Some(tax("25", Inclusion::Inclusive));
    sent(&mut sim, vec![per_call(100)]);
    used(&mut sim, "2024-01-05", 10);
    sim.advance("2024-02-02");
    check(
        "inclusive tax",
        &sim,
        &[
            (date(2024, 1, 5), &[(1110, 1_000), (4010, -1_000)]),
            (date(2024, 2, 1), &[(1100, 1_000), (2100, -200), (4010, -800)]),
        ],
    );
}

/// A void gives back what was earned of the usage that nobody will pay.
#[test]
fn voided_usage_is_a_loss() {
    let mut sim = Sim::new("2024-01-01");
    sent(&mut sim, vec![per_call(100)]);
    used(&mut sim, "2024-01-05", 10);
    sim.advance("2024-02-02");
    let invoice = sim.invoice_ids().pop().unwrap();
    sim.run(|desk| crate::billing::void_invoice(desk, &invoice)).unwrap();
    check("void", &sim, &[(date(2024, 2, 2), &[(4010, -1_000), (4940, 1_000)])]);
}

/// Usage of who is given up, or leaves before it is billed, was not earned after all.
#[test]
fn usage_that_nobody_will_bill_is_taken_back() {
    let mut sim = Sim::new("2024-01-01");
    sim.attach(card("pm_card_chargeDeclined", None));
    sent(&mut sim, vec![plan("base", 2_000), per_call(100)]);
    used(&mut sim, "2024-01-05", 10);
    let invoice = sim.invoice_ids().pop().unwrap();
    let then = AfterDunning::Cancel;
    let exhausted = SubscriptionCommand::NoteDunningExhausted { invoice, then };
    let overdue = SubscriptionCommand::NotePaymentFailed { invoice: sim.invoice_ids().pop().unwrap() };
    sim.run(|desk| desk.on_subscription(&subscription_id(), overdue)).unwrap();
    sim.run(|desk| desk.on_subscription(&subscription_id(), exhausted)).unwrap();
    assert_eq!(sim.status(), Status::Canceled);
    let told = Told::of(&sim);
    let last = told.story.posted.last().map(lines);
    assert_eq!((last, told.unbilled_minor()), (Some(vec![(1110, -1_000), (4010, 1_000)]), 0));
}

/// In a trial nobody knows whether usage will ever be billed.
#[test]
fn usage_of_a_trial_is_earned_with_its_invoice() {
    let mut sim = Sim::new("2024-01-01");
    let new = new_subscription(vec![per_call(100)]);
    sim.create(&NewSubscription { collection: Collection::SendInvoice, trial_days: Some(10), ..new });
    used(&mut sim, "2024-01-05", 10);
    sim.advance("2024-02-12");
    check("trial", &sim, &[(date(2024, 1, 31), &[]), (date(2024, 2, 12), &[(1100, 1_000), (4010, -1_000)])]);
}

#[test]
fn a_used_metric_alone_says_what_it_costs() {
    let mut sim = Sim::new("2024-01-01");
    sim.subscribe(vec![plan("base", 2_000), per_call(100)]);
    let other = Metric::parse("tokens").unwrap();
    let snapshot = sim.desk.subscription(&subscription_id()).unwrap();
    let rates = crate::billing::usage_rates(snapshot, &other).unwrap();
    assert_eq!((rates.prices.len(), rates.since), (0, when("2024-01-01")));
}

/// J19, and back: what is left of 100 after 30 was used can be refunded, and no more.
#[test]
fn bought_balance_goes_back_with_its_refund() {
    let mut sim = Sim::new("2024-01-01");
    let hundred = Money::from_minor(10_000, Currency::USD);
    let payment = sim.run(|desk| buy_balance(desk, "b", hundred, None)).unwrap();
    sim.subscribe(vec![plan("plan", 3_000)]);
    assert_eq!(sim.balance(), 7_000);
    let mut back = |id: &str, minor, status| sim.run(|desk| refund(desk, &payment, id, minor, None, status));
    let over = back("re_0", Some(7_001), RefundStatus::Succeeded);
    let reason = "is more than is left of what was bought, which is 70.00";
    assert_eq!(over, Err(Refusal::invalid("amount", reason)));
    back("re_1", Some(2_000), RefundStatus::Pending).unwrap();
    assert_eq!(sim.balance(), 5_000);
    for _ in 0..2 {
        sim.run(|desk| settle_refund(desk, &payment, "re_1", RefundStatus::Failed)).unwrap();
        assert_eq!(sim.balance(), 7_000, "it is there again, once");
    }
    sim.run(|desk| refund(desk, &payment, "re_2", None, None, RefundStatus::Succeeded)).unwrap();
    assert_eq!(sim.balance(), 0);
    // 30 of 100 stay, less the fee of 3.20; they are earned over January.
    let month: Expected = &[(1010, 3_000 - 320), (2000, -2_903), (4000, -97), (6000, 320)];
    check("refunded", &sim, &[(date(2024, 1, 1), month)]);
}
