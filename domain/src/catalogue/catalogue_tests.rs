//! The four catalogues against their documents, and one refusal for each kind of mistake.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::mrr::{MrrPolicy, subscription_mrr};
use crate::price::{Discount, Duration, Interval, IntervalUnit, Off, Price, Scheme};

fn id(text: &str) -> PlanId {
    PlanId::parse(text).unwrap()
}

/// `id name amount interval trial`, one line a plan.
fn price_list(tenant: &str) -> Vec<String> {
    let line = |plan: &Plan| {
        let Scheme::PerUnit(minor) = plan.price.scheme else { panic!("{} is priced per unit", plan.id) };
        let interval = match plan.price.interval {
            None => "one_time".to_owned(),
            Some(Interval { unit: IntervalUnit::Month, count: 1 }) => "month".to_owned(),
            Some(Interval { unit: IntervalUnit::Year, count: 1 }) => "year".to_owned(),
            Some(other) => format!("{other:?}"),
        };
        format!("{} {minor} {} {interval} {}", plan.id, plan.price.currency, plan.trial_days.unwrap_or(0))
    };
    seed(tenant).unwrap().plans.iter().map(line).collect()
}

#[test]
fn every_seed_tenant_has_a_catalogue_with_its_defaults() {
    for tenant in SEED_TENANTS {
        let catalogue = seed(tenant).unwrap();
        let defaults = Defaults {
            currency: Currency::USD,
            timezone: "UTC".to_owned(),
            processor: Processor::Sandbox,
            high_value_mrr: Money::from_minor(100_000, Currency::USD),
            high_value_lifetime: Money::from_minor(1_000_000, Currency::USD),
        };
        assert_eq!((catalogue.tenant.as_str(), &catalogue.defaults), (tenant, &defaults));
    }
    assert_eq!(seed("bakery"), None);
}

#[test]
fn price_lists_are_as_printed() {
    assert_eq!(
        price_list("coaching"),
        [
            "elite_coaching 500000 USD month 7",
            "group_coaching 150000 USD month 14",
            "community_access 9700 USD month 30",
            "self_paced_course 99700 USD one_time 0"
        ]
    );
    assert_eq!(
        price_list("education"),
        [
            "free 0 USD month 0",
            "starter_monthly 2900 USD month 0",
            "starter_yearly 27840 USD year 0",
            "professional_monthly 7900 USD month 0",
            "professional_yearly 75840 USD year 0",
            "enterprise_monthly 19900 USD month 0",
            "enterprise_yearly 191040 USD year 0"
        ]
    );
    assert_eq!(
        price_list("healthcare"),
        [
            "hospital_lite_monthly 49900 USD month 0",
            "hospital_lite_yearly 479040 USD year 0",
            "hospital_pro_monthly 99900 USD month 0",
            "hospital_pro_yearly 959040 USD year 0",
            "individual_lite_monthly 4900 USD month 0",
            "individual_lite_yearly 47040 USD year 0",
            "individual_pro_monthly 9900 USD month 0",
            "individual_pro_yearly 95040 USD year 0"
        ]
    );
    assert_eq!(
        price_list("skincare"),
        ["nepika_premium_monthly 699 USD month 0", "nepika_premium_yearly 6000 USD year 0"]
    );
}

#[test]
fn coaching_plans_have_their_features_and_limits() {
    let coaching = seed("coaching").unwrap();
    let cases = [
        (
            "elite_coaching",
            json!({"weekly_sessions": 4, "priority_support": true, "custom_materials": true, "unlimited_messaging": true, "success_guarantee": true}),
            json!({"max_participants": 1, "session_duration_minutes": 60}),
        ),
        (
            "group_coaching",
            json!({"weekly_sessions": 2, "group_size": 8, "community_access": true, "resource_library": true, "monthly_1on1": true}),
            json!({"max_participants": 8, "session_duration_minutes": 90}),
        ),
        (
            "community_access",
            json!({"forum_access": true, "monthly_webinars": true, "resource_downloads": true, "peer_networking": true}),
            json!({}),
        ),
        (
            "self_paced_course",
            json!({"lifetime_access": true, "all_modules": true, "downloadable_content": true, "certificate": true, "community_access_90_days": true}),
            json!({}),
        ),
    ];
    for (plan, features, limits) in cases {
        let plan = coaching.plan(&id(plan)).unwrap();
        assert_eq!(
            (Value::from(plan.features.clone()), Value::from(plan.limits.clone())),
            (features, limits),
            "{}",
            plan.id
        );
    }
}

#[test]
fn the_coaching_coupon_and_tax_are_as_printed() {
    let coaching = seed("coaching").unwrap();
    let start: Timestamp = "2024-01-15T10:30:00Z".parse().unwrap();
    let expected = Discount {
        coupon: "NEWCLIENT20".to_owned(),
        off: Off::Percent(Decimal::from(20)),
        duration: Duration::Once,
        start,
        end: None,
    };
    assert_eq!(coaching.coupon("NEWCLIENT20").map(|coupon| coupon.discount(start)), Some(expected));
    assert_eq!(coaching.coupon("newclient20"), None);
    let found = |country, state| coaching.tax_rate(country, state).map(|rate| (rate.percent, rate.inclusive));
    assert_eq!(found("US", Some("ca")), Some((Decimal::new(875, 2), false)));
    assert_eq!([found("US", Some("NY")), found("US", None), found("DE", None)], [None, None, None]);
}

#[test]
fn healthcare_plans_have_the_limits_of_their_plan_types() {
    let healthcare = seed("healthcare").unwrap();
    let all =
        ["privacy", "human_escalation", "checklist", "medication", "nutrition", "checkpoint", "primary", "summary"];
    let cases = [
        ("hospital_lite", [Some(5), Some(60), Some(1)], "basic", &all[..5]),
        ("hospital_pro", [Some(50), Some(300), None], "premium", &all[..]),
        ("individual_lite", [Some(1), Some(30), None], "basic", &["basic"][..]),
        ("individual_pro", [Some(2), Some(120), None], "advanced", &["basic"][..]),
    ];
    for (kind, expected, model, services) in cases {
        for cycle in ["monthly", "yearly"] {
            let plan = healthcare.plan(&id(&format!("{kind}_{cycle}"))).unwrap();
            let limits =
                ["max_agents", "rate_limit_per_minute", "max_optional_services"].map(|limit| plan.limit(limit));
            assert_eq!(limits, expected, "{}", plan.id);
            assert_eq!((&plan.features["model_tier"], &plan.features["services"]), (&json!(model), &json!(services)));
        }
    }
}

#[test]
fn plans_are_found_by_the_words_of_their_surface() {
    let cases = [
        ("healthcare", "stripe_price_id", "price_1RmuCEFVBY798uGmgenKTEZ9", "hospital_lite_monthly"),
        ("healthcare", "stripe_price_id", "price_1RmuGuFVBY798uGmLdZIB5ht", "hospital_lite_yearly"),
        ("healthcare", "stripe_price_id", "price_1RmuccFVBY798uGmmr4xqM4E", "hospital_pro_monthly"),
        ("healthcare", "stripe_price_id", "price_1RmueIFVBY798uGmbKqqnA6N", "hospital_pro_yearly"),
        ("healthcare", "stripe_price_id", "price_1RmugNFVBY798uGmI9U07uyf", "individual_lite_monthly"),
        ("healthcare", "stripe_price_id", "price_1RmuhKFVBY798uGmwNxbILhR", "individual_lite_yearly"),
        ("healthcare", "stripe_price_id", "price_1RmuibFVBY798uGmVqAyfsfs", "individual_pro_monthly"),
        ("healthcare", "stripe_price_id", "price_1RmujKFVBY798uGmZUHIQiPO", "individual_pro_yearly"),
        ("skincare", "plan_code", "nepika_premium_monthly", "nepika_premium_monthly"),
        ("skincare", "stripe_price_id", "price_1SLe3b9GE4oycUj8rjX69Us8", "nepika_premium_monthly"),
        ("skincare", "stripe_price_id", "price_1SLe3c9GE4oycUj8rjX69Us9", "nepika_premium_yearly"),
        ("education", "stripe_price_id", "price_enterprise_yearly", "enterprise_yearly"),
    ];
    for (tenant, word, value, plan) in cases {
        assert_eq!(seed(tenant).unwrap().plan_by_word(word, value).map(|plan| plan.id.as_str()), Some(plan), "{value}");
    }
}

#[test]
fn yearly_plans_are_a_fifth_cheaper_a_month() {
    for (tenant, monthly, yearly) in [
        ("education", "starter_monthly", "starter_yearly"),
        ("education", "enterprise_monthly", "enterprise_yearly"),
        ("healthcare", "hospital_lite_monthly", "hospital_lite_yearly"),
        ("healthcare", "individual_pro_monthly", "individual_pro_yearly"),
    ] {
        let month = |plan: &str| {
            let items = vec![seed(tenant).unwrap().plan(&id(plan)).unwrap().item(1)];
            let snapshot = crate::mrr::testing::active(items);
            subscription_mrr(&snapshot, Timestamp::UNIX_EPOCH, MrrPolicy::default()).unwrap().mrr_minor
        };
        assert_eq!(month(yearly) * 10, month(monthly) * 8, "{yearly}");
    }
}

/// A small catalogue in which one value is replaced, or removed by null.
fn with(pointer: &str, value: Value) -> String {
    let mut document = json!({
        "tenant": "bakery",
        "defaults": {"currency": "EUR", "timezone": "Europe/Vienna", "processor": "stripe", "high_value_mrr": "1000", "high_value_lifetime": "10000"},
        "plans": [{"id": "bread", "name": "Bread", "price": {"amount": "4.50", "currency": "EUR", "interval": "week", "interval_count": 2}, "trial_days": 7}],
        "coupons": [{"code": "HALF", "percent_off": "50", "duration": "repeating", "months": 3, "valid_from": "2024-01-01T00:00:00Z", "valid_until": "2025-01-01T00:00:00Z"}],
        "tax_rates": [{"id": "at", "name": "USt", "country": "AT", "percent": "10", "inclusive": true}],
    });
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(list) => list.push(value),
        Value::Object(map) if value.is_null() => drop(map.remove(field)),
        Value::Object(map) => drop(map.insert(field.to_owned(), value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => panic!("{pointer} leads nowhere"),
    }
    document.to_string()
}

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
        ("/plans/0/trial_days", json!(0), "plan bread: trial_days must be a whole number from 1 to 730"),
        ("/plans/0/trial_days", json!("7"), "plan bread: trial_days must be a whole number from 1 to 730"),
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
