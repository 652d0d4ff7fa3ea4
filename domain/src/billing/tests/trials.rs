//! What is billed when something begins, with and without a trial, whatever the anchor?

use super::simulator::{Sim, new_subscription, plan, rules, when};
use crate::proration::ProrationBehavior;
use crate::samples::subscription_id;
use crate::subscription::{NewSubscription, Status, SubscriptionCommand};
use crate::time::AnchorRule;

/// The worked case of billing.md §1: 826,200 of 2,678,400 seconds of 5,000.00, less 20 %, once.
#[test]
fn the_seeds_trial_is_followed_by_a_part_and_whole_months() {
    let mut sim = Sim::new("2024-01-15T10:30:00Z");
    let once = crate::price::Discount {
        coupon: "NEWCLIENT20".to_owned(),
        off: crate::price::Off::Percent(20.into()),
        duration: crate::price::Duration::Once,
        start: when("2024-01-15T10:30:00Z"),
        end: None,
    };
    sim.create(&NewSubscription {
        trial_days: Some(7),
        anchor: Some(when("2024-02-01")),
        discounts: vec![once],
        ..new_subscription(vec![plan("elite", 500_000)])
    });
    assert_eq!(sim.status(), Status::Trialing);
    sim.advance("2024-04-15");
    sim.check_invoices(
        "worked",
        &[
            "2024-01-22T10:30:00Z trial_end: 154234 less 30847 = 123387, paid",
            "2024-02-01 cycle: 500000 = 500000, paid",
            "2024-03-01 cycle: 500000 = 500000, paid",
            "2024-04-01 cycle: 500000 = 500000, paid",
        ],
    );
    assert_eq!(sim.fired[0], "2024-01-19T10:30:00Z announce_trial_end");
    assert_eq!(sim.status(), Status::Active);
}

fn trial(start: &str, days: u16, anchor: Option<&str>, rule: AnchorRule, minor: i64) -> NewSubscription {
    NewSubscription {
        trial_days: Some(days),
        anchor: anchor.map(when),
        anchor_rule: rule,
        start: Some(when(start)),
        ..new_subscription(vec![plan("plan", minor)])
    }
}

#[test]
fn a_trial_bills_what_is_left_of_its_period_when_it_ends() {
    let (clamp, calendar) = (AnchorRule::Clamp, AnchorRule::Calendar);
    let cases: &[(&str, NewSubscription, &str, &[&str])] = &[
        (
            "K-11",
            trial("2012-02-01", 30, Some("2012-02-03"), clamp, 59_995),
            "2012-03-10",
            &["2012-03-02 trial_end: 2069 = 2069, paid", "2012-03-03 cycle: 59995 = 59995, paid"],
        ),
        ("L-14, before", trial("2024-03-05T12:12:00Z", 10, None, calendar, 5_000_000), "2024-03-15T12:02:00Z", &[]),
        (
            "L-14",
            trial("2024-03-05T12:12:00Z", 10, None, calendar, 5_000_000),
            "2024-03-15T13:02:00Z",
            &["2024-03-15T12:12:00Z trial_end: 2741935 = 2741935, paid"],
        ),
        (
            "L-16",
            trial("2024-03-05", 45, None, calendar, 5_000_000),
            "2024-05-02",
            &["2024-04-19 trial_end: 2000000 = 2000000, paid", "2024-05-01 cycle: 5000000 = 5000000, paid"],
        ),
        (
            "S-05, the 15th",
            trial("2024-01-15", 7, Some("2024-02-01"), clamp, 3_100),
            "2024-02-10",
            &["2024-01-22 trial_end: 1000 = 1000, paid", "2024-02-01 cycle: 3100 = 3100, paid"],
        ),
        (
            "S-05, the 28th: the trial crosses the 1st",
            trial("2024-01-28", 7, Some("2024-02-01"), clamp, 2_900),
            "2024-03-10",
            &["2024-02-04 trial_end: 2600 = 2600, paid", "2024-03-01 cycle: 2900 = 2900, paid"],
        ),
        (
            "without an anchor it counts from the trial's end",
            trial("2024-01-15", 16, None, clamp, 3_100),
            "2024-03-01",
            &["2024-01-31 trial_end: 3100 = 3100, paid", "2024-02-29 cycle: 3100 = 3100, paid"],
        ),
    ];
    for (what, new, until, expected) in cases {
        let mut sim = Sim::by_day(&new.start.unwrap().to_string());
        sim.create(new);
        sim.advance(until);
        sim.check_invoices(what, expected);
    }
}

/// L-15: a trial is extended with the plan and counts from its first day.
#[test]
fn a_trial_is_extended_by_an_upgrade() {
    let mut sim = Sim::by_day("2024-03-05T12:12:00Z");
    sim.create(&trial("2024-03-05T12:12:00Z", 10, None, AnchorRule::Calendar, 5_000_000));
    sim.advance("2024-03-10");
    sim.alter(vec![plan("plan", 10_000_000)], ProrationBehavior::CreateProrations);
    let until = when("2024-03-18T12:12:00Z");
    sim.run(|desk| desk.on_subscription(&subscription_id(), SubscriptionCommand::ExtendTrial { until })).unwrap();
    sim.advance("2024-04-02");
    sim.check_invoices(
        "L-15",
        &["2024-03-18T12:12:00Z trial_end: 4516129 = 4516129, paid", "2024-04-01 cycle: 10000000 = 10000000, paid"],
    );
}

/// S-06: next billed on the 23rd; a trial from July 15th to August 1st moves the anchor.
#[test]
fn a_trial_given_later_moves_the_anchor() {
    let mut sim = Sim::new("2024-06-23");
    sim.subscribe(vec![plan("plan", 3_100)]);
    sim.advance("2024-07-15");
    let until = when("2024-08-01");
    sim.run(|desk| desk.on_subscription(&subscription_id(), SubscriptionCommand::ExtendTrial { until })).unwrap();
    sim.advance("2024-09-02");
    sim.check_invoices(
        "S-06",
        &[
            "2024-06-23 create: 3100 = 3100, paid",
            "2024-08-01 trial_end: 3100 = 3100, paid",
            "2024-09-01 cycle: 3100 = 3100, paid",
        ],
    );
    assert_eq!(sim.period(), "2024-09-01 to 2024-10-01");
}

/// A timer that comes late bills from when it was due, and one that comes early does nothing.
#[test]
fn a_late_timer_bills_from_when_it_was_due() {
    let mut sim = Sim::with("2024-01-01", rules("second", "UTC"));
    sim.create(&trial("2024-01-01", 10, Some("2024-02-01"), AnchorRule::Clamp, 3_100));
    sim.desk.now = when("2024-01-16");
    let subject = super::super::Subject::Subscription(subscription_id());
    sim.run(|desk| super::super::fire(desk, &subject)).unwrap();
    sim.run(|desk| super::super::fire(desk, &subject)).unwrap();
    sim.run(|desk| super::super::fire(desk, &subject)).unwrap();
    sim.check_invoices("late", &["2024-01-16 trial_end: 2100 = 2100, paid"]);
    assert_eq!(sim.period(), "2024-01-11 to 2024-02-01");
}
