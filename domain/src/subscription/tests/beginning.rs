//! How does a subscription begin, and where do its trial and its first period end?

use crate::subscription::AsBilled;
use rust_decimal::Decimal;

use super::super::*;
use super::decide;
use crate::money::Currency;
use crate::price::{Interval, IntervalUnit, Item, Price, Scheme};
use crate::refusal::Refusal;
use crate::samples::subscription::{
    CREATED, NOW, PERIOD_END, created, discount, event, item, new_subscription, snapshot, terms,
};
use crate::samples::{at, method_id, period, sealed};
use crate::time::Period;

fn create(new: NewSubscription) -> Result<Vec<SubscriptionEvent>, Refusal> {
    decide(Vec::new(), CREATED, SubscriptionCommand::Create(Box::new(new)))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with a decision")]
fn begins(standing: Standing, terms: Terms) -> Result<Vec<SubscriptionEvent>, Refusal> {
    Ok(created(standing, terms))
}

#[test]
fn a_subscription_begins_as_it_was_asked_for() {
    let new = new_subscription;
    assert_eq!(create(new()), begins(Standing::Active {}, terms()), "active at once");
    let awaiting = NewSubscription { awaits_first_payment: true, ..new() };
    assert_eq!(create(awaiting), begins(Standing::Incomplete {}, terms()), "first payment awaited");
    let no_trial = NewSubscription { trial_days: Some(0), ..new() };
    assert_eq!(create(no_trial), begins(Standing::Active {}, terms()), "a trial of no days");
    let full = NewSubscription {
        discounts: vec![discount("NEWCLIENT20")],
        collection: Collection::SendInvoice,
        payment_method: Some(method_id("pm_1")),
        metadata: Some(sealed("{}")),
        ..new()
    };
    let expected = Terms {
        discounts: vec![discount("NEWCLIENT20")],
        collection: Collection::SendInvoice,
        payment_method: Some(method_id("pm_1")),
        metadata: Some(sealed("{}")),
        ..terms()
    };
    assert_eq!(create(full), begins(Standing::Active {}, expected), "with all it can have");
}

/// What, now, interval, days of trial, anchor asked for; end of the trial, anchor, end of the first period.
type FirstPeriod = (
    &'static str,
    &'static str,
    Interval,
    Option<u16>,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
fn first_periods() -> [FirstPeriod; 9] {
    let month = Interval::MONTHLY;
    let two_months = Interval { unit: IntervalUnit::Month, count: 2 };
    let (trial_end, february) = ("2024-01-22T10:30:00Z", "2024-02-01T00:00:00Z");
    let (leap_day, march, august) = ("2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z", "2024-08-31T00:00:00Z");
    let (january_31, may, may_31) = ("2024-01-31T00:00:00Z", "2012-05-01T00:00:00Z", "2012-05-31T00:00:00Z");
    let (january_28, february_4) = ("2024-01-28T00:00:00Z", "2024-02-04T00:00:00Z");
    let next_year = "2025-01-15T10:30:00Z";
    [
        ("plain", CREATED, month, None, None, None, CREATED, PERIOD_END),
        ("month's end", january_31, month, None, None, None, january_31, leap_day),
        ("the seed's case", CREATED, month, Some(7), Some(february), Some(trial_end), february, february),
        ("S-05, over the 1st", january_28, month, Some(7), Some(february), Some(february_4), february, february),
        ("K-17: full periods follow a trial", may, month, Some(30), None, Some(may_31), may_31, may_31),
        ("anchored at once", CREATED, month, None, Some(CREATED), None, CREATED, PERIOD_END),
        ("anchored later", CREATED, month, None, Some(march), None, march, february),
        ("two months on the 31st", "2024-02-10T00:00:00Z", two_months, None, Some(august), None, august, leap_day),
        ("a year", CREATED, Interval::YEARLY, None, None, None, CREATED, next_year),
    ]
}

#[test]
fn trials_and_anchors_decide_the_first_period() {
    for (what, now, interval, trial_days, anchor, trial_end, expected_anchor, end) in first_periods() {
        let price = Price { interval: Some(interval), ..item("elite", 500_000).price };
        let items = vec![Item { price, ..item("elite", 500_000) }];
        let new = NewSubscription { items: items.clone(), trial_days, anchor: anchor.map(at), ..new_subscription() };
        let trial = trial_end.map(|end| period(now, end));
        let terms = Terms {
            items,
            created_at: at(now),
            started_at: at(now),
            anchor: at(expected_anchor),
            period: Some(period(now, end)),
            trial,
            ..terms()
        };
        let standing = trial.map_or(Standing::Active {}, |trial| Standing::Trialing { trial });
        let after = SubscriptionSnapshot { terms, ..snapshot(standing) };
        let expected = event(now, SubscriptionChange::SubscriptionCreated {}, Some(after));
        let decided = decide(Vec::new(), now, SubscriptionCommand::Create(Box::new(new)));
        assert_eq!(decided, Ok(vec![expected]), "{what}");
    }
}

#[test]
fn what_cannot_be_billed_is_refused() {
    let base = || item("elite", 500_000);
    let priced = |price: Price| Item { price, ..base() };
    let with = |items: Vec<Item>| NewSubscription { items, ..new_subscription() };
    let huge = Scheme::PerUnit(Decimal::MAX);
    let cases = [
        ("no items", with(vec![]), "items", "must be 1 to 20"),
        ("too many items", with(vec![base(); 21]), "items", "must be 1 to 20"),
        ("no quantity", with(vec![Item { quantity: 0, ..base() }]), "quantity", "must be 1 to 1000000"),
        (
            "too large a quantity",
            with(vec![Item { quantity: 1_000_001, ..base() }]),
            "quantity",
            "must be 1 to 1000000",
        ),
        (
            "too large an amount",
            with(vec![Item { quantity: 1_000_000, ..item("elite", 1_000_000_001) }]),
            "quantity",
            "the amount is too large",
        ),
        (
            "an amount that overflows",
            with(vec![Item { quantity: 2, ..priced(Price { scheme: huge, ..base().price }) }]),
            "quantity",
            "the amount is too large",
        ),
        (
            "a one-time price",
            with(vec![priced(Price { interval: None, ..base().price })]),
            "plan_id",
            "names a one-time price, which cannot be subscribed to",
        ),
        (
            "two intervals",
            with(vec![base(), priced(Price { interval: Some(Interval::YEARLY), ..base().price })]),
            "items",
            "must all be charged at the same interval",
        ),
        (
            "two currencies",
            with(vec![base(), priced(Price { currency: Currency::EUR, ..base().price })]),
            "currency",
            "differs between the items",
        ),
        (
            "too long a trial",
            NewSubscription { trial_days: Some(731), ..new_subscription() },
            "trial_period_days",
            "must be at most 730",
        ),
        (
            "an anchor in the past",
            NewSubscription { anchor: Some(at("2024-01-15T10:29:59Z")), ..new_subscription() },
            "billing_cycle_anchor",
            "lies in the past",
        ),
    ];
    for (what, new, field, reason) in cases {
        assert_eq!(create(new), Err(Refusal::invalid(field, reason)), "{what}");
    }
}

/// A trialing subscription whose trial and periods are these.
fn trialing(trial: Period, anchor: &str, period: Period) -> (Standing, Terms) {
    let terms = Terms { trial: Some(trial), anchor: at(anchor), period: Some(period), ..terms() };
    (Standing::Trialing { trial }, terms)
}

#[test]
fn a_trial_is_extended_and_the_anchor_follows() {
    let day = |day: u8| format!("2024-01-{day:02}T10:30:00Z");
    let trial_to = |end: &str| period(CREATED, end);
    let follows = |end: &str| trialing(trial_to(end), end, trial_to(end));
    let fixed = |end: &str| trialing(trial_to(end), "2024-02-01T00:00:00Z", period(CREATED, "2024-02-01T00:00:00Z"));
    let given_now = trialing(period(NOW, &day(29)), &day(29), period(NOW, &day(29)));
    let active = || (Standing::Active {}, terms());
    let invalid = || Err(Refusal::invalid("trial_end", "must lie within 730 days from now"));
    let to = |(standing, terms): (Standing, Terms)| {
        let after = SubscriptionSnapshot { terms, ..snapshot(standing) };
        Ok(vec![event(NOW, SubscriptionChange::SubscriptionTrialExtended {}, Some(after))])
    };
    let cases = [
        ("periods count from its end", follows(&day(22)), day(29), to(follows(&day(29)))),
        ("shortened", follows(&day(22)), day(21), to(follows(&day(21)))),
        ("periods have an anchor", fixed(&day(22)), day(29), to(fixed(&day(29)))),
        ("the same end", follows(&day(22)), day(22), Ok(vec![])),
        ("S-06: an active subscription", active(), day(29), to(given_now)),
        ("into the past", follows(&day(22)), NOW.to_owned(), invalid()),
        ("for too long", active(), "2026-01-20T00:00:01Z".to_owned(), invalid()),
    ];
    for (what, (standing, terms), until, expected) in cases {
        let command = SubscriptionCommand::ExtendTrial { until: at(&until) };
        assert_eq!(decide(created(standing, terms), NOW, command), expected, "{what}");
    }
}

#[test]
fn a_trial_ends_on_time_or_early() {
    let end = "2024-01-22T10:30:00Z";
    let (whole, short) = (period(CREATED, end), period(CREATED, NOW));
    let month = period(CREATED, "2024-02-01T00:00:00Z");
    let anchor = "2024-02-01T00:00:00Z";
    let cases = [
        ("on time", trialing(whole, end, whole), end, trialing(whole, end, whole).1),
        ("late", trialing(whole, end, whole), "2024-01-23T00:00:00Z", trialing(whole, end, whole).1),
        ("early", trialing(whole, end, whole), NOW, trialing(short, NOW, short).1),
        ("early, with an anchor", trialing(whole, anchor, month), NOW, trialing(short, anchor, month).1),
    ];
    for (what, (standing, given), now, terms) in cases {
        let change = SubscriptionChange::SubscriptionActivated { cause: ActivationCause::TrialEnded };
        let after = SubscriptionSnapshot { terms, ..snapshot(Standing::Active {}) };
        let expected = Ok(vec![event(now, change, Some(after))]);
        assert_eq!(
            decide(created(standing, given), now, SubscriptionCommand::EndTrial { as_billed: AsBilled::default() }),
            expected,
            "{what}"
        );
    }
}
