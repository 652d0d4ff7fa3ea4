//! Are the four catalogues what their documents print?

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::catalogue::{Defaults, Plan, Processor, SEED_TENANTS, seed};
use crate::money::{Currency, Money};
use crate::mrr::{MrrPolicy, subscription_mrr};
use crate::price::{Discount, Duration, Interval, IntervalUnit, Off, Scheme};
use crate::samples::plan_id as id;
use crate::tenant_settings::{AccessPolicy, Policies};

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
    let access = [
        ("coaching", AccessPolicy::KeepWhileDunning),
        ("education", AccessPolicy::KeepWhileDunning),
        ("healthcare", AccessPolicy::SuspendOnFailure),
        ("skincare", AccessPolicy::SuspendOnFailure),
    ];
    assert_eq!(access.map(|(tenant, _)| tenant), SEED_TENANTS);
    for (tenant, access_policy) in access {
        let catalogue = seed(tenant).unwrap();
        let defaults = Defaults {
            currency: Currency::USD,
            timezone: "UTC".to_owned(),
            processor: Processor::Sandbox,
            high_value_mrr: Money::from_minor(100_000, Currency::USD),
            high_value_lifetime: Money::from_minor(1_000_000, Currency::USD),
            reporting_currency: Currency::USD,
            policies: Policies { access_policy, ..Policies::default() },
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
fn a_year_costs_twelve_months_less_a_fifth() {
    let minor = |plan: &Plan| plan.price.charge(1).unwrap();
    let mut found = Vec::new();
    for tenant in ["education", "healthcare"] {
        let plans = &seed(tenant).unwrap().plans;
        for yearly in plans.iter().filter(|plan| plan.price.interval == Some(Interval::YEARLY)) {
            let stem = yearly.id.as_str().strip_suffix("_yearly").unwrap();
            let monthly = seed(tenant).unwrap().plan(&id(&format!("{stem}_monthly"))).unwrap();
            let expected = minor(monthly) * Decimal::from(12) * Decimal::new(8, 1);
            assert_eq!(minor(yearly), expected, "{stem}");
            let mrr = |plan: &Plan| {
                let snapshot = crate::mrr::testing::active(vec![plan.item(1)]);
                subscription_mrr(&snapshot, Timestamp::UNIX_EPOCH, MrrPolicy::default()).unwrap().mrr_minor
            };
            assert_eq!(mrr(yearly) * 10, mrr(monthly) * 8, "{stem}");
            found.push(stem);
        }
    }
    assert_eq!(
        found,
        ["starter", "professional", "enterprise", "hospital_lite", "hospital_pro", "individual_lite", "individual_pro"]
    );
}

/// The skincare document's own figure: 60.00 a year instead of 83.88 is 28 % less.
#[test]
fn the_skincare_year_saves_what_it_says() {
    let minor = |plan: &str| seed("skincare").unwrap().plan(&id(plan)).unwrap().price.charge(1).unwrap();
    let year = minor("nepika_premium_monthly") * Decimal::from(12);
    let saved = (year - minor("nepika_premium_yearly")) * Decimal::ONE_HUNDRED / year;
    assert_eq!((year, saved.trunc()), (Decimal::from(8_388), Decimal::from(28)));
}

#[test]
fn the_healthcare_and_skincare_texts_are_as_printed() {
    let lite = seed("healthcare").unwrap().plan(&id("hospital_lite_monthly")).unwrap();
    assert_eq!(
        (lite.name.as_str(), lite.description.as_str(), &lite.features["summary"]),
        (
            "Lite Plan (Hospital)",
            "Essential features for small healthcare organizations",
            &json!(["Basic patient management", "Standard memory stack"])
        )
    );
    assert_eq!(lite.features["default_services"], json!(["privacy", "human_escalation", "checklist"]));
    let yearly = seed("skincare").unwrap().plan(&id("nepika_premium_yearly")).unwrap();
    let details = [
        "Unlimited face scans per month",
        "Detailed skin analysis across all 9 parameters",
        "Advanced AI recommendations",
        "Save 28% compared to monthly",
    ];
    assert_eq!((&yearly.features["plan_details"], &yearly.words["display_order"]), (&json!(details), &json!("2")));
}
