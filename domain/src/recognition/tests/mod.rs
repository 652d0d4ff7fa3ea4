//! Is revenue earned to the cent of revenue.md §3.1, however it is cut?

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::time::{Period, zone_named};

fn utc() -> Ruler {
    Ruler::days(TimeZone::UTC)
}

fn straight(minor: i64, from: Date, to: Date) -> Schedule {
    Schedule::straight(minor, utc().start_of(from), utc().start_of(to))
}

/// What is earned on each of these days.
fn slices(schedule: &Schedule, days: std::ops::RangeInclusive<Date>) -> Vec<i64> {
    let of = |day: Date| schedule.recognized(utc().end_of(day)) - schedule.recognized(utc().start_of(day));
    days.start().series(jiff::Span::new().days(1)).take_while(|day| day <= days.end()).map(of).collect()
}

#[test]
fn daily_slices_are_differences_of_the_rounded_whole() {
    let fifty = straight(5_000, date(2024, 1, 1), date(2024, 2, 1));
    assert_eq!(slices(&fifty, date(2024, 1, 1)..=date(2024, 1, 3)), [161, 162, 161]);
    assert_eq!(fifty.recognized(utc().end_of(date(2024, 1, 15))), 2_419);
    assert_eq!(slices(&fifty, date(2024, 1, 1)..=date(2024, 1, 31)).iter().sum::<i64>(), 5_000);
    let leap = straight(500_000, date(2024, 2, 1), date(2024, 3, 1));
    assert_eq!(slices(&leap, date(2024, 2, 1)..=date(2024, 2, 2)), [17_241, 17_242]);
    assert_eq!(leap.whole(), 500_000);
}

#[test]
fn months_are_differences_at_their_ends() {
    let month = |month: &str, recognized_minor, deferred_minor| Month {
        month: month.to_owned(),
        recognized_minor,
        deferred_minor,
    };
    let cases = [
        (
            "E39",
            straight(3_100, date(2023, 1, 15), date(2023, 2, 15)),
            vec![month("2023-01", 1_700, 1_400), month("2023-02", 1_400, 0)],
        ),
        (
            "E40",
            straight(36_500, date(2023, 1, 1), date(2024, 1, 1)),
            vec![month("2023-01", 3_100, 33_400), month("2023-02", 2_800, 30_600), month("2023-03", 3_100, 27_500)],
        ),
        (
            "E41",
            straight(120_000, date(2023, 1, 1), date(2024, 1, 1)),
            vec![month("2023-01", 10_192, 109_808), month("2023-02", 9_205, 100_603)],
        ),
    ];
    for (name, schedule, expected) in cases {
        assert_eq!(waterfall([&schedule], &utc(), date(2023, 1, 20), expected.len()), expected, "{name}");
    }
}

#[test]
fn what_is_left_of_a_reversal_is_spread_over_the_time_left() {
    let (january, february, march) = (date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1));
    let mut ninety = straight(9_000, january, date(2023, 4, 1));
    ninety.reverse(utc().start_of(february), 590);
    let at = |schedule: &Schedule, day| schedule.recognized(utc().start_of(day));
    assert_eq!((at(&ninety, february), at(&ninety, march), ninety.whole()), (3_100, 5_620, 8_410));
    // Given back: as if nothing had been, but for what was not earned meanwhile.
    ninety.reverse(utc().start_of(march), -590);
    assert_eq!((at(&ninety, march), ninety.whole()), (5_620, 9_000));
    // Before it began, and when it was over.
    let mut early = straight(9_000, january, february);
    early.reverse(utc().start_of(date(2022, 12, 1)), 1_000);
    assert_eq!((at(&early, january), early.whole()), (0, 8_000));
    early.reverse(utc().start_of(march), -100);
    assert_eq!((at(&early, february), early.recognized(utc().end_of(march))), (8_000, 8_100));
}

#[test]
fn days_are_the_zones_and_seconds_are_finer() {
    let period =
        Period { start: "2024-01-15T10:30:00Z".parse().unwrap(), end: "2024-02-15T10:30:00Z".parse().unwrap() };
    let spans = |ruler: Ruler| {
        let (start, end) = ruler.span(period);
        let earned = Schedule::straight(3_100, start, end).recognized(ruler.end_of(date(2024, 1, 31)));
        (end - start, earned)
    };
    let second = |zone| Ruler::new(Granularity::Second, zone_named(zone));
    assert_eq!(spans(utc()), (31, 1_700));
    assert_eq!(spans(Ruler::days(zone_named("Pacific/Auckland"))), (31, 1_700));
    assert_eq!(spans(Ruler::days(zone_named("Pacific/Kiritimati"))), (31, 1_600));
    // 16 days, 13 hours and 30 minutes of 31 days.
    assert_eq!(spans(second("UTC")), (2_678_400, 1_656));
    assert_eq!(spans(second("Asia/Kolkata")), (2_678_400, 1_633));
    let one_day = Period { start: period.start, end: "2024-01-15T11:30:00Z".parse().unwrap() };
    assert_eq!(utc().span(one_day).1 - utc().span(one_day).0, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_is_earned_twice_or_lost(
        amount in -1_000_000_i64..1_000_000,
        start in 0_i64..100,
        days in 0_i64..400,
        reversals in prop::collection::vec((0_i64..500, 0_i64..100), 0..4),
    ) {
        let mut schedule = Schedule::straight(amount, start, start + days);
        let mut reversed = 0;
        let mut ticks: Vec<_> = reversals;
        ticks.sort_unstable();
        for (tick, percent) in ticks {
            let earned = schedule.recognized(tick);
            let part = schedule.remaining(tick) * percent / 100;
            schedule.reverse(tick, part);
            reversed += part;
            prop_assert_eq!(schedule.recognized(tick), earned);
        }
        prop_assert_eq!(schedule.whole() + reversed, amount);
        let along: Vec<i64> = (0..600).map(|tick| schedule.recognized(tick)).collect();
        prop_assert!(along.windows(2).all(|pair| (pair[1] - pair[0]) * amount.signum() >= 0));
        prop_assert_eq!(along[599], schedule.whole());
    }
}
