//! What does a change of plan, quantity or interval come to, invoiced at once, later or not at all?

use super::super::{Alteration, alter};
use super::simulator::{Sim, every, new_subscription, plan, plan_each, rules, seats, tax, when};
use crate::price::{Discount, Duration, Interval, IntervalUnit, Item, Off};
use crate::proration::ProrationBehavior::{self, AlwaysInvoice, CreateProrations, None as NoProration};
use crate::samples::subscription_id;
use crate::subscription::{NewSubscription, SubscriptionCommand};
use crate::tax::Inclusion;
use crate::time::AnchorRule;

type Expected = &'static [&'static str];
type Changes<'c> = &'c [(&'c str, Vec<Item>, ProrationBehavior)];

fn run(mode: &str, start: &str, items: Vec<Item>, changes: Changes, until: &str) -> Sim {
    let mut sim = Sim::with(start, rules(mode, "UTC"));
    sim.subscribe(items);
    for (at, items, behavior) in changes {
        sim.advance(at);
        sim.alter(items.clone(), *behavior);
    }
    sim.advance(until);
    sim
}

fn quarterly() -> Interval {
    every(IntervalUnit::Month, 3)
}

/// A change at once: when, from what, to what, and its invoice.
#[test]
fn a_change_invoiced_at_once_credits_what_was_billed_and_charges_what_comes() {
    let day = "day_half_open";
    let monthly = |minor| vec![plan("plan", minor)];
    let yearly = |minor| vec![plan_each("plan", minor, Interval::YEARLY)];
    let two = |a, b| vec![plan("base", a), plan("extra", b)];
    let team = |base, seat| vec![plan("base", base), seats(plan("seat", seat), 5)];
    let cases = [
        (
            "K-09",
            day,
            "2012-05-01",
            yearly(239_995),
            "2012-05-01",
            monthly(24_995),
            "-239995 24995 = -215000 balance -215000, paid",
        ),
        ("K-26", day, "2012-05-01", monthly(24_995), "2012-05-12", yearly(239_995), "-16126 232762 = 216636, paid"),
        (
            "K-27",
            day,
            "2012-05-01",
            monthly(2_995),
            "2012-05-12",
            vec![plan_each("plan", 6_995, quarterly())],
            "-1932 6159 = 4227, paid",
        ),
        ("L-03", "day_inclusive", "2023-06-29", monthly(1_000), "2023-09-28", yearly(12_000), "-32 9016 = 8984, paid"),
        (
            "M-01",
            day,
            "2024-01-01",
            two(2_900, 1_000),
            "2024-01-16",
            two(9_900, 2_500),
            "-1497 -516 5110 1290 = 4387, paid",
        ),
        (
            "M-02",
            day,
            "2024-01-01",
            two(9_900, 2_500),
            "2024-01-16",
            two(2_900, 1_000),
            "-5110 -1290 1497 516 = -4387 balance -4387, paid",
        ),
        (
            "M-03",
            day,
            "2024-01-01",
            team(2_900, 1_000),
            "2024-01-16",
            team(9_900, 2_500),
            "-1497 -2581 5110 6452 = 7484, paid",
        ),
        ("M-04", day, "2024-01-01", monthly(3_500), "2024-01-16", team(2_900, 1_000), "-1806 1497 2581 = 2272, paid"),
        ("S-03", "second", "2024-04-01", monthly(1_000), "2024-04-16", monthly(2_000), "-500 1000 = 500, paid"),
        (
            "§3.4, 2",
            "second",
            "2024-02-01",
            monthly(3_000),
            "2024-02-15T12:00:00Z",
            monthly(5_000),
            "-1500 2500 = 1000, paid",
        ),
        (
            "§3.4, 3",
            "second",
            "2024-01-01",
            monthly(500_000),
            "2024-01-20T15:30:00Z",
            monthly(150_000),
            "-183132 54940 = -128192 balance -128192, paid",
        ),
        (
            "L-20",
            day,
            "2023-08-01",
            vec![plan("fixed_1", 1_000), plan("fixed_2", 1_500)],
            "2023-08-21",
            vec![plan("fixed_1", 1_000), plan("fixed_2", 10_000), plan("fixed_3", 2_000)],
            "-532 3548 710 = 3726, paid",
        ),
    ];
    for (what, mode, start, before, at, after, expected) in cases {
        let mut sim = run(mode, start, before, &[], at);
        let id = sim.alter(after, AlwaysInvoice).unwrap();
        let shown = super::shown::shown(sim.desk.invoice(&id).unwrap());
        assert_eq!(shown, format!("{at} update: {expected}"), "{what}");
    }
}

/// K-08: two changes on two days of May, the first of which is repaired by the second; then credit pays.
#[test]
fn a_change_is_changed_again() {
    let of = |minor| vec![plan("plan", minor)];
    let changes = [("2012-05-07", of(995), AlwaysInvoice), ("2012-05-08", of(2_995), AlwaysInvoice)];
    let sim = run("day_half_open", "2012-05-01", of(59_995), &changes, "2012-07-02");
    sim.check_invoices(
        "K-08",
        &[
            "2012-05-01 create: 59995 = 59995, paid",
            "2012-05-07 update: -48383 802 = -47581 balance -47581, paid",
            "2012-05-08 update: -770 2319 = 1549 balance 1549, paid",
            "2012-06-01 cycle: 2995 = 2995 balance 2995, paid",
            "2012-07-01 cycle: 2995 = 2995 balance 2995, paid",
        ],
    );
    assert_eq!(sim.balance(), 47_581 - 1_549 - 2 * 2_995);
}

/// K-09: a year's plan becomes a month's on its first day; the months are paid by what it gave back.
#[test]
fn a_years_credit_pays_the_months() {
    let yearly = vec![plan_each("plan", 239_995, Interval::YEARLY)];
    let changes = [("2012-05-01", vec![plan("plan", 24_995)], AlwaysInvoice)];
    let sim = run("day_half_open", "2012-05-01", yearly, &changes, "2012-07-02");
    let mut invoices = sim.invoices();
    invoices.sort();
    assert_eq!(
        invoices,
        [
            "2012-05-01 create: 239995 = 239995, paid",
            "2012-05-01 update: -239995 24995 = -215000 balance -215000, paid",
            "2012-06-01 cycle: 24995 = 24995 balance 24995, paid",
            "2012-07-01 cycle: 24995 = 24995 balance 24995, paid",
        ]
    );
    assert_eq!(sim.balance(), 215_000 - 2 * 24_995);
}

#[test]
fn a_new_interval_is_invoiced_at_once_and_followed_by_its_own_periods() {
    let quarter = vec![plan_each("plan", 6_995, quarterly())];
    let changes = [("2012-05-12", quarter, CreateProrations)];
    let sim = run("day_half_open", "2012-05-01", vec![plan("plan", 2_995)], &changes, "2012-08-02");
    sim.check_invoices(
        "K-27",
        &[
            "2012-05-01 create: 2995 = 2995, paid",
            "2012-05-12 update: -1932 6159 = 4227, paid",
            "2012-08-01 cycle: 6995 = 6995, paid",
        ],
    );
    assert_eq!(sim.period(), "2012-08-01 to 2012-11-01");
}

/// L-04: a change scheduled for the period's end bills what is left of the year that counts from the anchor.
#[test]
fn a_scheduled_change_of_interval_bills_the_rest_of_its_period() {
    let mut sim = Sim::by_day("2023-07-19");
    sim.subscribe(vec![plan("plan", 12_900)]);
    sim.advance("2023-11-09");
    let items = vec![plan_each("plan", 118_800, Interval::YEARLY)];
    let change = SubscriptionCommand::ScheduleChange { at: when("2023-11-19"), items };
    sim.run(|desk| desk.on_subscription(&subscription_id(), change)).unwrap();
    sim.advance("2024-07-20");
    sim.check_invoices(
        "L-04",
        &[
            "2023-07-19 create: 12900 = 12900, paid",
            "2023-08-19 cycle: 12900 = 12900, paid",
            "2023-09-19 cycle: 12900 = 12900, paid",
            "2023-10-19 cycle: 12900 = 12900, paid",
            "2023-11-19 cycle: 78875 = 78875, paid",
            "2024-07-19 cycle: 118800 = 118800, paid",
        ],
    );
}

/// A change to what is agreed already, scheduled or not, stops nothing.
#[test]
fn a_scheduled_change_to_the_same_is_done_with() {
    let mut sim = Sim::new("2024-01-01");
    sim.subscribe(vec![plan("plan", 1_000)]);
    let change = SubscriptionCommand::ScheduleChange { at: when("2024-02-01"), items: vec![plan("plan", 1_000)] };
    sim.run(|desk| desk.on_subscription(&subscription_id(), change)).unwrap();
    sim.advance("2024-02-02");
    sim.check_invoices("same", &["2024-01-01 create: 1000 = 1000, paid", "2024-02-01 cycle: 1000 = 1000, paid"]);
}

/// L-05: three plans on two days, with 25 % of tax; what Lago credits by notes of 806 and 1,210 stands as lines here.
#[test]
fn credits_bear_tax_as_what_they_credit_did() {
    let mut sim = Sim::by_day("2024-03-05");
    sim.desk.rate = Some(tax("25", Inclusion::Exclusive));
    sim.create(&NewSubscription { anchor_rule: AnchorRule::Calendar, ..new_subscription(vec![plan("plan", 1_000)]) });
    sim.advance("2024-03-12T12:12:00Z");
    sim.alter(vec![plan("plan", 1_500)], AlwaysInvoice);
    sim.advance("2024-03-12T13:12:00Z");
    sim.alter(vec![plan("plan", 1_900)], AlwaysInvoice);
    sim.check_invoices(
        "L-05",
        &[
            "2024-03-05 create: 871 tax 218 = 1089, paid",
            "2024-03-12T12:12:00Z update: -645 968 tax 81 = 404, paid",
            "2024-03-12T13:12:00Z update: -968 1226 tax 65 = 323, paid",
        ],
    );
    let taxes: Vec<i64> = sim.invoice_ids()[1..]
        .iter()
        .flat_map(|id| sim.desk.invoice(id).unwrap().lines.clone())
        .map(|line| line.tax.unwrap().tax_minor)
        .collect();
    assert_eq!(taxes, [-161, 242, -242, 307], "645 + 161 = 806 and 968 + 242 = 1,210; the last takes the half");
}

#[test]
fn prorations_wait_for_the_next_invoice_or_are_not_made() {
    let of = |minor| vec![plan("plan", minor)];
    let cases: [(&str, &str, i64, Changes, &str, Expected); 4] = [
        (
            "create_prorations",
            "2024-02-01",
            3_000,
            &[("2024-02-15T12:00:00Z", of(5_000), CreateProrations)],
            "2024-03-02",
            &["2024-02-01 create: 3000 = 3000, paid", "2024-03-01 cycle: 5000 -1500 2500 = 6000, paid"],
        ),
        (
            "none, §3.4-5",
            "2024-05-01",
            10_000,
            &[("2024-05-16", of(20_000), NoProration)],
            "2024-06-02",
            &["2024-05-01 create: 10000 = 10000, paid", "2024-06-01 cycle: 20000 = 20000, paid"],
        ),
        (
            "S-01, flexible: what was billed is credited, not what was not",
            "2024-04-01",
            1_000,
            &[("2024-04-11", of(2_000), NoProration), ("2024-04-21", of(1_000), AlwaysInvoice)],
            "2024-05-02",
            &[
                "2024-04-01 create: 1000 = 1000, paid",
                "2024-04-21 update: -333 333, paid",
                "2024-05-01 cycle: 1000 = 1000, paid",
            ],
        ),
        (
            "up and down within a period",
            "2024-04-01",
            1_000,
            &[("2024-04-11", of(2_000), CreateProrations), ("2024-04-21", of(1_000), CreateProrations)],
            "2024-05-02",
            &["2024-04-01 create: 1000 = 1000, paid", "2024-05-01 cycle: 1000 -667 1333 -667 333 = 1332, paid"],
        ),
    ];
    for (what, start, minor, changes, until, expected) in cases {
        run("second", start, of(minor), changes, until).check_invoices(what, expected);
    }
}

/// K-30: seven seats become ten.
#[test]
fn a_quantity_changes_with_the_next_period() {
    let of = |quantity| vec![seats(plan("seat", 2_995), quantity)];
    let sim = run("second", "2022-11-27", of(7), &[("2022-12-10", of(10), NoProration)], "2022-12-28");
    let expected = ["2022-11-27 create: 20965 = 20965, paid", "2022-12-27 cycle: 29950 = 29950, paid"];
    sim.check_invoices("K-30", &expected);
}

/// M-12, and a discount that prorations have in their amounts already.
#[test]
fn a_discount_lasts_its_months() {
    let twenty = |months: u32, end: &str| Discount {
        coupon: "C".to_owned(),
        off: Off::Percent(20.into()),
        duration: Duration::Repeating { months },
        start: when("2024-01-01"),
        end: Some(when(end)),
    };
    let start = |discount| {
        let mut sim = Sim::new("2024-01-01");
        let new = new_subscription(vec![plan("plan", 4_900)]);
        sim.create(&NewSubscription { discounts: vec![discount], ..new });
        sim
    };
    let mut sim = start(twenty(2, "2024-03-01"));
    sim.advance("2024-04-02");
    sim.check_invoices(
        "M-12",
        &[
            "2024-01-01 create: 4900 less 980 = 3920, paid",
            "2024-02-01 cycle: 4900 less 980 = 3920, paid",
            "2024-03-01 cycle: 4900 = 4900, paid",
            "2024-04-01 cycle: 4900 = 4900, paid",
        ],
    );
    let mut sim = start(twenty(3, "2024-04-01"));
    sim.advance("2024-01-16T12:00:00Z");
    sim.alter(vec![plan("plan", 9_800)], AlwaysInvoice);
    sim.advance("2024-02-02");
    sim.check_invoices(
        "an upgrade at half",
        &[
            "2024-01-01 create: 4900 less 980 = 3920, paid",
            "2024-01-16T12:00:00Z update: -1960 3920 = 1960, paid",
            "2024-02-01 cycle: 9800 less 1960 = 7840, paid",
        ],
    );
}

#[test]
fn a_change_counts_from_the_date_that_is_asked_for() {
    let mut sim = Sim::new("2024-04-01");
    sim.subscribe(vec![plan("plan", 1_000)]);
    sim.advance("2024-04-20");
    let wanted = |date: &str| {
        let proration_date = Some(when(date));
        Alteration { items: vec![plan("plan", 2_000)], behavior: AlwaysInvoice, proration_date }
    };
    for outside in ["2024-03-31", "2024-05-01"] {
        let refused = sim.run(|desk| alter(desk, &subscription_id(), &wanted(outside)));
        assert!(refused.is_err_and(|refusal| refusal.to_string().starts_with("proration_date")), "{outside}");
    }
    sim.run(|desk| alter(desk, &subscription_id(), &wanted("2024-04-16"))).unwrap();
    assert_eq!(sim.invoices()[1], "2024-04-20 update: -500 1000 = 500, paid");
}

/// A sandbox's clock stands still between moves, so that all of an afternoon's changes are of one instant.
#[test]
fn changes_of_one_instant_are_all_charged() {
    let seats_of = |quantity| vec![seats(plan("seat", 1_000), quantity)];
    let later = run(
        "day_half_open",
        "2024-04-01",
        seats_of(1),
        &[("2024-04-16", seats_of(5), CreateProrations), ("2024-04-16", seats_of(10), CreateProrations)],
        "2024-05-01",
    );
    later.check_invoices(
        "waiting",
        &["2024-04-01 create: 1000 = 1000, paid", "2024-05-01 cycle: 10000 -500 2500 -2500 5000 = 14500, paid"],
    );
    let at_once = run(
        "day_half_open",
        "2024-04-01",
        seats_of(1),
        &[("2024-04-16", seats_of(5), AlwaysInvoice), ("2024-04-16", seats_of(10), AlwaysInvoice)],
        "2024-04-17",
    );
    at_once.check_invoices(
        "at once",
        &[
            "2024-04-01 create: 1000 = 1000, paid",
            "2024-04-16 update: -500 2500 = 2000, paid",
            "2024-04-16 update: -2500 5000 = 2500, paid",
        ],
    );
}
