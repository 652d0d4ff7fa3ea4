//! Is every mistake in a file named with the entry and the field it is in?

use jiff::Timestamp;
use serde_json::{Value, json};

use super::with;
use crate::catalogue::{Catalogue, CatalogueError};
use crate::money::Currency;
use crate::price::{Interval, IntervalUnit, Price};

#[test]
fn a_catalogue_of_ones_own_is_read_whole() {
    let found = Catalogue::parse(&with("/tenant", json!("bakery"))).unwrap();
    assert_eq!(
        found.plans[0].price,
        Price::per_unit(450, Currency::EUR, Some(Interval { unit: IntervalUnit::Week, count: 2 }))
    );
    let start: Timestamp = "2024-01-31T12:00:00Z".parse().unwrap();
    assert_eq!(found.coupons[0].discount(start).end, Some("2024-04-30T12:00:00Z".parse().unwrap()));
    let valid = ["2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"];
    assert_eq!(valid.map(|instant| found.coupons[0].is_valid_at(instant.parse().unwrap())), [false, true, false]);
    assert!(found.tax_rate("AT", Some("Wien")).is_some_and(|rate| rate.inclusive));
}

#[test]
fn every_kind_of_mistake_is_named_with_its_place() {
    let bread = json!({"id": "bread", "name": "Bread", "price": {"amount": "1", "currency": "EUR", "interval": "day"}});
    let cases: &[(&str, Value, &str)] = &[
        ("/tenant", json!(null), "catalogue: tenant is missing"),
        (
            "/tenant",
            json!("a/b"),
            "catalogue: tenant is wrong: an id has 1 to 255 visible ASCII characters and no slash",
        ),
        ("/planz", json!([]), "catalogue: planz is not a known field"),
        ("/plans", json!({}), "catalogue: plans must be a list"),
        ("/plans", json!(null), "catalogue: plans is missing"),
        ("/defaults", json!(null), "catalogue: defaults is missing"),
        (
            "/defaults/processor",
            json!("adyen"),
            "catalogue: defaults.processor is \"adyen\"; expected sandbox or stripe",
        ),
        (
            "/defaults/currency",
            json!("EURO"),
            "catalogue: defaults.currency is wrong: \"EURO\" is not an ISO 4217 currency code",
        ),
        ("/plans/-", json!("bread"), "plan: every entry must be an object"),
        ("/plans/-", json!({"name": "Bread"}), "plan: id is missing"),
        ("/plans/-", bread, "plan bread is in the catalogue twice"),
        (
            "/plans/0/id",
            json!("rye bread"),
            "plan rye bread: id is wrong: an id has 1 to 255 visible ASCII characters and no slash",
        ),
        ("/plans/0/name", json!(" "), "plan bread: name must not be empty"),
        ("/plans/0/name", json!(7), "plan bread: name must be a text"),
        ("/plans/0/colour", json!("brown"), "plan bread: colour is not a known field"),
        ("/plans/0/features", json!([]), "plan bread: features must be an object"),
        ("/plans/0/trial_days", json!(731), "plan bread: trial_days must be a whole number from 0 to 730"),
        ("/plans/0/trial_days", json!("7"), "plan bread: trial_days must be a whole number from 0 to 730"),
        ("/plans/0/price", json!("4.50"), "plan bread: price must be an object"),
        ("/plans/0/price/amount", json!(4.5), "plan bread: price.amount must be a text"),
        (
            "/plans/0/price/amount",
            json!("4.505"),
            "plan bread: price.amount is wrong: 4.505 has more than the 2 decimal places of EUR",
        ),
        ("/plans/0/price/amount", json!("-1"), "plan bread: price.amount must not be negative"),
        (
            "/plans/0/price/interval",
            json!("fortnight"),
            "plan bread: price.interval is \"fortnight\"; expected day, week, month, year or one_time",
        ),
        (
            "/plans/0/price/interval",
            json!("one_time"),
            "plan bread: price.interval_count cannot be given for a one-time price",
        ),
        (
            "/plans/0/price/interval_count",
            json!(0),
            "plan bread: price.interval_count must be a whole number from 1 to 120",
        ),
        (
            "/plans/0/price",
            json!({"amount": "1", "currency": "EUR", "interval": "one_time"}),
            "plan bread: trial_days cannot be given for a one-time price",
        ),
        (
            "/coupons/0/percent_off",
            json!("150"),
            "coupon HALF: percent_off must be a percentage from 0 to 100, such as \"8.75\"",
        ),
        ("/coupons/0/percent_off", json!("0"), "coupon HALF: percent_off must be above 0"),
        ("/coupons/0/amount_off", json!("5"), "coupon HALF: amount_off cannot be given beside percent_off"),
        ("/coupons/0/percent_off", json!(null), "coupon HALF: currency is missing"),
        (
            "/coupons/0/duration",
            json!("twice"),
            "coupon HALF: duration is \"twice\"; expected once, repeating or forever",
        ),
        ("/coupons/0/duration", json!("once"), "coupon HALF: months can only be given for a repeating coupon"),
        ("/coupons/0/months", json!(null), "coupon HALF: months is missing for a repeating coupon"),
        (
            "/coupons/0/valid_until",
            json!("tomorrow"),
            "coupon HALF: valid_until must be an instant such as 2024-01-31T00:00:00Z",
        ),
        ("/coupons/0/valid_until", json!("2023-01-01T00:00:00Z"), "coupon HALF: valid_until must lie after valid_from"),
        ("/tax_rates/0/country", json!("Austria"), "tax rate at: country must be two capital letters (ISO 3166)"),
        ("/tax_rates/0/percent", json!(null), "tax rate at: percent is missing"),
        ("/tax_rates/0/inclusive", json!("yes"), "tax rate at: inclusive must be true or false"),
    ];
    for (pointer, value, expected) in cases {
        let found = Catalogue::parse(&with(pointer, value.clone())).unwrap_err();
        assert_eq!(found.to_string(), *expected, "{pointer} = {value}");
    }
    assert!(matches!(Catalogue::parse("tenant = 'bakery'"), Err(CatalogueError::NotJson { .. })));
}

#[test]
fn mistakes_in_prices_are_named_too() {
    let tiers = |tiers: Value| json!({"currency": "EUR", "interval": "week", "tiers": tiers});
    let (amount, tiered) =
        (json!({"metric": "gb", "amount": "1"}), json!([{"up_to": 5, "unit_amount": "1"}, {"unit_amount": "0.5"}]));
    let usage = |entry: Value| json!([entry]);
    let priced = |field: &str, value: Value| {
        let mut price = json!({"amount": "4.50", "currency": "EUR", "interval": "week"});
        price[field] = value;
        price
    };
    let cases: Vec<(&str, Value, &str)> = vec![
        ("price", priced("amount", json!("1000000000000.01")), "price.amount must not be over 1000000000000 EUR"),
        ("price", priced("amount", json!("1e3")), "price.amount is wrong: \"1e3\" is not a decimal number"),
        (
            "price",
            priced("currency", json!("XYZ")),
            "price.currency is wrong: \"XYZ\" is not an ISO 4217 currency code",
        ),
        ("price", priced("unit_amount", json!("1")), "price.unit_amount cannot be given beside amount"),
        (
            "price",
            priced("model", json!("stepped")),
            "price.model is \"stepped\"; expected flat, per_unit, package, volume or graduated",
        ),
        ("price", priced("model", json!("package")), "price.package_size is missing"),
        ("price", priced("package_size", json!(0)), "price.package_size must be at least 1"),
        ("price", priced("tiers", tiered.clone()), "price.amount cannot be given beside tiers"),
        ("price", priced("interval_count", json!(121)), "price.interval_count must be a whole number from 1 to 120"),
        (
            "price",
            json!({"currency": "EUR", "interval": "week", "model": "volume"}),
            "price.tiers must have 1 to 100 tiers",
        ),
        (
            "price",
            json!({"currency": "EUR", "interval": "week", "unit_amount": "x"}),
            "price.unit_amount is wrong: \"x\" is not a decimal number",
        ),
        (
            "price",
            json!({"currency": "EUR", "interval": "week", "unit_amount": "0.000000000000001"}),
            "price.amount has more than 14 decimal places",
        ),
        ("price", tiers(json!(["1"])), "price.tiers[0] must be an object"),
        (
            "price",
            tiers(json!([{"up_to": 5, "unit_amount": "1"}, {"up_to": 5, "unit_amount": "1"}, {"unit_amount": "1"}])),
            "price.tiers[1].up_to must be higher than in the tier before",
        ),
        (
            "price",
            tiers(json!([{"up_to": 5, "unit_amount": "1"}])),
            "price.tiers[0].up_to cannot be given: the last tier has no end",
        ),
        (
            "price",
            tiers(json!([{"unit_amount": "1"}, {"unit_amount": "1"}])),
            "price.tiers[0].up_to is missing: only the last tier has no end",
        ),
        ("price", tiers(json!([{"unit_amount": "-1"}])), "price.tiers[0].unit_amount must not be negative"),
        (
            "price",
            tiers(json!([{"flat_amount": "1.005"}])),
            "price.tiers[0].flat_amount is wrong: 1.005 has more than the 2 decimal places of EUR",
        ),
        ("price", tiers(json!([{}])), "price.tiers[0].unit_amount is missing"),
        ("price", tiers(json!([{"unit_amount": "1", "colour": "red"}])), "price.tiers[0].colour is not a known field"),
        ("billing", json!("later"), "billing is \"later\"; expected in_advance or in_arrears"),
        ("usage", json!([amount.clone(), amount]), "usage names the metric gb twice"),
        (
            "usage",
            usage(json!({"metric": "GB", "amount": "1"})),
            "usage[0].metric is wrong: a metric has 1 to 64 lower-case letters, digits and underscores and begins with a letter",
        ),
        (
            "usage",
            usage(json!({"metric": "gb", "amount": "1", "currency": "USD"})),
            "usage[0].currency must be the plan's, EUR",
        ),
        (
            "usage",
            usage(json!({"metric": "gb", "amount": "1", "model": "flat"})),
            "usage[0].model cannot be a flat amount where usage is counted",
        ),
        ("usage", usage(json!({"metric": "gb"})), "usage[0].amount is missing"),
        ("name", json!("x".repeat(251)), "name must not have more than 250 characters"),
    ];
    for (field, value, expected) in cases {
        let found = Catalogue::parse(&with(&format!("/plans/0/{field}"), value.clone())).unwrap_err();
        assert_eq!(found.to_string(), format!("plan bread: {expected}"), "{value}");
    }
}

#[test]
fn mistakes_in_settings_coupons_and_rates_are_named_too() {
    let cases: Vec<(&str, Value, &str)> = vec![
        (
            "/defaults/timezone",
            json!("Mars/Olympus"),
            "catalogue: defaults.timezone is \"Mars/Olympus\", which is no IANA time zone",
        ),
        (
            "/defaults/proration",
            json!("hour"),
            "catalogue: defaults.proration is \"hour\"; expected second, day_half_open, day_inclusive or fixed_days(n) with n from 1 to 31",
        ),
        (
            "/defaults/proration",
            json!("fixed_days(0)"),
            "catalogue: defaults.proration is \"fixed_days(0)\"; expected second, day_half_open, day_inclusive or fixed_days(n) with n from 1 to 31",
        ),
        (
            "/defaults/anchor",
            json!("last"),
            "catalogue: defaults.anchor is \"last\"; expected clamp, sticky_end_of_month, calendar",
        ),
        ("/defaults/access_policy", json!(true), "catalogue: defaults.access_policy must be a text"),
        ("/defaults/high_value_mrr", json!("-1"), "catalogue: defaults.high_value_mrr must not be negative"),
        (
            "/coupons/0/code",
            json!("SPRING SALE"),
            "coupon SPRING SALE: code is wrong: an id has 1 to 255 visible ASCII characters and no slash",
        ),
        (
            "/coupons/0/percent_off",
            json!("33.3333333"),
            "coupon HALF: percent_off must not have more than 6 decimal places",
        ),
        (
            "/coupons/0/max_redemptions",
            json!(0),
            "coupon HALF: max_redemptions must be a whole number from 1 to 1000000000",
        ),
        (
            "/tax_rates/0/id",
            json!("a/b"),
            "tax rate a/b: id is wrong: an id has 1 to 255 visible ASCII characters and no slash",
        ),
        (
            "/tax_rates/0/percent",
            json!("100.5"),
            "tax rate at: percent must be a percentage from 0 to 100, such as \"8.75\"",
        ),
    ];
    for (pointer, value, expected) in cases {
        let found = Catalogue::parse(&with(pointer, value.clone())).unwrap_err();
        assert_eq!(found.to_string(), expected, "{pointer} = {value}");
    }
}
