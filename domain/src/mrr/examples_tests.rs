//! The period examples of revenue.md §2.2 and §2.3: roll-forwards, rates, LTV.

use rust_decimal::Decimal;

use super::testing::{History, active, at, canceled, monthly};
use super::{
    Collected, Ltv, MovementType, Opening, PeriodEnds, Ratio, Retention, Undefined, Waterfall, balances, metrics,
    mrr_at, standard_ltv, waterfall,
};
use crate::time::Period;

fn opening(units: i64, customers: i64) -> Opening {
    Opening { mrr_minor: units * 100, customers, paused_customers: 0 }
}

fn hundredths(value: i64) -> Decimal {
    Decimal::new(value, 2)
}

fn ends(opening: i64, closing: i64) -> PeriodEnds {
    PeriodEnds { opening_minor: opening * 100, closing_minor: closing * 100 }
}

#[test]
fn example_e13_rolls_forward_with_exchange_rates() {
    let rolled = Waterfall {
        opening: opening(1_000, 10),
        new_minor: 10_000,
        expansion_minor: 5_000,
        contraction_minor: 4_000,
        churn_minor: 6_000,
        exchange_minor: -500,
        new_customers: 1,
        churned_customers: 1,
        ..Waterfall::default()
    };
    assert_eq!(rolled.closing(), opening(1_045, 10));
    assert_eq!(rolled.check(104_500, 10), Ok(()));
    assert!(rolled.check(104_499, 10).is_err());
}

#[test]
fn example_e15_of_the_coaching_guide() {
    let rolled = Waterfall {
        opening: opening(431_000, 117),
        new_minor: 6_500_000,
        expansion_minor: 1_200_000,
        contraction_minor: 800_000,
        churn_minor: 1_500_000,
        new_customers: 13,
        churned_customers: 3,
        ..Waterfall::default()
    };
    let found = metrics(&rolled);
    assert_eq!(rolled.closing(), opening(485_000, 127));
    assert_eq!((found.net_new_minor, found.arr_minor, found.revenue_churn_minor), (5_400_000, 582_000_000, 2_300_000));
    assert_eq!(
        [found.growth_rate, found.gross_churn_rate, found.net_churn_rate, found.nrr_movement]
            .map(|rate| rate.percent(2)),
        [Some(hundredths(1_253)), Some(hundredths(534)), Some(hundredths(255)), Some(hundredths(9_745))]
    );
    assert_eq!(found.quick_ratio.to_places(2), Some(hundredths(335)));
    assert_eq!((found.arpa_minor, found.average_sale_minor), (Some(381_890), Some(500_000)));
}

#[test]
fn example_e22_of_a_whole_company() {
    let rolled = Waterfall {
        opening: opening(1_135, 22),
        new_minor: 20_500,
        reactivation_minor: 5_000,
        contraction_minor: 4_000,
        new_customers: 3,
        reactivated_customers: 1,
        ..Waterfall::default()
    };
    assert_eq!(rolled.closing(), opening(1_350, 26));
}

#[test]
fn rates_of_examples_e23_e28_and_e37() {
    let e23 = Waterfall {
        opening: opening(100, 10),
        churn_minor: 1_000,
        contraction_minor: 1_000,
        expansion_minor: 1_000,
        ..Waterfall::default()
    };
    let e23 = metrics(&e23);
    assert_eq!(
        [e23.gross_churn_rate, e23.net_churn_rate].map(|rate| rate.percent(1)),
        [Some(Decimal::new(200, 1)), Some(Decimal::new(100, 1))]
    );

    let e28 = metrics(&Waterfall { opening: opening(50_000, 100), ..Waterfall::default() });
    assert_eq!(e28.arpa_minor, Some(50_000));
    assert_eq!((e28.quick_ratio.value(), e28.quick_ratio.reason()), (None, Some(Undefined::NothingLost)));

    let e37 = Waterfall {
        new_minor: 2_000_000,
        expansion_minor: 800_000,
        churn_minor: 500_000,
        contraction_minor: 300_000,
        ..Waterfall::default()
    };
    assert_eq!(metrics(&e37).quick_ratio.to_places(1), Some(Decimal::new(35, 1)));
    assert_eq!(metrics(&e37).growth_rate, Ratio::Unknown(Undefined::NoOpeningMrr));
}

#[test]
fn example_e09_averages_two_customers() {
    let found = metrics(&Waterfall {
        opening: Opening { mrr_minor: 10_000 + 8_333, customers: 2, paused_customers: 0 },
        ..Waterfall::default()
    });
    assert_eq!(found.arpa_minor, Some(9_167));
}

#[test]
fn example_e25_counts_opening_customers_that_are_gone() {
    // Of twelve who churned one came back and one had joined in the period; neither counts.
    let customers = (0..89).map(|_| ends(10, 10)).chain((0..10).map(|_| ends(10, 0))).chain([ends(10, 10), ends(0, 0)]);
    let found = Retention::of(customers);
    assert_eq!((found.lost_customers, found.opening_customers), (10, 100));
    assert_eq!(found.customer_churn().percent(1), Some(Decimal::new(100, 1)));
}

#[test]
fn example_e29_and_others_of_lifetime_value() {
    let rate = |lost, of| Ratio::of(lost, of, Undefined::NoOpeningCustomers);
    let none = Ratio::Unknown(Undefined::NoOpeningCustomers);
    let cases: &[(i64, i64, &[Ratio], Ltv)] = &[
        (5_000_000, 100, &[rate(10, 110)], Ltv::Known { minor: 550_000 }),
        (1_000_000, 100, &[rate(5, 100)], Ltv::Known { minor: 200_000 }),
        (1_000_000, 100, &[rate(4, 100), rate(5, 100), rate(6, 100)], Ltv::Known { minor: 200_000 }),
        (1_000_000, 100, &[none, rate(5, 100)], Ltv::Known { minor: 200_000 }),
        (1_000_000, 100, &[rate(0, 100)], Ltv::AtLeast { lower_bound_minor: 600_000 }),
        (1_000_000, 100, &[none], Ltv::Unknown(Undefined::NoOpeningCustomers)),
        (0, 0, &[rate(5, 100)], Ltv::Unknown(Undefined::NoActiveCustomers)),
    ];
    for (mrr_minor, customers, churn, expected) in cases {
        assert_eq!(standard_ltv(*mrr_minor, *customers, churn), *expected);
    }
    assert_eq!(rate(10, 110).percent(4), Some(Decimal::new(90_909, 4)));
    let collected = Collected { succeeded_minor: 100_000, refunded_minor: 20_000, disputes_lost_minor: 5_000 };
    assert_eq!(collected.realized_ltv_minor(), 75_000);
}

#[test]
fn example_e32_retains_ninety_seven_and_a_half_percent() {
    let customers =
        (0..85).map(|_| ends(10, 10)).chain((0..10).map(|_| ends(10, 0))).chain((0..5).map(|_| ends(10, 25)));
    let found = Retention::of(customers);
    assert_eq!(found.net().percent(1), Some(Decimal::new(975, 1)));
    assert_eq!(found.logo().percent(1), Some(Decimal::new(900, 1)));
    assert_eq!(found.gross().percent(1), Some(Decimal::new(900, 1)));
}

#[test]
fn example_e35_churns_in_march() {
    let customers = [
        History::default().told("sub_1", "2024-01-01", active(monthly(1_000))),
        History::default().told("sub_2", "2024-01-01", active(monthly(1_000))).told(
            "sub_2",
            "2024-03-01",
            canceled("2024-03-01", monthly(1_000)),
        ),
    ];
    let churn = |from: &str, to: &str| {
        let before = |day: &str| at(day).saturating_sub(jiff::SignedDuration::from_micros(1)).unwrap();
        let mrr = |history: &History, when| mrr_at(&balances(&history.timeline), when).values().sum();
        let pairs = customers.iter().map(|history| PeriodEnds {
            opening_minor: mrr(history, before(from)),
            closing_minor: mrr(history, before(to)),
        });
        Retention::of(pairs).customer_churn().percent(0)
    };
    assert_eq!(churn("2024-01-01", "2024-02-01"), None);
    assert_eq!(churn("2024-02-01", "2024-03-01"), Some(Decimal::ZERO));
    assert_eq!(churn("2024-03-01", "2024-04-01"), Some(Decimal::from(50)));

    let march = Period { start: at("2024-03-01"), end: at("2024-04-01") };
    let all: Vec<_> = customers.iter().flat_map(History::movements).collect();
    let rolled = waterfall(opening(20, 2), &all, march);
    assert_eq!(rolled.closing(), opening(10, 1));
    assert_eq!(all.iter().filter(|movement| movement.kind == MovementType::Churn && movement.logo_churn()).count(), 1);
}

#[test]
fn rates_change_in_points() {
    let rate = |part| Ratio::of(part, 1_000, Undefined::NoOpeningMrr);
    assert_eq!(rate(31).points_since(rate(52), 1), Some(Decimal::new(-21, 1)));
    assert_eq!(rate(31).points_since(Ratio::Unknown(Undefined::NoOpeningMrr), 1), None);
    assert_eq!(Ratio::of(2, 3, Undefined::NothingLost).value(), Some(Decimal::new(666_666_666_667, 12)));
}
