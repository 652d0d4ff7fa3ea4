//! Which lines do changes of quantity and interval make, under each behavior, and what do the lines say?

use super::*;
use crate::money::Currency;
use crate::price::{Item, Price};
use crate::samples::plan_id;

const DAYS: ProrationMode = ProrationMode::DayHalfOpen;

fn seats(quantity: u64) -> Charge {
    let price = Price::per_unit(2995, Currency::USD, Some(Interval::MONTHLY));
    let item = Item {
        id: None,
        plan: plan_id("seats"),
        name: None,
        price,
        quantity,
        version: None,
        billing: crate::pricing::Billing::InAdvance,
        metric: None,
    };
    Charge::of(&item, Currency::USD).unwrap()
}

/// K-30: seven seats become ten, with and without prorations.
#[test]
fn quantities_are_prorated_as_prices_are() {
    let anchor = Anchor::utc(on("2022-11-27"));
    let period = from(&anchor, Interval::MONTHLY, "2022-11-27");
    assert_eq!([7, 10].map(|quantity| priced(DAYS, full(&seats(quantity)), period).0), [20_965, 29_950], "K-30");
    let cases: [(&str, ProrationBehavior, u64, &[i64]); 5] = [
        ("K-30: from the next period on", ProrationBehavior::None, 10, &[]),
        ("ten", ProrationBehavior::CreateProrations, 10, &[-10_483, 14_975]),
        ("ten, now", ProrationBehavior::AlwaysInvoice, 10, &[-10_483, 14_975]),
        ("two", ProrationBehavior::CreateProrations, 2, &[-10_483, 2995]),
        ("the same", ProrationBehavior::CreateProrations, 7, &[]),
    ];
    for (what, behavior, quantity, expected) in cases {
        let rules = Rules { behavior, ..rules(DAYS) };
        let lines = [billed("seats", 20_965, period)];
        let found = changed(&rules, &anchor, "2022-12-12", &[seats(7)], &[seats(quantity)], &lines);
        assert_eq!(amounts(&found), expected, "{what}");
        let now = behavior == ProrationBehavior::AlwaysInvoice;
        assert_eq!(found.settlement == Settlement::InvoiceNow, now, "{what}");
    }
}

fn full(charge: &Charge) -> i64 {
    i64::try_from(charge.full_minor).unwrap()
}

#[test]
fn lines_say_what_they_are_for() {
    let anchor = Anchor::utc(on("2024-01-01"));
    let line = Billed { quantity: 7, ..billed("seats", 20_965, from(&anchor, Interval::MONTHLY, "2024-01-01")) };
    let found = changed(&rules(DAYS), &anchor, "2024-01-16", &[seats(7)], &[seats(10)], &[line]);
    let (period, part) = (span("2024-01-16", "2024-02-01"), Fraction::of(16, 31).unwrap());
    let credit = ProrationLine {
        item: "seats".to_owned(),
        kind: LineKind::Credit,
        amount_minor: -10_821,
        quantity: 7,
        period,
        part,
        credits: Some("il_seats".to_owned()),
    };
    let debit =
        ProrationLine { kind: LineKind::Debit, amount_minor: 15_458, quantity: 10, credits: None, ..credit.clone() };
    assert_eq!(found, Proration { lines: vec![credit, debit], settlement: Settlement::NextInvoice });
}

/// The anchor moves to the change: the new period is billed whole under every behavior, what was billed is credited
/// unless there are to be no prorations.
#[test]
fn an_interval_change_can_reset_the_anchor() {
    let (old, new) = (Anchor::utc(on("2024-01-01")), Anchor::utc(on("2024-01-16")));
    let before = Arrangement {
        anchor: &old,
        period: span("2024-01-01", "2024-02-01"),
        charges: &[monthly("plan", 3100), Charge { interval: None, ..monthly("setup", 500) }],
    };
    let after = Arrangement {
        anchor: &new,
        period: span("2024-01-16", "2025-01-16"),
        charges: &[charge("plan", 31_000, Interval::YEARLY), Charge { interval: None, ..monthly("setup", 500) }],
    };
    let january = from(&old, Interval::MONTHLY, "2024-01-01");
    let change = Change {
        at: on("2024-01-16"),
        before,
        after,
        billed: &[billed("plan", 3100, january), billed("setup", 500, january)],
    };
    let cases: [(ProrationBehavior, &[i64]); 3] = [
        (ProrationBehavior::CreateProrations, &[-1600, 31_000]),
        (ProrationBehavior::AlwaysInvoice, &[-1600, 31_000]),
        (ProrationBehavior::None, &[31_000]),
    ];
    for (behavior, expected) in cases {
        let rules = Rules { behavior, ..rules(DAYS) };
        assert_eq!(amounts(&rules.lines(&change).unwrap()), expected, "{behavior:?}");
    }
}

/// What was discounted is credited as it was billed, and a new charge is prorated from what it is after the discount.
#[test]
fn discounts_are_in_the_amounts() {
    let anchor = Anchor::utc(on("2024-01-01"));
    let lines = [billed("plan", 2480, from(&anchor, Interval::MONTHLY, "2024-01-01"))];
    let after = monthly("plan", 6200).less(Decimal::from(1240));
    let found = changed(&rules(DAYS), &anchor, "2024-01-16", &[monthly("plan", 3100)], &[after], &lines);
    assert_eq!(amounts(&found), [-1280, 2560]);
    assert_eq!(monthly("plan", 100).less(Decimal::from(300)).full_minor, Decimal::ZERO);
}

/// Two changes and a termination of one month give back no more than was billed for it.
#[test]
fn nothing_is_credited_twice() {
    let anchor = Anchor::utc(on("2024-01-01"));
    let mut line = billed("plan", 3100, from(&anchor, Interval::MONTHLY, "2024-01-01"));
    let cases: [(&str, &[i64]); 3] = [("2024-01-11", &[-2100]), ("2024-01-21", &[]), ("2024-01-06", &[-500])];
    for (at, expected) in cases {
        let found = changed(&rules(DAYS), &anchor, at, &[monthly("plan", 3100)], &[], std::slice::from_ref(&line));
        assert_eq!(amounts(&found), expected, "{at}");
        line.adjusted.extend(found.lines.iter().map(|credit| Adjusted {
            amount_minor: -credit.amount_minor,
            tax_minor: 0,
            period: Some(credit.period),
        }));
    }
}

/// Days begin where the customer lives: one instant, two dates.
#[test]
fn days_are_local() {
    let instant = "2024-01-16T03:00:00Z";
    let cases = [("UTC", "2024-01-01T00:00:00Z", 16), ("America/Los_Angeles", "2024-01-01T08:00:00Z", 17)];
    for (name, start, expected) in cases {
        let zone = jiff::tz::TimeZone::get(name).unwrap();
        let anchor = Anchor { zone: zone.clone(), ..Anchor::utc(on(start)) };
        let counting = Counting { mode: DAYS, zone };
        let part = counting.fraction(from(&anchor, Interval::MONTHLY, instant)).unwrap();
        assert_eq!((part.numerator(), part.denominator()), (expected, 31), "{name}");
    }
}
