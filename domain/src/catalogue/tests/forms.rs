//! Is every form of a price read as what it says, and does everything read come back the same from its own form and
//! from the log?

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::with;
use crate::catalogue::{Catalogue, Changes, Coupon, Plan, SEED_TENANTS, TaxRate, UsagePrice, seed};
use crate::money::Currency;
use crate::price::{Duration, Interval, IntervalUnit, Off, Price, Scheme, Tier, Usage};
use crate::pricing::{Billing, Metric};
use crate::samples::{at, plan_id};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn tier(up_to: Option<u64>, unit: &str, flat: &str) -> Tier {
    Tier { up_to, unit_minor: decimal(unit), flat_minor: decimal(flat) }
}

fn metric(name: &str) -> Metric {
    Metric::parse(name).unwrap()
}

#[test]
fn every_model_of_price_has_a_form() {
    let every = |unit, count| Some(Interval { unit, count });
    let fortnight = every(IntervalUnit::Week, 2);
    let cases = [
        (
            json!({"amount": "4.50", "interval": "day", "interval_count": 10}),
            Scheme::PerUnit(decimal("450")),
            every(IntervalUnit::Day, 10),
        ),
        (json!({"amount": "0", "interval": "month"}), Scheme::PerUnit(decimal("0")), every(IntervalUnit::Month, 1)),
        (json!({"amount": "4.50", "interval": "one_time"}), Scheme::PerUnit(decimal("450")), None),
        (
            json!({"unit_amount": "0.0005", "interval": "year"}),
            Scheme::PerUnit(decimal("0.05")),
            every(IntervalUnit::Year, 1),
        ),
        (
            json!({"model": "per_unit", "amount": "4.5", "interval": "month", "interval_count": 3}),
            Scheme::PerUnit(decimal("450")),
            every(IntervalUnit::Month, 3),
        ),
        (
            json!({"model": "flat", "amount": "90", "interval": "week", "interval_count": 2}),
            Scheme::Flat(decimal("9000")),
            fortnight,
        ),
        (
            json!({"amount": "10.00", "package_size": 100, "interval": "month"}),
            Scheme::Package { size: 100, minor: decimal("1000") },
            every(IntervalUnit::Month, 1),
        ),
        (
            json!({"tiers": [{"up_to": 10, "unit_amount": "5"}, {"unit_amount": "3.005", "flat_amount": "10"}], "interval": "month"}),
            Scheme::Graduated(vec![tier(Some(10), "500", "0"), tier(None, "300.5", "1000")]),
            every(IntervalUnit::Month, 1),
        ),
        (
            json!({"model": "volume", "amount": "0", "tiers": [{"up_to": 10, "amount": "5"}, {"up_to": null, "flat_amount": "10"}], "interval": "month"}),
            Scheme::Volume(vec![tier(Some(10), "500", "0"), tier(None, "0", "1000")]),
            every(IntervalUnit::Month, 1),
        ),
    ];
    for (mut form, scheme, interval) in cases {
        form["currency"] = json!("EUR");
        let document = with("/plans/-", json!({"id": "cake", "name": "Cake", "price": form}));
        let found =
            Catalogue::parse(&document).map(|catalogue| catalogue.plan(&plan_id("cake")).unwrap().price.clone());
        let expected = Price { currency: Currency::EUR, scheme, interval, usage: Usage::Licensed };
        assert_eq!(found, Ok(expected), "{form}");
    }
}

#[test]
fn usage_is_priced_beside_the_plan() {
    let usage = json!([
        {"metric": "api_calls", "amount": "0.001"},
        {"metric": "storage_gb", "amount": "10", "package_size": 10, "currency": "EUR"},
        {"metric": "seats", "tiers": [{"up_to": 5, "unit_amount": "0"}, {"unit_amount": "2"}]},
    ]);
    let fortnight = Some(Interval { unit: IntervalUnit::Week, count: 2 });
    let priced = |name: &str, scheme| UsagePrice {
        metric: metric(name),
        price: Price { currency: Currency::EUR, scheme, interval: fortnight, usage: Usage::Metered },
    };
    let found = Catalogue::parse(&with("/plans/0/usage", usage)).unwrap();
    let bread = &found.plans[0];
    let expected = vec![
        priced("api_calls", Scheme::PerUnit(decimal("0.1"))),
        priced("storage_gb", Scheme::Package { size: 10, minor: decimal("1000") }),
        priced("seats", Scheme::Graduated(vec![tier(Some(5), "0", "0"), tier(None, "200", "0")])),
    ];
    assert_eq!((bread.billing, &bread.usage), (Billing::InAdvance, &expected));
    let by_metric = |name| bread.usage_price(&metric(name)).map(|price| price.charge(1_500).unwrap());
    assert_eq!([by_metric("api_calls"), by_metric("hours")], [Some(decimal("150")), None]);
    let arrears = Catalogue::parse(&with("/plans/0/billing", json!("in_arrears"))).unwrap();
    assert_eq!(arrears.plans[0].billing, Billing::InArrears);
}

fn survives(plan: &Plan) {
    assert_eq!(Plan::with(&plan.id, Some(plan), &Changes::new()).as_ref(), Ok(plan), "by its form");
    let stored = serde_json::to_string(plan).unwrap();
    assert_eq!(&serde_json::from_str::<Plan>(&stored).unwrap(), plan, "by the log");
}

#[test]
fn all_that_is_sold_survives_its_form_and_the_log() {
    for catalogue in SEED_TENANTS.map(|tenant| seed(tenant).unwrap()) {
        catalogue.plans.iter().for_each(survives);
        for coupon in &catalogue.coupons {
            assert_eq!(Coupon::with(&coupon.code, Some(coupon), &Changes::new()).as_ref(), Ok(coupon));
        }
        for rate in &catalogue.tax_rates {
            assert_eq!(TaxRate::with(&rate.id, Some(rate), &Changes::new()).as_ref(), Ok(rate));
        }
    }
}

fn any_figure() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (0_i64..=1_000_000_000_000).prop_map(Decimal::from),
        (0_i64..1_000_000, 1_u32..=12).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale).normalize()),
    ]
}

fn any_tiers() -> impl Strategy<Value = Vec<Tier>> {
    let step = (1_u64..1_000, any_figure(), 0_i64..1_000_000);
    proptest::collection::vec(step, 1..8).prop_map(|steps| {
        let (count, mut top) = (steps.len(), 0);
        let tiers = steps.into_iter().enumerate().map(|(index, (width, unit_minor, flat))| {
            top += width;
            Tier { up_to: (index + 1 < count).then_some(top), unit_minor, flat_minor: Decimal::from(flat) }
        });
        tiers.collect()
    })
}

fn any_usage_scheme() -> impl Strategy<Value = Scheme> {
    prop_oneof![
        any_figure().prop_map(Scheme::PerUnit),
        (1_u64..10_000, any_figure()).prop_map(|(size, minor)| Scheme::Package { size, minor }),
        any_tiers().prop_map(Scheme::Volume),
        any_tiers().prop_map(Scheme::Graduated),
    ]
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    prop_oneof![any_usage_scheme(), (0_i64..1_000_000_000).prop_map(|minor| Scheme::Flat(Decimal::from(minor)))]
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let currency = prop::sample::select(vec!["USD", "JPY", "EUR"]);
    let unit =
        prop::sample::select(vec![IntervalUnit::Day, IntervalUnit::Week, IntervalUnit::Month, IntervalUnit::Year]);
    let used = proptest::collection::vec(any_usage_scheme(), 0..3);
    let interval = prop::option::of((unit, 1_u32..=120));
    (currency, any_scheme(), interval, used, any::<bool>(), prop::option::of(1_u16..=730)).prop_map(
        |(currency, scheme, interval, used, arrears, trial_days)| {
            let currency = Currency::parse(currency).unwrap();
            let interval = interval.map(|(unit, count)| Interval { unit, count });
            let recurs = interval.is_some();
            let usage = used.into_iter().enumerate().filter(|_| recurs).map(|(index, scheme)| UsagePrice {
                metric: metric(&format!("metric_{index}")),
                price: Price { currency, scheme, interval, usage: Usage::Metered },
            });
            Plan {
                id: plan_id("any"),
                name: "Any".to_owned(),
                description: String::new(),
                price: Price { currency, scheme, interval, usage: Usage::Licensed },
                billing: if arrears && recurs { Billing::InArrears } else { Billing::InAdvance },
                usage: usage.collect(),
                trial_days: trial_days.filter(|_| recurs),
                features: Map::from_iter([("weekly_sessions".to_owned(), json!(4))]),
                limits: Map::new(),
                words: Map::from_iter([("is_active".to_owned(), Value::from("true"))]),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_plan_survives_its_form_and_the_log(plan in any_plan()) {
        survives(&plan);
    }

    #[test]
    fn any_coupon_survives_its_form_and_the_log(
        percent in prop::option::of(1_i64..=100_000_000),
        minor in 1_i64..=1_000_000_000,
        months in prop::option::of(1_u32..=120),
        once in any::<bool>(),
        max_redemptions in prop::option::of(1_u32..=1_000_000_000),
        ends in any::<bool>(),
    ) {
        let off = match percent {
            Some(millionths) => Off::Percent(Decimal::new(millionths, 6).normalize()),
            None => Off::Amount { minor, currency: Currency::USD },
        };
        let duration = match (months, once) {
            (Some(months), _) => Duration::Repeating { months },
            (None, true) => Duration::Once,
            (None, false) => Duration::Forever,
        };
        let coupon = Coupon {
            code: "ANY".to_owned(),
            name: "Any".to_owned(),
            off,
            duration,
            max_redemptions,
            valid_from: ends.then(|| at("2024-01-01T00:00:00.5Z")),
            valid_until: ends.then(|| at("2025-01-01T00:00:00Z")),
        };
        let read_back = Coupon::with("ANY", Some(&coupon), &Changes::new());
        prop_assert_eq!(read_back.as_ref(), Ok(&coupon));
        let stored = serde_json::to_string(&coupon).unwrap();
        prop_assert_eq!(serde_json::from_str::<Coupon>(&stored).unwrap(), coupon);
    }
}
