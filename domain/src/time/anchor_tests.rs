//! Are periods counted from their anchor, through short months, leap years and daylight saving?

use super::*;
use crate::samples::{at, period};
use crate::time::local_date;

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
fn calendar_periods_are_those_of_the_calendar() {
    let months = |count| every(count, IntervalUnit::Month);
    let cases: [(&str, &str, Interval, &[&str]); 9] = [
        ("months", "2024-03-05", Interval::MONTHLY, &["2024-01-01", "2024-02-01", "2024-03-01"]),
        ("L-02, quarters", "2024-05-20", months(3), &["2024-01-01", "2024-04-01", "2024-07-01"]),
        ("halves", "2024-12-31", months(6), &["2024-01-01", "2024-07-01", "2025-01-01"]),
        ("months that do not divide a year", "2024-05-20", months(5), &["2024-05-01", "2024-10-01", "2025-03-01"]),
        ("two years", "2024-05-20", every(2, IntervalUnit::Year), &["2024-01-01", "2026-01-01"]),
        ("weeks, from a Thursday", "2024-02-29", every(1, IntervalUnit::Week), &["2024-02-26", "2024-03-04"]),
        ("weeks, from a Monday", "2024-02-26", every(2, IntervalUnit::Week), &["2024-02-26", "2024-03-11"]),
        ("weeks, from a Sunday", "2024-03-03", every(1, IntervalUnit::Week), &["2024-02-26", "2024-03-04"]),
        ("days", "2024-02-28", every(1, IntervalUnit::Day), &["2024-02-28", "2024-02-29", "2024-03-01"]),
    ];
    for (what, start, interval, expected) in cases {
        let instant = at(&format!("{start}T10:30:00Z"));
        let anchor = Anchor { rule: AnchorRule::Calendar, ..Anchor::utc(instant) };
        assert_eq!(dates(&anchor, interval, expected.len()), expected, "{what}");
        assert!(anchor.period_containing(interval, instant).unwrap().contains(instant), "{what}");
    }
    let anchor =
        Anchor { rule: AnchorRule::Calendar, instant: at("2024-03-01T03:00:00Z"), zone: zone("America/New_York") };
    let february = period("2024-02-01T05:00:00Z", "2024-03-01T05:00:00Z");
    assert_eq!(anchor.period_containing(Interval::MONTHLY, anchor.instant), Some(february), "of where people live");
}

#[test]
fn cycle_days_find_their_first_boundary() {
    use FirstBoundary::{NextDay, WholeIntervals};
    let quarter = every(3, IntervalUnit::Month);
    let cases = [
        ("later in the month", 15, "2011-09-01", Interval::MONTHLY, NextDay, "2011-09-15", "2011-10-15"),
        ("the day itself", 1, "2011-09-01", Interval::MONTHLY, NextDay, "2011-10-01", "2011-11-01"),
        ("passed", 7, "2011-01-31", quarter, NextDay, "2011-02-07", "2011-05-07"),
        ("passed, in whole intervals", 7, "2011-01-31", quarter, WholeIntervals, "2011-04-07", "2011-07-07"),
        ("a short month", 31, "2011-02-14", Interval::MONTHLY, NextDay, "2011-02-28", "2011-03-31"),
        ("a short month, by the year", 31, "2011-02-14", Interval::YEARLY, NextDay, "2011-02-28", "2012-02-29"),
        ("on a short month's last day", 31, "2011-02-28", Interval::MONTHLY, NextDay, "2011-03-31", "2011-04-30"),
        ("December", 5, "2011-12-10", Interval::MONTHLY, NextDay, "2012-01-05", "2012-02-05"),
    ];
    for (what, day, start, interval, first, one, two) in cases {
        let start = at(&format!("{start}T10:30:00Z"));
        let anchor = Anchor::on_cycle_day(day, start, interval, first, TimeZone::UTC).unwrap();
        let ends: Vec<Timestamp> = anchor.stretches(interval, start).map(|it| it.period.end).take(2).collect();
        assert_eq!(ends, [one, two].map(|date| at(&format!("{date}T10:30:00Z"))), "{what}");
    }
    let refused = [(0, Interval::MONTHLY), (32, Interval::YEARLY), (1, every(1, IntervalUnit::Week))];
    for (day, interval) in refused {
        let start = at("2024-01-01T00:00:00Z");
        let found = Anchor::on_cycle_day(day, start, interval, NextDay, TimeZone::UTC).map(|anchor| anchor.instant);
        assert!(matches!(found, Err(Refusal::Invalid { field, .. }) if field == "billing_cycle_day"), "{day}");
    }
}

#[test]
fn a_short_months_boundary_can_be_counted_back() {
    let start = at("2011-02-14T00:00:00Z");
    let first = FirstBoundary::WholeIntervals;
    let anchor = Anchor::on_cycle_day(31, start, Interval::MONTHLY, first, TimeZone::UTC).unwrap();
    let leading = anchor.stretches(Interval::MONTHLY, start).next().unwrap();
    assert_eq!(leading.reference, period("2011-01-31T00:00:00Z", "2011-02-28T00:00:00Z"));
    let back = anchor.counted_back(Interval::MONTHLY, leading).unwrap();
    let reference = period("2011-01-28T00:00:00Z", "2011-02-28T00:00:00Z");
    assert_eq!(back, Stretch { reference, ..leading });
    assert!(!back.is_whole() && Stretch::whole(reference).is_whole());
    assert_eq!(back.until(start), None);
}

/// Samoa left out December 30th of 2011. What is due on it is due when the 31st comes, and no time is billed twice.
#[test]
fn a_day_that_did_not_exist_has_no_length() {
    let anchor = Anchor { zone: zone("Pacific/Apia"), ..Anchor::utc(at("2011-12-28T20:00:00Z")) };
    let day = every(1, IntervalUnit::Day);
    let periods: Vec<Period> = (0..4).map(|k| anchor.period(day, k).unwrap()).collect();
    let seconds: Vec<i64> = periods.iter().map(|period| period.seconds()).collect();
    assert_eq!(seconds, [86_400, 86_400, 0, 86_400]);
    assert!(periods.windows(2).all(|pair| pair[0].end == pair[1].start));
    assert_eq!(anchor.period_containing(day, periods[2].start), Some(periods[3]));
}
