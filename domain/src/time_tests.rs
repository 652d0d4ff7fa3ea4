//! Are instants, days and months what they are where people live?

use proptest::prelude::*;

use super::*;
use crate::samples::{at, period};

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn instants_survive_being_stored(micros in -62_135_596_800_000_000_i64..253_402_300_799_000_000) {
        prop_assert_eq!(to_micros(from_micros(micros)), micros);
    }
}
