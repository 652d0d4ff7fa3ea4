//! Do amounts and credits equal those of Kill Bill's own tests (billing.md §5.1)? Whole days, the day of the change
//! belongs to the new price, in advance unless said.

use super::*;
use crate::time::FirstBoundary;

const DAYS: ProrationMode = ProrationMode::DayHalfOpen;

fn cycle_day(day: i8, start: &str, interval: Interval) -> Anchor {
    Anchor::on_cycle_day(day, on(start), interval, FirstBoundary::WholeIntervals, jiff::tz::TimeZone::UTC).unwrap()
}

#[test]
fn parts_of_periods_cost_their_part() {
    type Row = (&'static str, ProrationMode, i64, i8, Interval, &'static str, Option<&'static str>, (i64, (i64, i64)));
    let (month, year) = (Interval::MONTHLY, Interval::YEARLY);
    let cases: [Row; 20] = [
        ("K-01, leading", DAYS, 1000, 15, month, "2011-09-01", None, (452, (14, 31))),
        ("K-01, whole", DAYS, 1000, 15, month, "2011-09-15", None, (1000, (30, 30))),
        ("K-11, one day", DAYS, 59_995, 3, month, "2012-03-02", None, (2069, (1, 29))),
        ("K-11, whole", DAYS, 59_995, 3, month, "2012-03-03", None, (59_995, (31, 31))),
        ("K-14, May", fixed(30), 1995, 23, month, "2023-05-15", None, (532, (8, 30))),
        ("K-14, June", fixed(30), 1995, 23, month, "2023-06-15", None, (532, (8, 30))),
        ("K-15, May", fixed(30), 1995, 15, month, "2023-05-23", None, (1463, (22, 30))),
        ("K-15, June", fixed(30), 1995, 15, month, "2023-06-23", None, (1463, (22, 30))),
        ("K-15, February", fixed(30), 1995, 15, month, "2023-02-23", None, (1463, (22, 30))),
        ("K-15, leap February", fixed(30), 1995, 15, month, "2024-02-23", None, (1463, (22, 30))),
        ("K-16", fixed(28), 2800, 15, month, "2023-05-23", None, (2000, (20, 28))),
        ("K-26, the year", DAYS, 239_995, 1, year, "2012-05-12", None, (232_762, (354, 365))),
        ("K-27, the quarter", DAYS, 6995, 1, QUARTERLY, "2012-05-12", None, (6159, (81, 92))),
        ("K-27, the next", DAYS, 6995, 1, QUARTERLY, "2012-08-01", None, (6995, (92, 92))),
        ("K-28, to the 15th", DAYS, 24_995, 15, month, "2016-05-01", None, (11_664, (14, 30))),
        ("K-28, in June", DAYS, 24_995, 15, month, "2016-06-01", None, (11_288, (14, 31))),
        ("K-28, to the 10th", DAYS, 24_995, 10, month, "2016-07-15", None, (20_964, (26, 31))),
        ("K-32, in arrears to the 20th", DAYS, 90_000, 11, month, "2023-08-11", Some("2023-08-20"), (26_129, (9, 31))),
        ("K-32, in arrears to the 15th", DAYS, 90_000, 11, month, "2023-08-11", Some("2023-08-15"), (11_613, (4, 31))),
        ("K-24, billed again", DAYS, 1995, 15, month, "2013-06-15", Some("2013-07-01"), (1064, (16, 30))),
    ];
    for (what, mode, full, day, interval, start, end, expected) in cases {
        let stretch = from(&cycle_day(day, start, interval), interval, start);
        let stretch = end.map_or(stretch, |end| stretch.until(on(end)).unwrap());
        assert_eq!(priced(mode, full, stretch), expected, "{what}");
    }
}

/// A tie: 74.985 is 74.99, and would be 74.98 if ties went to the even digit.
#[test]
fn ties_are_rounded_away_from_zero() {
    let part = Fraction::of(9, 30).unwrap();
    let cases = [(24_995, 7499), (-24_995, -7499)];
    for (full_minor, expected) in cases {
        assert_eq!(prorate(full_minor.into(), part), Ok(expected));
    }
}

/// Each step credits one span of the line, after the steps before it.
#[test]
fn spans_of_a_billed_line_are_credited_once() {
    type Row = (&'static str, i64, (&'static str, &'static str), &'static [(&'static str, &'static str, i64)]);
    let may = ("2012-05-01", "2012-06-01");
    let june = ("2012-06-30", "2012-07-31");
    let year = ("2013-08-18", "2014-08-18");
    let unpaid_year = ("2012-05-31", "2013-05-31");
    let cases: [Row; 10] = [
        ("K-10", 239_995, year, &[("2013-09-17", "2014-08-18", 220_269)]),
        ("K-13", 24_995, ("2012-03-02", "2012-04-02"), &[("2012-03-05", "2012-04-02", 22_576)]),
        ("K-17", 24_995, june, &[("2012-07-10", "2012-07-20", 8063)]),
        ("K-18", 24_995, june, &[("2012-07-10", "2012-07-31", 16_932)]),
        ("K-20", 24_995, june, &[("2012-07-10", "2012-07-20", 8063), ("2012-07-20", "2012-07-31", 8869)]),
        ("K-21", 239_995, unpaid_year, &[("2012-07-10", "2012-07-20", 6575), ("2012-07-31", "2013-05-31", 199_886)]),
        ("K-24", 1995, ("2013-06-15", "2013-07-15"), &[("2013-07-01", "2013-07-15", 931)]),
        (
            "what a later span shares with an earlier one is not credited again",
            31_00,
            may,
            &[
                ("2012-05-10", "2012-05-20", 10_00),
                ("2012-05-05", "2012-06-01", 17_00),
                ("2012-05-01", "2012-06-01", 4_00),
            ],
        ),
        ("spans outside", 31_00, may, &[("2012-04-01", "2012-05-01", 0), ("2012-06-01", "2012-07-01", 0)]),
        ("all of it, twice", 31_00, may, &[("2012-01-01", "2013-01-01", 31_00), ("2012-01-01", "2013-01-01", 0)]),
    ];
    for (what, amount, (start, end), steps) in cases {
        let mut line = billed("plan", amount, Stretch::whole(span(start, end)));
        for (from, to, expected) in steps {
            let credit = line.credit(&Counting::utc(DAYS), span(from, to)).unwrap();
            assert_eq!(credit.map_or(0, |credit| credit.amount_minor), *expected, "{what}: {from} to {to}");
            line.adjusted.extend(credit.map(|credit| credit.adjustment()));
        }
    }
}

#[test]
fn an_adjustment_without_a_span_limits_what_follows() {
    let year = Stretch::whole(span("2013-08-18", "2014-08-18"));
    let mut line = billed("plan", 239_995, year);
    let cancel = line.credit(&Counting::utc(DAYS), span("2013-09-17", "2014-08-18")).unwrap().unwrap();
    line.adjusted.push(cancel.adjustment());
    assert_eq!(line.creditable_minor(), 19_726, "K-10: what is left");
    line.adjusted.push(Adjusted { amount_minor: 19_000, tax_minor: 0, period: None });
    let rest = line.credit(&Counting::utc(DAYS), year.period).unwrap().unwrap();
    assert_eq!((rest.amount_minor, line.creditable_minor()), (726, 726));
}

/// K-08: two changes of plan on two days of May, the first of which is repaired by the second.
#[test]
fn a_change_credits_the_change_before_it() {
    let anchor = Anchor::utc(on("2012-05-01"));
    let may = from(&anchor, Interval::MONTHLY, "2012-05-01");
    let [rifle, dart, pistol] =
        [("rifle", 59_995), ("dart", 995), ("pistol", 2995)].map(|(item, full)| monthly(item, full));
    let mut lines = vec![billed("rifle", 59_995, may)];
    let first = changed(&rules(DAYS), &anchor, "2012-05-07", &[rifle], std::slice::from_ref(&dart), &lines);
    assert_eq!(amounts(&first), [-48_383, 802]);
    assert_eq!(first.to_balance_minor(), 47_581);
    lines.push(billed("dart", 802, from(&anchor, Interval::MONTHLY, "2012-05-07")));
    let second = changed(&rules(DAYS), &anchor, "2012-05-08", &[dart], &[pistol], &lines);
    assert_eq!(amounts(&second), [-770, 2319]);
    // 15.49 of the 475.81, and 29.95 in June and in July, are paid by the balance.
    assert_eq!(second.total_minor(), 1549);
    assert!(first.to_balance_minor() > 1549 + 2 * 2995);
}

#[test]
fn intervals_change_with_the_anchor_kept() {
    type Row = (&'static str, (i64, Interval), (i64, Interval), &'static str, [i64; 2]);
    let cases: [Row; 4] = [
        ("K-09", (239_995, Interval::YEARLY), (24_995, Interval::MONTHLY), "2012-05-01", [-239_995, 24_995]),
        ("K-26", (24_995, Interval::MONTHLY), (239_995, Interval::YEARLY), "2012-05-12", [-16_126, 232_762]),
        ("K-27", (2995, Interval::MONTHLY), (6995, QUARTERLY), "2012-05-12", [-1932, 6159]),
        ("K-20", (24_995, Interval::MONTHLY), (59_995, Interval::MONTHLY), "2012-05-21", [-8869, 21_289]),
    ];
    let anchor = Anchor::utc(on("2012-05-01"));
    for (what, (old, old_interval), (new, new_interval), at, expected) in cases {
        let arrangement = |interval| anchor.period_containing(interval, on(at)).unwrap();
        let change = Change {
            at: on(at),
            before: Arrangement {
                anchor: &anchor,
                period: arrangement(old_interval),
                charges: &[charge("old", old, old_interval)],
            },
            after: Arrangement {
                anchor: &anchor,
                period: arrangement(new_interval),
                charges: &[charge("new", new, new_interval)],
            },
            billed: &[billed("old", old, from(&anchor, old_interval, "2012-05-01"))],
        };
        assert_eq!(amounts(&rules(DAYS).lines(&change).unwrap()), expected, "{what}");
    }
}

/// K-29: the cycle day moves to the 10th and the plan changes on the 5th, within a period that ends on the 1st.
#[test]
fn a_change_of_plan_with_a_new_cycle_day() {
    let old = Anchor::utc(on("2012-05-01"));
    let new = cycle_day(10, "2012-05-05", Interval::MONTHLY);
    let change = Change {
        at: on("2012-05-05"),
        before: Arrangement {
            anchor: &old,
            period: span("2012-05-01", "2012-06-01"),
            charges: &[monthly("shotgun", 24_995)],
        },
        after: Arrangement {
            anchor: &new,
            period: span("2012-04-10", "2012-05-10"),
            charges: &[monthly("rifle", 59_995)],
        },
        billed: &[billed("shotgun", 24_995, from(&old, Interval::MONTHLY, "2012-05-01"))],
    };
    let found = rules(DAYS).lines(&change).unwrap();
    assert_eq!((amounts(&found), found.to_balance_minor()), (vec![-21_770, 9999], 11_771));
}

/// K-34 and K-35 in money: a period is whole whatever the clocks did in it.
#[test]
fn daylight_saving_costs_nothing() {
    let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
    let cases = [("K-34", "2015-10-01T07:00:00Z", 18, 24_995), ("K-35", "2017-04-01T06:30:00Z", 1, 2995)];
    for (what, start, renewals, full) in cases {
        let anchor = Anchor { zone: zone.clone(), ..Anchor::utc(on(start)) };
        for mode in [ProrationMode::Second, DAYS, ProrationMode::DayInclusive, fixed(30)] {
            let counting = Counting { mode, zone: zone.clone() };
            for stretch in anchor.stretches(Interval::MONTHLY, anchor.instant).take(renewals) {
                assert_eq!(prorate(full.into(), counting.fraction(stretch).unwrap()), Ok(full), "{what} {mode}");
            }
        }
    }
}
