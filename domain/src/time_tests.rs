//! Are periods counted from their anchor, through short months, leap years and daylight saving?

use proptest::prelude::*;

use super::*;
use crate::samples::{at, period};

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn every(count: u32, unit: IntervalUnit) -> Interval {
    Interval { unit, count }
}

fn dates(anchor: &Anchor, interval: Interval, count: usize) -> Vec<String> {
    (0..).take(count).map(|k| local_date(anchor.boundary(interval, k).unwrap(), &anchor.zone).to_string()).collect()
}

#[test]
fn boundaries_are_counted_from_the_anchor() {
    use AnchorRule::{Clamp, StickyEndOfMonth};
    let quarter = every(3, IntervalUnit::Month);
    let cases: [(&str, &str, AnchorRule, Interval, &[&str]); 13] = [
        ("L-21", "2023-12-31", Clamp, Interval::MONTHLY, &["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]),
        (
            "L-21, no leap",
            "2023-01-31",
            Clamp,
            Interval::MONTHLY,
            &["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30"],
        ),
        ("L-22", "2022-02-28", Clamp, Interval::MONTHLY, &["2022-02-28", "2022-03-28", "2022-04-28", "2022-05-28"]),
        (
            "L-22, sticky",
            "2022-02-28",
            StickyEndOfMonth,
            Interval::MONTHLY,
            &["2022-02-28", "2022-03-31", "2022-04-30"],
        ),
        ("M-13", "2024-01-31", Clamp, Interval::MONTHLY, &["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        ("Recurly", "2024-01-31", StickyEndOfMonth, Interval::MONTHLY, &["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("not an end", "2024-01-30", StickyEndOfMonth, Interval::MONTHLY, &["2024-01-30", "2024-02-29", "2024-03-30"]),
        ("April's end", "2024-04-30", StickyEndOfMonth, Interval::MONTHLY, &["2024-04-30", "2024-05-31", "2024-06-30"]),
        ("quarters", "2023-11-30", Clamp, quarter, &["2023-11-30", "2024-02-29", "2024-05-30", "2024-08-30"]),
        (
            "leap day, yearly",
            "2024-02-29",
            Clamp,
            Interval::YEARLY,
            &["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        (
            "sticky, yearly",
            "2023-02-28",
            StickyEndOfMonth,
            Interval::YEARLY,
            &["2023-02-28", "2024-02-29", "2025-02-28"],
        ),
        (
            "weeks",
            "2024-02-26",
            StickyEndOfMonth,
            every(1, IntervalUnit::Week),
            &["2024-02-26", "2024-03-04", "2024-03-11"],
        ),
        (
            "days",
            "2024-02-29",
            StickyEndOfMonth,
            every(30, IntervalUnit::Day),
            &["2024-02-29", "2024-03-30", "2024-04-29"],
        ),
    ];
    for (what, start, rule, interval, expected) in cases {
        let anchor = Anchor { rule, ..Anchor::utc(at(&format!("{start}T10:30:00Z"))) };
        assert_eq!(dates(&anchor, interval, expected.len()), expected, "{what}");
    }
}

#[test]
fn periods_contain_the_instant_asked_for() {
    let two_months = every(2, IntervalUnit::Month);
    let cases = [
        ("M-13: none elapsed", "2024-01-31", Interval::MONTHLY, "2024-02-15", "2024-01-31", "2024-02-29"),
        ("M-13: one elapsed", "2024-01-31", Interval::MONTHLY, "2024-02-29", "2024-02-29", "2024-03-31"),
        ("M-13: two elapsed", "2024-01-31", Interval::MONTHLY, "2024-03-31", "2024-03-31", "2024-04-30"),
        ("before the anchor", "2024-08-31", two_months, "2024-02-10", "2023-12-31", "2024-02-29"),
        ("and after it", "2024-08-31", two_months, "2024-03-01", "2024-02-29", "2024-04-30"),
        ("S-05: the 22nd", "2024-02-01", Interval::MONTHLY, "2024-01-22", "2024-01-01", "2024-02-01"),
        ("S-05: over the 1st", "2024-02-01", Interval::MONTHLY, "2024-02-04", "2024-02-01", "2024-03-01"),
        ("a century on", "1924-01-31", Interval::MONTHLY, "2024-02-29", "2024-02-29", "2024-03-31"),
    ];
    for (what, anchor, interval, instant, start, end) in cases {
        let midnight = |date: &str| format!("{date}T00:00:00Z");
        let found = Anchor::utc(at(&midnight(anchor))).period_containing(interval, at(&midnight(instant)));
        assert_eq!(found, Some(period(&midnight(start), &midnight(end))), "{what}");
    }
}

#[test]
fn what_has_no_period_says_so() {
    let anchor = Anchor::utc(at("2024-01-31T00:00:00Z"));
    let cases = [
        (every(0, IntervalUnit::Month), at("2024-02-01T00:00:00Z")),
        (every(u32::MAX, IntervalUnit::Year), at("2024-02-01T00:00:00Z")),
        (Interval::MONTHLY, Timestamp::MAX),
        (Interval::MONTHLY, Timestamp::MIN),
    ];
    for (interval, instant) in cases {
        assert_eq!(anchor.period_containing(interval, instant), None, "{interval:?} at {instant}");
    }
    assert_eq!(anchor.boundary(Interval::MONTHLY, i64::MAX), None);
}

/// K-34: eighteen renewals through three changes of the clocks, each at midnight in Los Angeles.
#[test]
fn renewals_keep_local_midnight_across_daylight_saving() {
    let zone = zone("America/Los_Angeles");
    let anchor = Anchor { zone: zone.clone(), ..Anchor::utc(at("2015-10-01T07:00:00Z")) };
    let starts: Vec<String> =
        (0..=18).map(|k| zone.to_datetime(anchor.boundary(Interval::MONTHLY, k).unwrap()).to_string()).collect();
    let expected: Vec<String> =
        (0..=18).map(|k| format!("{}-{:02}-01T00:00:00", 2015 + (9 + k) / 12, (9 + k) % 12 + 1)).collect();
    assert_eq!(starts, expected);
    assert_eq!(anchor.boundary(Interval::MONTHLY, 1), Some(at("2015-11-01T07:00:00Z")));
    assert_eq!(anchor.boundary(Interval::MONTHLY, 2), Some(at("2015-12-01T08:00:00Z")));
}

/// K-35: thirty days from a quarter past eleven at night end on March 31st, not on April 1st.
#[test]
fn local_days_are_counted_into_daylight_saving() {
    let anchor = Anchor { zone: zone("America/Los_Angeles"), ..Anchor::utc(at("2017-03-02T07:30:00Z")) };
    assert_eq!(dates(&anchor, every(30, IntervalUnit::Day), 2), ["2017-03-01", "2017-03-31"]);
    assert_eq!(anchor.boundary(every(30, IntervalUnit::Day), 1), Some(at("2017-04-01T06:30:00Z")));
}

#[test]
fn days_start_when_they_do_where_people_live() {
    let cases = [
        ("UTC", "2024-02-01", "2024-02-01T00:00:00Z"),
        ("America/Los_Angeles", "2024-07-01", "2024-07-01T07:00:00Z"),
        ("Asia/Kathmandu", "2024-02-01", "2024-01-31T18:15:00Z"),
        // The clocks went from midnight to one o'clock.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
    ];
    for (name, date, expected) in cases {
        assert_eq!(start_of_day(date.parse().unwrap(), &zone(name)), at(expected), "{name}");
    }
    assert_eq!(local_date(at("2024-02-01T06:00:00Z"), &zone("America/Los_Angeles")).to_string(), "2024-01-31");
}

#[test]
fn months_are_named_and_counted() {
    let date: Date = "2024-02-29".parse().unwrap();
    assert_eq!(month_of(date), "2024-02");
    let firsts: Vec<_> = [-2, 0, 1, 11].map(|months| first_of_month(date, months).unwrap().to_string()).into();
    assert_eq!(firsts, ["2023-12-01", "2024-02-01", "2024-03-01", "2025-01-01"]);
    assert_eq!(first_of_month(date, 100_000), None);
}

#[test]
fn stored_microseconds_saturate() {
    let cases = [(0, at("1970-01-01T00:00:00Z")), (i64::MAX, Timestamp::MAX), (i64::MIN, Timestamp::MIN)];
    for (micros, expected) in cases {
        assert_eq!(from_micros(micros), expected);
    }
}

#[test]
fn a_period_is_half_open() {
    let january = period("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z");
    let contained =
        ["2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2024-01-31T23:59:59.999Z", "2024-02-01T00:00:00Z"]
            .map(|instant| january.contains(at(instant)));
    assert_eq!(contained, [false, true, true, false]);
    assert_eq!(january.seconds(), 2_678_400);
}

fn intervals() -> impl Strategy<Value = Interval> {
    let units = [IntervalUnit::Day, IntervalUnit::Week, IntervalUnit::Month, IntervalUnit::Year];
    (1_u32..25, prop::sample::select(units.to_vec())).prop_map(|(count, unit)| Interval { unit, count })
}

fn anchors() -> impl Strategy<Value = Anchor> {
    let zones = ["UTC", "America/Los_Angeles", "Australia/Sydney", "Asia/Kathmandu", "Europe/London"];
    let rules = [AnchorRule::Clamp, AnchorRule::StickyEndOfMonth];
    // 2000 to 2040.
    let seconds = 946_684_800_i64..2_208_988_800;
    (seconds, prop::sample::select(zones.to_vec()), prop::sample::select(rules.to_vec())).prop_map(
        |(second, name, rule)| Anchor { instant: Timestamp::from_second(second).unwrap(), rule, zone: zone(name) },
    )
}

proptest! {
    #[test]
    fn periods_contain_their_instant_and_touch(
        anchor in anchors(),
        interval in intervals(),
        // 1980 to 2060.
        second in 315_532_800_i64..2_840_140_800,
    ) {
        let instant = Timestamp::from_second(second).unwrap();
        let found = anchor.period_containing(interval, instant).unwrap();
        prop_assert!(found.contains(instant));
        prop_assert_eq!(anchor.period_containing(interval, found.start), Some(found));
        prop_assert_eq!(anchor.period_containing(interval, found.end).unwrap().start, found.end);
    }

    #[test]
    fn months_keep_the_anchors_day_or_their_last(anchor in anchors(), count in 1_u32..25, k in -120_i64..120) {
        let day = |instant| local_date(instant, &anchor.zone);
        let start = day(anchor.instant);
        let found = day(anchor.boundary(every(count, IntervalUnit::Month), k).unwrap());
        let sticky = anchor.rule == AnchorRule::StickyEndOfMonth && start == start.last_of_month();
        let expected = if sticky { found.days_in_month() } else { start.day().min(found.days_in_month()) };
        prop_assert_eq!(found.day(), expected);
        let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
        prop_assert_eq!(months(found) - months(start), i64::from(count) * k);
    }

    #[test]
    fn instants_survive_being_stored(micros in -62_135_596_800_000_000_i64..253_402_300_799_000_000) {
        prop_assert_eq!(to_micros(from_micros(micros)), micros);
    }
}
