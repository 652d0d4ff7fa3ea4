//! The movement examples of revenue.md §2.2 and the classifier's order, row by row.

use crate::id::SubscriptionId;
use crate::money::Currency;
use crate::mrr::testing::{
    History, active, at, canceled, canceled_by, discounted, every, item, item_in, monthly, paused, percent_off,
    snapshot, trialing, yearly,
};
use crate::mrr::{ActivationPolicy, MrrPolicy, Payment, Reason};
use crate::price::{Duration, Interval, IntervalUnit};
use crate::subscription::{CancelReason, Standing};

use super::*;

fn check(name: &str, history: &History, expected: &[&str]) {
    assert_eq!(history.story(), expected, "{name}");
}

#[test]
fn example_e12_gold_and_silver() {
    let gold = || item("gold", 200_000, Interval::YEARLY, 1);
    let silver = || item("silver", 3_000, Interval::MONTHLY, 2);
    let history = History::default()
        .told("sub_1", "2023-01-01", active(vec![gold()]))
        .told("sub_1", "2023-03-01", active(vec![gold(), silver()]))
        .told("sub_1", "2023-06-15", active(vec![gold()]))
        .told("sub_1", "2024-01-01", canceled("2024-01-01", vec![gold()]))
        .told("sub_2", "2024-05-01", active(vec![item("gold", 5_000, Interval::MONTHLY, 3)]));
    check(
        "E12",
        &history,
        &[
            "2023-01-01 new 166.67 USD new",
            "2023-03-01 expansion 60.00 USD",
            "2023-06-15 contraction 60.00 USD",
            "2024-01-01 churn 166.67 USD voluntary churned",
            "2024-05-01 reactivation 150.00 USD reactivated",
        ],
    );
}

#[test]
fn example_e14_two_customers_lose_revenue() {
    let one = History::default().told("sub_1", "2024-01-01", active(yearly(12_000))).told(
        "sub_1",
        "2024-02-01",
        canceled("2024-02-01", yearly(12_000)),
    );
    let other = History::default().told("sub_1", "2024-01-01", active(monthly(5_000))).told(
        "sub_1",
        "2024-02-01",
        active(monthly(2_500)),
    );
    let lost: i64 = [one, other]
        .iter()
        .filter_map(|history| history.movements().last().map(|movement| movement.amount_minor))
        .sum();
    assert_eq!(lost, 3_500);
}

/// A customer whose one subscription is worth so many whole units from each month on; 0 cancels it.
fn monthly_values(values: &[(&str, i64)]) -> History {
    let mut history = History::default();
    let mut subscription = 1;
    for (month, units) in values {
        let on = format!("{month}-01");
        let id = format!("sub_{subscription}");
        if *units == 0 {
            history = history.told(&id, &on, canceled(&on, monthly(0)));
            subscription += 1;
        } else {
            history = history.told(&id, &on, active(monthly(units * 100)));
        }
    }
    history
}

#[test]
fn examples_e16_and_e17_of_a_customer_month_by_month() {
    check(
        "E16",
        &monthly_values(&[("2018-11", 50), ("2019-02", 0), ("2019-04", 50), ("2019-06", 75), ("2019-08", 0)]),
        &[
            "2018-11-01 new 50.00 USD new",
            "2019-02-01 churn 50.00 USD voluntary churned",
            "2019-04-01 reactivation 50.00 USD reactivated",
            "2019-06-01 expansion 25.00 USD",
            "2019-08-01 churn 75.00 USD voluntary churned",
        ],
    );
    check(
        "E17",
        &monthly_values(&[
            ("2018-11", 50),
            ("2018-12", 25),
            ("2019-03", 0),
            ("2019-07", 50),
            ("2019-08", 25),
            ("2019-09", 50),
            ("2019-10", 25),
            ("2019-12", 40),
            ("2020-01", 0),
        ]),
        &[
            "2018-11-01 new 50.00 USD new",
            "2018-12-01 contraction 25.00 USD",
            "2019-03-01 churn 25.00 USD voluntary churned",
            "2019-07-01 reactivation 50.00 USD reactivated",
            "2019-08-01 contraction 25.00 USD",
            "2019-09-01 expansion 25.00 USD",
            "2019-10-01 contraction 25.00 USD",
            "2019-12-01 expansion 15.00 USD",
            "2020-01-01 churn 40.00 USD voluntary churned",
        ],
    );
}

#[test]
fn examples_e18_to_e21_over_months() {
    let e18 = History::default()
        .told("sub_1", "2024-01-01", active(monthly(10_000)))
        .told("sub_2", "2024-02-01", active(monthly(10_000)))
        .told("sub_2", "2024-03-01", canceled("2024-03-01", monthly(10_000)));
    assert_eq!(["2024-01-31", "2024-02-29", "2024-03-31"].map(|day| e18.mrr_on(day)), [10_000, 20_000, 10_000]);

    let e19 = History::default()
        .told("sub_1", "2024-01-01", active(monthly(10_000)))
        .told("sub_2", "2024-01-01", trialing(monthly(10_000)))
        .told("sub_3", "2024-01-01", trialing(monthly(10_000)))
        .told("sub_3", "2024-02-20", canceled("2024-02-20", monthly(10_000)))
        .told("sub_2", "2024-03-01", active(monthly(10_000)));
    assert_eq!(["2024-01-31", "2024-02-29", "2024-03-31"].map(|day| e19.mrr_on(day)), [10_000, 10_000, 20_000]);
    assert_eq!(["2024-01-31", "2024-02-29", "2024-03-31"].map(|day| e19.trial_on(day)), [20_000, 10_000, 0]);

    let e20 = [
        History::default().told("sub_1", "2024-01-01", active(monthly(1_000))),
        History::default().told("sub_2", "2024-01-01", active(monthly(1_000))).told(
            "sub_2",
            "2024-03-01",
            paused(monthly(1_000)),
        ),
        History::default().told("sub_3", "2024-01-01", active(monthly(1_000))).told(
            "sub_3",
            "2024-04-15",
            canceled("2024-04-15", monthly(1_000)),
        ),
    ];
    assert_eq!(e20.each_ref().map(|history| history.mrr_on("2024-04-30")), [1_000, 0, 0]);
    let logos = e20.each_ref().map(|history| history.movements().last().and_then(|movement| movement.logo));
    assert_eq!(logos, [Some(LogoChange::New), Some(LogoChange::Paused), Some(LogoChange::Churned)]);

    let e21 = History::default().told("sub_1", "2024-01-01", active(monthly(10_000))).told(
        "sub_1",
        "2024-02-01",
        active(yearly(120_000)),
    );
    check("E21", &e21, &["2024-01-01 new 100.00 USD new"]);
}

#[test]
fn the_first_row_of_the_classifier_that_fits_wins() {
    let start = || History::default().told("sub_1", "2024-01-01", active(monthly(10_000)));
    let since = at("2024-02-01");
    check(
        "pause, then resume for more, is no reactivation",
        &start().told("sub_1", "2024-02-01", paused(monthly(10_000))).told(
            "sub_1",
            "2024-03-01",
            active(monthly(15_000)),
        ),
        &[
            "2024-01-01 new 100.00 USD new",
            "2024-02-01 contraction 100.00 USD pause paused",
            "2024-03-01 expansion 150.00 USD resume resumed",
        ],
    );
    check(
        "a trial paused and resumed is new",
        &History::default()
            .told("sub_1", "2024-01-01", trialing(monthly(10_000)))
            .told("sub_1", "2024-01-10", paused(monthly(10_000)))
            .told("sub_1", "2024-02-01", active(monthly(10_000))),
        &["2024-02-01 new 100.00 USD new"],
    );
    check(
        "paused, then canceled",
        &start().told("sub_1", "2024-02-01", paused(monthly(10_000))).told(
            "sub_1",
            "2024-03-01",
            canceled("2024-03-01", monthly(10_000)),
        ),
        &[
            "2024-01-01 new 100.00 USD new",
            "2024-02-01 contraction 100.00 USD pause paused",
            "2024-03-01 churn 0.00 USD voluntary churned_while_paused",
        ],
    );
    check(
        "back for more than before is one reactivation",
        &start().told("sub_1", "2024-02-01", canceled("2024-02-01", monthly(10_000))).told(
            "sub_2",
            "2024-03-01",
            active(monthly(90_000)),
        ),
        &[
            "2024-01-01 new 100.00 USD new",
            "2024-02-01 churn 100.00 USD voluntary churned",
            "2024-03-01 reactivation 900.00 USD reactivated",
        ],
    );
    check(
        "unpaid is involuntary churn, and a payment brings it back",
        &start().told("sub_1", "2024-02-01", snapshot(Standing::Unpaid { since }, monthly(10_000))).told(
            "sub_1",
            "2024-02-05",
            active(monthly(10_000)),
        ),
        &[
            "2024-01-01 new 100.00 USD new",
            "2024-02-01 churn 100.00 USD involuntary churned",
            "2024-02-05 reactivation 100.00 USD reactivated",
        ],
    );
    check(
        "canceled by failed payments",
        &start().told("sub_1", "2024-02-01", snapshot(Standing::PastDue { since }, monthly(10_000))).told(
            "sub_1",
            "2024-02-15",
            canceled_by(CancelReason::PaymentFailed, "2024-02-15", monthly(10_000)),
        ),
        &["2024-01-01 new 100.00 USD new", "2024-02-15 churn 100.00 USD involuntary churned"],
    );
    check(
        "a discount of everything is churn, free",
        &start().told(
            "sub_1",
            "2024-02-01",
            discounted(monthly(10_000), vec![percent_off(100, Duration::Forever, "2024-02-01", None)]),
        ),
        &["2024-01-01 new 100.00 USD new", "2024-02-01 churn 100.00 USD free churned"],
    );
    check(
        "a second subscription expands, losing one contracts, losing the last churns",
        &start()
            .told("sub_2", "2024-02-01", active(monthly(5_000)))
            .told("sub_1", "2024-03-01", canceled("2024-03-01", monthly(10_000)))
            .told("sub_2", "2024-04-01", canceled("2024-04-01", monthly(5_000))),
        &[
            "2024-01-01 new 100.00 USD new",
            "2024-02-01 expansion 50.00 USD",
            "2024-03-01 contraction 100.00 USD voluntary",
            "2024-04-01 churn 50.00 USD voluntary churned",
        ],
    );
    check(
        "one of two pauses and comes back, the other cancels meanwhile",
        &start()
            .told("sub_2", "2024-01-01", active(monthly(5_000)))
            .told("sub_2", "2024-02-01", paused(monthly(5_000)))
            .told("sub_1", "2024-03-01", canceled("2024-03-01", monthly(10_000)))
            .told("sub_2", "2024-04-01", active(monthly(5_000))),
        &[
            "2024-01-01 new 150.00 USD new",
            "2024-02-01 contraction 50.00 USD pause",
            "2024-03-01 churn 100.00 USD voluntary churned",
            "2024-04-01 reactivation 50.00 USD reactivated",
        ],
    );
}

#[test]
fn one_instant_or_one_act_is_one_step() {
    let swap = |history: History, ended: &str, began: &str, key: Option<&str>| {
        let old = canceled(ended, monthly(10_000));
        let new = active(vec![item("big", 15_000, every(1, IntervalUnit::Month), 1)]);
        match key {
            Some(key) => history.in_step(key, "sub_1", ended, old).in_step(key, "sub_2", began, new),
            None => history.told("sub_1", ended, old).told("sub_2", began, new),
        }
    };
    let start = || History::default().told("sub_1", "2024-01-01", active(monthly(10_000)));
    let (ended, seconds_later, next_day) = ("2024-02-01T00:00:00Z", "2024-02-01T00:00:05Z", "2024-02-02T00:00:00Z");
    let upgrade = &["2024-01-01 new 100.00 USD new", "2024-02-01 expansion 50.00 USD"];
    check("same instant", &swap(start(), ended, ended, None), upgrade);
    check("same act", &swap(start(), ended, seconds_later, Some("req_1")), upgrade);
    let apart = |back| {
        ["2024-01-01 new 100.00 USD new".to_owned(), "2024-02-01 churn 100.00 USD voluntary churned".to_owned(), back]
    };
    let again = "2024-02-01 reactivation 150.00 USD reactivated".to_owned();
    assert_eq!(swap(start(), ended, seconds_later, None).story(), apart(again), "nothing joins them");
    let later = "2024-02-02 reactivation 150.00 USD reactivated".to_owned();
    assert_eq!(swap(start(), ended, next_day, Some("import")).story(), apart(later), "too far apart");
}

#[test]
fn currencies_are_kept_apart_and_the_customer_counts_once() {
    let euros = |minor| active(vec![item_in(Currency::EUR, "euro", minor, Interval::MONTHLY, 1)]);
    let history = History::default()
        .told("sub_1", "2024-01-01", active(monthly(10_000)))
        .told("sub_2", "2024-02-01", euros(5_000))
        .told("sub_1", "2024-03-01", canceled("2024-03-01", monthly(10_000)))
        .told("sub_1b", "2024-04-01", active(monthly(1_000)))
        .told("sub_1b", "2024-05-01", canceled("2024-05-01", monthly(1_000)))
        .told("sub_2", "2024-05-01", canceled("2024-05-01", euros(5_000).terms.items));
    check(
        "two currencies",
        &history,
        &[
            "2024-01-01 new 100.00 USD new",
            "2024-02-01 expansion 50.00 EUR",
            "2024-03-01 contraction 100.00 USD voluntary",
            "2024-04-01 expansion 10.00 USD",
            "2024-05-01 churn 50.00 EUR voluntary churned",
            "2024-05-01 churn 10.00 USD voluntary",
        ],
    );
}

#[test]
fn from_the_first_payment_on_where_the_policy_says_so() {
    let policy = MrrPolicy { activation: ActivationPolicy::OnFirstPayment, ..MrrPolicy::default() };
    let pay = |mut history: History, on: &str| {
        let payment = Payment { at: at(on), position: 9, event_id: "paid".to_owned() };
        history.timeline.record_payment(&SubscriptionId::parse("sub_1").unwrap(), payment);
        history
    };
    let start = || History::under(policy).told("sub_1", "2024-01-01", active(monthly(10_000)));
    check("never paid", &start(), &[]);
    check("paid later", &pay(start(), "2024-01-05"), &["2024-01-05 new 100.00 USD new"]);
    check(
        "the first payment counts",
        &pay(pay(start(), "2024-02-05"), "2024-01-05"),
        &["2024-01-05 new 100.00 USD new"],
    );
    check(
        "changed before it was paid",
        &pay(start().told("sub_1", "2024-01-03", active(monthly(20_000))), "2024-01-05"),
        &["2024-01-05 new 200.00 USD new"],
    );
    let from_trial = History::under(policy).told("sub_1", "2024-01-01", trialing(monthly(10_000)));
    check(
        "out of a trial",
        &from_trial.told("sub_1", "2024-01-08", active(monthly(10_000))),
        &["2024-01-08 new 100.00 USD new"],
    );
}

#[test]
fn a_movement_names_its_events_and_largest_position() {
    let history = History::default()
        .told("sub_1", "2024-01-01", active(monthly(10_000)))
        .because("sub_1", "2024-02-01", active(monthly(12_000)), Reason::ItemsChanged)
        .told("sub_2", "2024-02-01", active(monthly(1_000)));
    let expected = Movement {
        effective_at: at("2024-02-01"),
        kind: MovementType::Expansion,
        reason: Some(Reason::ItemsChanged),
        currency: Currency::USD,
        before_minor: 10_000,
        after_minor: 13_000,
        amount_minor: 3_000,
        logo: None,
        event_ids: vec!["e2".to_owned(), "e3".to_owned()],
        position: 3,
    };
    assert_eq!(history.movements().last(), Some(&expected));
}
