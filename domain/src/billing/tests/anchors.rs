//! Are periods counted from the anchor, through short months, leap days and daylight saving, each billed exactly once?

use super::simulator::{Sim, every, new_subscription, plan, plan_each, rules, shown_time, when};
use crate::price::{Interval, IntervalUnit};
use crate::samples::subscription_id;
use crate::subscription::NewSubscription;
use crate::time::AnchorRule;

type Expected = &'static [&'static str];
/// Name, start, anchor, rule, price and the first invoices.
type Case = (&'static str, &'static str, Option<&'static str>, AnchorRule, i64, Expected);

/// The local or UTC days on which a subscription was billed until a day, as the invoices' periods say.
fn billed(new: &NewSubscription, zone: &str, start: &str, until: &str) -> Vec<String> {
    let mut sim = Sim::with(start, rules("day_half_open", zone));
    sim.create(&NewSubscription { zone: Some(zone.to_owned()), ..new.clone() });
    sim.advance(until);
    let zone = crate::time::zone_named(zone);
    let mut periods: Vec<_> = sim.desk.invoices.values().map(|held| held.state.snapshot().unwrap()).collect();
    periods.sort_by_key(|invoice| invoice.period.unwrap().start);
    for pair in periods.windows(2) {
        assert_eq!(pair[0].period.unwrap().end, pair[1].period.unwrap().start, "no gap and no overlap");
    }
    let day = |invoice: &&crate::invoice::InvoiceSnapshot| {
        assert_eq!(invoice.subtotal_minor, 24_995, "{}", shown_time(invoice.created_at));
        crate::time::local_date(invoice.period.unwrap().start, &zone).to_string()
    };
    periods.iter().map(day).collect()
}

fn of_rule(anchor_rule: AnchorRule, interval: Interval) -> NewSubscription {
    NewSubscription { anchor_rule, ..new_subscription(vec![plan_each("shotgun", 24_995, interval)]) }
}

#[test]
fn boundaries_are_counted_from_the_anchor() {
    let (clamp, sticky) = (AnchorRule::Clamp, AnchorRule::StickyEndOfMonth);
    let month = Interval::MONTHLY;
    let cases: [(&str, AnchorRule, Interval, &str, &str, Expected); 9] = [
        (
            "L-21",
            clamp,
            month,
            "2023-01-31",
            "2023-06-01",
            &["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"],
        ),
        (
            "L-21, leap day",
            clamp,
            month,
            "2023-12-31",
            "2024-03-31",
            &["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"],
        ),
        ("L-22", clamp, month, "2022-02-28", "2022-05-28", &["2022-02-28", "2022-03-28", "2022-04-28", "2022-05-28"]),
        (
            "L-22, sticky",
            sticky,
            month,
            "2022-02-28",
            "2022-05-31",
            &["2022-02-28", "2022-03-31", "2022-04-30", "2022-05-31"],
        ),
        ("M-13", clamp, month, "2024-01-31", "2024-04-30", &["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        (
            "a leap day's year",
            clamp,
            Interval::YEARLY,
            "2024-02-29",
            "2028-03-01",
            &["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        (
            "a quarter",
            clamp,
            every(IntervalUnit::Month, 3),
            "2023-11-30",
            "2024-06-01",
            &["2023-11-30", "2024-02-29", "2024-05-30"],
        ),
        (
            "weeks",
            clamp,
            every(IntervalUnit::Week, 2),
            "2024-02-20",
            "2024-03-20",
            &["2024-02-20", "2024-03-05", "2024-03-19"],
        ),
        (
            "days",
            clamp,
            every(IntervalUnit::Day, 1),
            "2024-02-28",
            "2024-03-01",
            &["2024-02-28", "2024-02-29", "2024-03-01"],
        ),
    ];
    for (what, rule, interval, start, until, expected) in cases {
        assert_eq!(billed(&of_rule(rule, interval), "UTC", start, until), expected, "{what}");
    }
}

/// K-34: eighteen renewals on the first, by the wall clock, across daylight saving.
#[test]
fn daylight_saving_moves_no_boundary() {
    let days = billed(
        &of_rule(AnchorRule::Clamp, Interval::MONTHLY),
        "America/Los_Angeles",
        "2015-10-01T07:00:00Z",
        "2017-03-15",
    );
    let mut expected: Vec<String> = Vec::new();
    for (year, months) in [(2015, 10..=12), (2016, 1..=12), (2017, 1..=3)] {
        expected.extend(months.map(|month: u32| format!("{year}-{month:02}-01")));
    }
    assert_eq!(days, expected, "K-34");
    let fives =
        billed(&of_rule(AnchorRule::Clamp, Interval::MONTHLY), "Europe/Paris", "2024-02-29T23:30:00Z", "2024-11-15");
    let expected: Vec<String> = (3..=11).map(|month| format!("2024-{month:02}-01")).collect();
    assert_eq!(fives, expected, "Paris, half past midnight");
}

/// K-35: thirty days of trial across the change of the clocks end on the thirtieth day, by the wall clock.
#[test]
fn a_trial_across_daylight_saving_ends_by_the_wall_clock() {
    let mut sim = Sim::with("2017-03-02T07:30:00Z", rules("day_half_open", "America/Los_Angeles"));
    sim.create(&NewSubscription {
        trial_days: Some(30),
        zone: Some("America/Los_Angeles".to_owned()),
        ..new_subscription(vec![plan("knife", 2_995)])
    });
    sim.advance("2017-05-01T06:30:00Z");
    assert_eq!(
        sim.invoices(),
        ["2017-04-01T06:30:00Z trial_end: 2995 = 2995, paid", "2017-05-01T06:30:00Z cycle: 2995 = 2995, paid"],
        "K-35: 31 March 23:30 to 30 April 23:30"
    );
}

/// A first partial period: K-01's and K-28's arithmetic, billed; and the anchor in the calendar's months.
#[test]
fn a_first_partial_period_is_a_part_of_the_full_one() {
    let cases: [Case; 4] = [
        (
            "K-01",
            "2011-09-01",
            Some("2011-09-15"),
            AnchorRule::Clamp,
            1_000,
            &["2011-09-01 create: 452 = 452, paid", "2011-09-15 cycle: 1000 = 1000, paid"],
        ),
        (
            "K-28, to the 15th",
            "2016-05-01",
            Some("2016-05-15"),
            AnchorRule::Clamp,
            24_995,
            &["2016-05-01 create: 11664 = 11664, paid", "2016-05-15 cycle: 24995 = 24995, paid"],
        ),
        (
            "K-28, in June",
            "2016-06-01",
            Some("2016-06-15"),
            AnchorRule::Clamp,
            24_995,
            &["2016-06-01 create: 11288 = 11288, paid", "2016-06-15 cycle: 24995 = 24995, paid"],
        ),
        (
            "calendar",
            "2024-03-05",
            None,
            AnchorRule::Calendar,
            1_000,
            &["2024-03-05 create: 871 = 871, paid", "2024-04-01 cycle: 1000 = 1000, paid"],
        ),
    ];
    for (what, start, anchor, anchor_rule, minor, expected) in cases {
        let mut sim = Sim::by_day(start);
        let new = new_subscription(vec![plan("plan", minor)]);
        sim.create(&NewSubscription { anchor: anchor.map(when), anchor_rule, ..new });
        sim.advance_days(31);
        assert_eq!(&sim.invoices()[..2], expected, "{what}");
    }
}

/// What begins in the past is billed period by period, and counts from there.
#[test]
fn a_start_in_the_past_bills_what_is_over_and_what_runs() {
    let mut sim = Sim::new("2024-03-20");
    sim.create(&NewSubscription { start: Some(when("2024-01-31")), ..new_subscription(vec![plan("plan", 1_000)]) });
    sim.advance("2024-04-30");
    sim.check_invoices(
        "backdated",
        &[
            "2024-03-20 create: 1000 1000 = 2000, paid",
            "2024-03-31 cycle: 1000 = 1000, paid",
            "2024-04-30 cycle: 1000 = 1000, paid",
        ],
    );
    let terms = &sim.desk.subscription(&subscription_id()).unwrap().terms;
    assert_eq!(terms.billed.len(), 1, "only what is not over can be given back");
}
