//! The cohort example E36, and how a customer becomes a member.

use rust_decimal::Decimal;

use super::*;
use crate::mrr::testing::{History, active, canceled, monthly};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn example_e36_of_four_customers() {
    let member = |first: i64, ends: [i64; 5]| Member {
        month: date("2019-05-01"),
        first_minor: first * 100,
        ends_minor: ends.map(|units| units * 100).to_vec(),
    };
    let members =
        [member(50, [50; 5]), member(50, [50, 50, 50, 0, 0]), member(30, [30, 60, 60, 60, 60]), member(25, [25; 5])];
    let found = cohorts(&members, date("2019-09-30"));
    let [cohort] = found.as_slice() else { panic!("one cohort, not {found:?}") };
    assert_eq!((cohort.month.as_str(), cohort.size, cohort.first_minor), ("2019-05", 4, 15_500));
    let columns: Vec<_> = cohort
        .columns
        .iter()
        .map(|column| (column.month.as_str(), column.active, column.mrr_minor, column.incomplete))
        .collect();
    assert_eq!(
        columns,
        [
            ("2019-05", 4, 15_500, false),
            ("2019-06", 4, 18_500, false),
            ("2019-07", 4, 18_500, false),
            ("2019-08", 3, 13_500, false),
            ("2019-09", 3, 13_500, true)
        ]
    );
    let last = cohort.columns.last().unwrap();
    assert_eq!(
        (last.logo.percent(1), last.revenue.percent(2)),
        (Some(Decimal::new(750, 1)), Some(Decimal::new(8_710, 2)))
    );
}

#[test]
fn a_member_is_read_off_its_movements_in_its_zone() {
    let history = History::default()
        .told("sub_1", "2024-01-31T23:30:00Z", active(monthly(10_000)))
        .told("sub_1", "2024-03-15", canceled("2024-03-15", monthly(10_000)))
        .told("sub_2", "2024-05-02", active(monthly(7_000)));
    let movements = history.movements();
    let at_home = member(&movements, Currency::USD, date("2024-05-20"), &TimeZone::UTC);
    let expected =
        Member { month: date("2024-01-01"), first_minor: 10_000, ends_minor: vec![10_000, 10_000, 0, 0, 7_000] };
    assert_eq!(at_home, Some(expected));
    let east = TimeZone::fixed(jiff::tz::offset(1));
    let further_east = member(&movements, Currency::USD, date("2024-04-20"), &east);
    let expected = Member { month: date("2024-02-01"), first_minor: 10_000, ends_minor: vec![10_000, 0, 0] };
    assert_eq!(further_east, Some(expected));
    assert_eq!(member(&movements, Currency::USD, date("2023-12-01"), &TimeZone::UTC), None);
    assert_eq!(member(&movements, Currency::EUR, date("2024-05-20"), &TimeZone::UTC), None);
}
