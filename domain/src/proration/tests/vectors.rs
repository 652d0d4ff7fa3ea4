//! Do the cycles charged in advance equal Kill Bill's, for each of its cases of day proration?

use serde::Deserialize;

use super::*;
use crate::time::FirstBoundary;

const CASES: &str = include_str!("../../../fixtures/proration/day-proration-cases.json");

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    source: String,
    test: String,
    billing_period: String,
    start: String,
    end: Option<String>,
    target: String,
    billing_cycle_day: i8,
    expected_cycles: String,
}

/// A sum of fractions, kept by cross-multiplying.
#[derive(Debug, Clone, Copy)]
struct Sum(i128, i128);

impl Sum {
    fn plus(self, part: Fraction) -> Self {
        let (numerator, denominator) = (i128::from(part.numerator()), i128::from(part.denominator()));
        Self(self.0 * denominator + numerator * self.1, self.1 * denominator)
    }

    fn is(self, expected: &str) -> bool {
        let (numerator, denominator) = expected.split_once('/').unwrap_or((expected, "1"));
        let (numerator, denominator): (i128, i128) = (numerator.parse().unwrap(), denominator.parse().unwrap());
        self.0 * denominator == numerator * self.1
    }
}

/// The cycles of everything that starts by the target date and before the end.
fn cycles(start: &str, end: Option<&str>, target: &str, day: i8, interval: Interval) -> Sum {
    let counting = Counting::utc(ProrationMode::DayHalfOpen);
    let first = FirstBoundary::WholeIntervals;
    let anchor = Anchor::on_cycle_day(day, on(start), interval, first, counting.zone.clone()).unwrap();
    let (end, target) = (end.map_or(Timestamp::MAX, on), on(target));
    anchor
        .stretches(interval, on(start))
        .take_while(|stretch| stretch.period.start <= target)
        .map(|stretch| {
            let leading = stretch.period.start > stretch.reference.start;
            if leading { anchor.counted_back(interval, stretch).unwrap() } else { stretch }
        })
        .map_while(|stretch| stretch.until(end))
        .fold(Sum(0, 1), |sum, stretch| sum.plus(counting.fraction(stretch).unwrap()))
}

#[test]
fn every_vector_gives_its_cycles() {
    let cases = serde_json::from_str::<Cases>(CASES).unwrap().cases;
    assert_eq!(cases.len(), 102);
    for case in cases {
        let interval = match case.billing_period.as_str() {
            "MONTHLY" => Interval::MONTHLY,
            "QUARTERLY" => QUARTERLY,
            "ANNUAL" => Interval::YEARLY,
            other => panic!("{other}"),
        };
        let found = cycles(&case.start, case.end.as_deref(), &case.target, case.billing_cycle_day, interval);
        assert!(found.is(&case.expected_cycles), "{} {}: {found:?}", case.source, case.test);
    }
}

#[test]
fn cases_k02_to_k05() {
    let cases = [
        ("K-02, first", "2011-02-01", None, "2011-02-01", 13, "12/31"),
        ("K-02, and three more", "2011-02-01", None, "2011-04-13", 13, "105/31"),
        ("K-03, leap year", "2012-02-01", Some("2012-02-15"), "2012-02-19", 1, "14/29"),
        ("K-04, before", "2011-02-01", Some("2011-02-14"), "2011-03-01", 1, "13/28"),
        ("K-04, after", "2011-02-14", None, "2011-03-01", 31, "45/31"),
        ("K-05, before", "2011-01-31", Some("2011-03-10"), "2011-04-21", 7, "41/31"),
        ("K-05, after", "2011-03-10", None, "2011-04-21", 15, "61/28"),
    ];
    for (what, start, end, target, day, expected) in cases {
        let found = cycles(start, end, target, day, Interval::MONTHLY);
        assert!(found.is(expected), "{what}: {found:?}");
    }
}
