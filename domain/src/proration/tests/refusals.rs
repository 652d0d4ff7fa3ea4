//! Is what cannot be prorated refused, with the field named?

use super::*;
use crate::money::{Currency, MAX_MINOR};
use crate::price::{Item, Price};
use crate::refusal::Refusal;
use crate::samples::plan_id;

fn field(refusal: Refusal) -> String {
    let Refusal::Invalid { field, .. } = refusal else { panic!("{refusal:?}") };
    field
}

#[test]
fn the_date_must_lie_in_the_period() {
    let january = span("2024-01-01", "2024-02-01");
    let now = on("2024-01-10");
    let cases = [
        (None, now, Ok(now)),
        (Some("2024-01-01"), now, Ok(january.start)),
        (Some("2024-01-31T23:59:59Z"), now, Ok(on("2024-01-31T23:59:59Z"))),
        (Some("2024-02-01"), now, Err("proration_date")),
        (Some("2023-12-31T23:59:59Z"), now, Err("proration_date")),
        (None, on("2024-02-01"), Err("period")),
        (Some("2024-01-20"), on("2024-03-01"), Ok(on("2024-01-20"))),
    ];
    for (asked, now, expected) in cases {
        let found = proration_instant(asked.map(on), now, january).map_err(field);
        assert_eq!(found, expected.map_err(str::to_owned), "{asked:?} at {now}");
    }
    let refused = proration_instant(Some(january.end), now, january).unwrap_err().to_string();
    let expected =
        "proration_date: 2024-02-01T00:00:00Z is not in the period from 2024-01-01T00:00:00Z to 2024-02-01T00:00:00Z";
    assert_eq!(refused, expected);
}

#[test]
fn changes_and_terminations_outside_the_period_are_refused() {
    let anchor = Anchor::utc(on("2024-01-01"));
    let arrangement = Arrangement { anchor: &anchor, period: span("2024-01-01", "2024-02-01"), charges: &[] };
    for at in ["2023-12-31", "2024-02-01"] {
        let change = Change { at: on(at), before: arrangement, after: arrangement, billed: &[] };
        let refusal = rules(ProrationMode::Second).lines(&change).unwrap_err();
        assert_eq!(field(refusal), "proration_date", "{at}");
        for policy in [TerminationPolicy::Credit, TerminationPolicy::Refund, TerminationPolicy::Skip] {
            let (counting, standing) = (Counting::utc(ProrationMode::Second), InvoiceStanding::default());
            let refusal = terminate(&counting, policy, on(at), arrangement.period, &[], standing).unwrap_err();
            assert_eq!(field(refusal), "proration_date", "{policy:?} {at}");
        }
    }
}

#[test]
fn charges_are_checked() {
    let euros = |quantity, minor| Item {
        id: None,
        plan: plan_id("plan"),
        name: None,
        price: Price::per_unit(minor, Currency::EUR, Some(Interval::MONTHLY)),
        quantity,
        version: None,
        billing: crate::pricing::Billing::InAdvance,
        metric: None,
    };
    let cases = [
        (euros(0, 100), Currency::EUR, Err("quantity")),
        (euros(1, 100), Currency::USD, Err("currency")),
        (euros(u64::MAX, i64::MAX), Currency::EUR, Err("quantity")),
        (euros(3, 100), Currency::EUR, Ok(Decimal::from(300))),
    ];
    for (item, currency, expected) in cases {
        let found = Charge::of(&item, currency).map(|charge| charge.full_minor).map_err(field);
        assert_eq!(found, expected.map_err(str::to_owned), "{} of {currency}", item.quantity);
    }
}

#[test]
fn what_has_no_length_or_no_size_is_refused() {
    let empty = Stretch::whole(span("2024-01-01", "2024-01-01"));
    for mode in [ProrationMode::Second, ProrationMode::DayHalfOpen, ProrationMode::DayInclusive, fixed(30)] {
        assert_eq!(field(Counting::utc(mode).fraction(empty).unwrap_err()), "period", "{mode}");
    }
    let huge = [Decimal::MAX, Decimal::MIN, Decimal::from(MAX_MINOR) + Decimal::ONE];
    for full in huge {
        assert_eq!(field(prorate(full, Fraction::WHOLE).unwrap_err()), "amount", "{full}");
    }
    assert_eq!(prorate(MAX_MINOR.into(), Fraction::of(2_678_399, 2_678_400).unwrap()), Ok(999_999_626_642_772));
    let parts = [(0, 1, true), (1, 1, true), (2, 1, false), (-1, 1, false), (0, 0, false), (1, -1, false)];
    for (numerator, denominator, expected) in parts {
        assert_eq!(Fraction::of(numerator, denominator).is_some(), expected, "{numerator}/{denominator}");
    }
}
