//! Do periods tile time, without gap, overlap or drift, in every policy, interval and zone?

use jiff::tz::AmbiguousOffset;
use proptest::prelude::*;

use super::*;
use crate::time::local_date;

const ZONES: [&str; 9] = [
    "UTC",
    "America/Los_Angeles",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Europe/London",
    "America/Sao_Paulo",
    "America/Havana",
    "Pacific/Apia",
];

fn intervals() -> impl Strategy<Value = Interval> {
    let units = [IntervalUnit::Day, IntervalUnit::Week, IntervalUnit::Month, IntervalUnit::Year];
    (1_u32..25, prop::sample::select(units.to_vec())).prop_map(|(count, unit)| Interval { unit, count })
}

fn anchors() -> impl Strategy<Value = Anchor> {
    let rules = [AnchorRule::Clamp, AnchorRule::StickyEndOfMonth, AnchorRule::Calendar];
    // 2000 to 2040; half of them within the last days of a month, and half at the hours in which clocks are moved.
    let seconds = (946_684_800_i64..2_208_988_800, any::<bool>(), any::<bool>(), 0_i64..4, 0_i64..16);
    (seconds, prop::sample::select(ZONES.to_vec()), prop::sample::select(rules.to_vec())).prop_map(
        |((second, late, early, days, quarters), name, rule)| {
            let zone = TimeZone::get(name).unwrap();
            let mut local = zone.to_datetime(Timestamp::from_second(second).unwrap());
            if late {
                let last = local.date().last_of_month().checked_sub(days.days()).unwrap();
                local = last.to_datetime(local.time());
            }
            if early {
                local = local.date().to_datetime(Time::midnight()).checked_add((quarters * 15).minutes()).unwrap();
            }
            Anchor { instant: zone.to_timestamp(local).unwrap(), rule, zone }
        },
    )
}

/// Where the `k`-th boundary is to be, by counting months and days by hand.
fn expected_date(anchor: &Anchor, interval: Interval, k: i64) -> Date {
    let start = local_date(anchor.instant, &anchor.zone);
    let count = i64::from(interval.count) * k;
    let calendar = anchor.rule == AnchorRule::Calendar;
    let months = |count: i64| {
        let mut from = i64::from(start.year()) * 12 + i64::from(start.month()) - 1;
        if calendar && (interval.unit == IntervalUnit::Year || 12 % interval.count == 0) {
            from -= i64::from(start.month()) - 1;
        }
        let number = from + count;
        let first = Date::new(
            i16::try_from(number.div_euclid(12)).unwrap(),
            i8::try_from(number.rem_euclid(12) + 1).unwrap(),
            1,
        );
        let first = first.unwrap();
        let sticky = anchor.rule == AnchorRule::StickyEndOfMonth && start.day() == start.days_in_month();
        let day = match (calendar, sticky) {
            (true, _) => 1,
            (false, true) => 31,
            (false, false) => start.day(),
        };
        Date::new(first.year(), first.month(), day.min(first.days_in_month())).unwrap()
    };
    let days = |count: i64, from: Date| from.checked_add(count.days()).unwrap();
    match interval.unit {
        IntervalUnit::Day => days(count, start),
        IntervalUnit::Week if calendar => days(count * 7 - i64::from(start.weekday().to_monday_zero_offset()), start),
        IntervalUnit::Week => days(count * 7, start),
        IntervalUnit::Month => months(count),
        IntervalUnit::Year => months(count * 12),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_nth_period_does_not_drift(anchor in anchors(), interval in intervals(), k in -60_i64..240) {
        let calendar = anchor.rule == AnchorRule::Calendar;
        let time = if calendar { Time::midnight() } else { anchor.zone.to_datetime(anchor.instant).time() };
        let expected = expected_date(&anchor, interval, k).to_datetime(time);
        let found = anchor.boundary(interval, k).unwrap();
        let skipped = matches!(anchor.zone.to_ambiguous_timestamp(expected).offset(), AmbiguousOffset::Gap { .. });
        // What the clocks skipped is the first such time after it.
        let local = anchor.zone.to_datetime(found);
        prop_assert!(if skipped { local > expected } else { local == expected }, "{} is not {}", local, expected);
    }

    #[test]
    fn periods_tile(anchor in anchors(), interval in intervals(), k in -60_i64..240) {
        let (period, next) = (anchor.period(interval, k).unwrap(), anchor.period(interval, k + 1).unwrap());
        prop_assert_eq!(period.end, next.start);
        let empty = anchor.zone.iana_name() == Some("Pacific/Apia") && period.start == period.end;
        prop_assert!(empty || period.start < period.end);
        for instant in [period.start, period.end.saturating_sub(1.nanosecond()).unwrap()] {
            let found = anchor.period_containing(interval, instant);
            prop_assert!(empty || found == Some(period), "{:?} is not {:?}", found, period);
        }
    }

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
        let stretches: Vec<Stretch> = anchor.stretches(interval, instant).take(4).collect();
        prop_assert_eq!(stretches[0], Stretch { period: Period { start: instant, ..found }, reference: found });
        prop_assert!(stretches[1..].iter().all(|stretch| stretch.is_whole()));
        prop_assert!(stretches.windows(2).all(|pair| pair[0].period.end == pair[1].period.start));
    }

    #[test]
    fn cycle_days_come_back_after_short_months(
        day in 1_i8..=31,
        second in 946_684_800_i64..2_208_988_800,
        count in 1_u32..25,
        name in prop::sample::select(ZONES.to_vec()),
        whole in any::<bool>(),
    ) {
        let zone = TimeZone::get(name).unwrap();
        let start = Timestamp::from_second(second).unwrap();
        let interval = Interval { unit: IntervalUnit::Month, count };
        let first = if whole { FirstBoundary::WholeIntervals } else { FirstBoundary::NextDay };
        let anchor = Anchor::on_cycle_day(day, start, interval, first, zone.clone()).unwrap();
        for stretch in anchor.stretches(interval, start).take(30) {
            let date = local_date(stretch.period.end, &zone);
            let apia = date.to_string() == "2011-12-31" && name == "Pacific/Apia";
            let best = if date.month() == 2 && count % 12 == 0 { date.day() } else { date.days_in_month().min(day) };
            prop_assert!(date.day() == best || apia, "{} for {}", date, day);
        }
        let next = anchor.stretches(interval, start).next().unwrap();
        if !whole {
            let days = days_between(local_date(start, &zone), local_date(next.period.end, &zone));
            prop_assert!(count > 1 || days <= 31, "{} days", days);
        }
    }
}
