//! Do amounts equal Stripe's documentation and the worked examples (billing.md §1, §3.4, §5.4)? By the second.

use super::*;
use crate::discount::discount_minor;
use crate::money::Currency;
use crate::price::{Discount, Duration, Off};
use crate::time::FirstBoundary;

const SECONDS: ProrationMode = ProrationMode::Second;

#[test]
fn worked_changes() {
    type Row = (&'static str, i64, i64, Period, &'static str, [i64; 2], i64);
    let cases: [Row; 4] = [
        ("S-03 and 1", 1000, 2000, span("2024-04-01", "2024-05-01"), "2024-04-16", [-500, 1000], 500),
        ("2", 3000, 5000, span("2024-02-01", "2024-03-01"), "2024-02-15T12:00:00Z", [-1500, 2500], 1000),
        ("3", 500_000, 150_000, span("2024-01-01", "2024-02-01"), "2024-01-20T15:30:00Z", [-183_132, 54_940], -128_192),
        ("the last second", 3000, 5000, span("2024-02-01", "2024-03-01"), "2024-02-01T00:00:01Z", [-3000, 5000], 2000),
    ];
    for (what, old, new, period, at, expected, total) in cases {
        let anchor = Anchor::utc(period.start);
        let lines = [billed("old", old, Stretch::whole(period))];
        let found = changed(&rules(SECONDS), &anchor, at, &[monthly("old", old)], &[monthly("new", new)], &lines);
        assert_eq!((amounts(&found).as_slice(), found.total_minor()), (expected.as_slice(), total), "{what}");
    }
}

#[test]
fn the_worked_parts_are_exact() {
    let february =
        Stretch { period: span("2024-02-15T12:00:00Z", "2024-03-01"), reference: span("2024-02-01", "2024-03-01") };
    let january =
        Stretch { period: span("2024-01-20T15:30:00Z", "2024-02-01"), reference: span("2024-01-01", "2024-02-01") };
    assert_eq!(priced(SECONDS, 3000, february), (1500, (1_252_800, 2_505_600)));
    assert_eq!(priced(SECONDS, 500_000, january), (183_132, (981_000, 2_678_400)));
}

/// S-01 and §3.4-4: 10 billed on April 1st, 20 from the 11th without prorations, 10 from the 21st invoiced at once.
#[test]
fn a_price_that_was_never_billed_is_credited_in_classic_mode_only() {
    let anchor = Anchor::utc(on("2024-04-01"));
    let [ten, twenty] = [1000, 2000].map(|full| monthly("plan", full));
    let lines = [billed("plan", 1000, from(&anchor, Interval::MONTHLY, "2024-04-01"))];
    let cases: [(CreditBasis, &[i64], i64); 2] =
        [(CreditBasis::Price, &[-667, 333], -334), (CreditBasis::Billed, &[-333, 333], 0)];
    for (basis, expected, total) in cases {
        let (ten, twenty) = (std::slice::from_ref(&ten), std::slice::from_ref(&twenty));
        let none = Rules { basis, behavior: ProrationBehavior::None, ..rules(SECONDS) };
        assert_eq!(amounts(&changed(&none, &anchor, "2024-04-11", ten, twenty, &lines)), [0_i64; 0], "{basis:?}");
        let now = Rules { behavior: ProrationBehavior::AlwaysInvoice, ..none };
        let found = changed(&now, &anchor, "2024-04-21", twenty, ten, &lines);
        assert_eq!((amounts(&found).as_slice(), found.total_minor()), (expected, total), "{basis:?}");
        assert_eq!((found.settlement, found.to_balance_minor()), (Settlement::InvoiceNow, -total), "{basis:?}");
    }
}

/// §3.4-5: 100 to 200 without prorations: 100 billed on May 1st, even by a change on that day, and 200 on June 1st.
#[test]
fn without_prorations_the_new_price_begins_with_the_next_period() {
    let anchor = Anchor::utc(on("2024-05-01"));
    let none = Rules { behavior: ProrationBehavior::None, ..rules(SECONDS) };
    let lines = [billed("plan", 10_000, from(&anchor, Interval::MONTHLY, "2024-05-01"))];
    for at in ["2024-05-01", "2024-05-15"] {
        let found = changed(&none, &anchor, at, &[monthly("plan", 10_000)], &[monthly("plan", 20_000)], &lines);
        assert_eq!(found, Proration { lines: vec![], settlement: Settlement::NextInvoice }, "{at}");
    }
    let june = from(&anchor, Interval::MONTHLY, "2024-06-01");
    assert_eq!(priced(SECONDS, 20_000, june).0, 20_000);
}

/// S-05: seven days of trial, monthly on the 1st.
#[test]
fn a_trial_ends_within_or_after_the_first_period() {
    let cases = [
        ("subscribed on the 15th", "2024-03-22", ["2024-04-01", "2024-05-01"], (10, 31)),
        ("subscribed on the 28th", "2024-04-04", ["2024-05-01", "2024-06-01"], (27, 30)),
        ("ends on the 1st", "2024-04-01", ["2024-05-01", "2024-06-01"], (30, 30)),
    ];
    for (what, trial_end, [first, second], expected) in cases {
        let anchor = Anchor::utc(on("2024-04-01"));
        let stretches: Vec<Stretch> = anchor.stretches(Interval::MONTHLY, on(trial_end)).take(2).collect();
        assert_eq!(stretches[0].period, span(trial_end, first), "{what}");
        assert_eq!(stretches[1], Stretch::whole(span(first, second)), "{what}");
        assert_eq!(priced(ProrationMode::DayHalfOpen, 3100, stretches[0]).1, expected, "{what}");
    }
}

/// S-06: billed on the 23rd, a trial from July 15th to August 1st moves the anchor: nothing on July 23rd.
#[test]
fn a_trial_added_later_moves_the_anchor() {
    let anchor = Anchor::utc(on("2024-08-01"));
    let stretches: Vec<Stretch> = anchor.stretches(Interval::MONTHLY, anchor.instant).take(2).collect();
    let expected = [span("2024-08-01", "2024-09-01"), span("2024-09-01", "2024-10-01")].map(Stretch::whole);
    assert_eq!(stretches, expected);
    assert_eq!(priced(SECONDS, 3000, stretches[0]).0, 3000);
}

/// §3.3: two months on day 31, from February: prorated to its end, then full, with an anchor in August.
#[test]
fn the_first_full_period_starts_within_a_month() {
    let two_months = Interval { unit: IntervalUnit::Month, count: 2 };
    let zone = jiff::tz::TimeZone::UTC;
    let cases = [
        ("2024-02-10", ["2024-02-29", "2024-04-30", "2024-06-30", "2024-08-31"]),
        ("2023-02-10", ["2023-02-28", "2023-04-30", "2023-06-30", "2023-08-31"]),
    ];
    for (start, expected) in cases {
        let anchor = Anchor::on_cycle_day(31, on(start), two_months, FirstBoundary::NextDay, zone.clone()).unwrap();
        assert_eq!(anchor.instant, on(expected[3]), "{start}");
        let ends = anchor.stretches(two_months, on(start)).map(|stretch| stretch.period.end);
        assert_eq!(ends.take(4).collect::<Vec<_>>(), expected.map(on), "{start}");
    }
}

/// §1: 5,000.00 from January 15th with seven days of trial, anchored on February 1st, 20 % off once.
#[test]
fn the_worked_seed_case() {
    let created = on("2024-01-15T10:30:00Z");
    let trial_end = "2024-01-22T10:30:00Z";
    assert_eq!(Anchor::utc(created).boundary(Interval { unit: IntervalUnit::Day, count: 7 }, 1), Some(on(trial_end)));
    let first = from(&Anchor::utc(on("2024-02-01")), Interval::MONTHLY, trial_end);
    assert_eq!(priced(SECONDS, 500_000, first), (154_234, (826_200, 2_678_400)));
    let once = Discount {
        coupon: "LAUNCH20".to_owned(),
        off: Off::Percent(Decimal::from(20)),
        duration: Duration::Once,
        start: created,
        end: None,
    };
    assert_eq!(154_234 - discount_minor(154_234, Currency::USD, std::iter::once(&once)), 123_387);
    let second = from(&Anchor::utc(on("2024-02-01")), Interval::MONTHLY, "2024-02-01");
    assert_eq!(priced(SECONDS, 500_000, second).0, 500_000);
}
