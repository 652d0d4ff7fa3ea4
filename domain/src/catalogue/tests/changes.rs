//! What does a request change of an entry, and what does it leave?

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::catalogue::{Changes, Coupon, Plan, SEED_TENANTS, TaxRate, as_written, seed};
use crate::money::Currency;
use crate::price::{Duration, Interval, Off, Price, Scheme, Tier};
use crate::pricing::Billing;
use crate::refusal::Refusal;
use crate::samples::plan_id;

fn changes(value: Value) -> Changes {
    let Value::Object(changes) = value else { panic!("{value} is no object") };
    changes
}

/// A price of 49.00 a month, with everything else a plan may have.
fn gym() -> Plan {
    let form = json!({
        "name": "Gym", "currency": "USD", "amount": "49.00", "interval": "month", "trial_days": 7,
        "usage": [{"metric": "visits", "amount": "0.005"}], "features": {"sauna": true, "amount": 2.5},
    });
    Plan::with(&plan_id("gym"), None, &changes(form)).unwrap()
}

fn gym_with(value: Value) -> Result<Plan, Refusal> {
    let gym = gym();
    Plan::with(&gym.id, Some(&gym), &changes(value))
}

fn tiers() -> Vec<Tier> {
    let tier = |up_to, unit: i64| Tier { up_to, unit_minor: unit.into(), flat_minor: 0.into() };
    vec![tier(Some(10), 500), tier(None, 400)]
}

fn tiers_form() -> Value {
    json!([{"up_to": 10, "unit_amount": "5.00"}, {"unit_amount": 4}])
}

#[test]
fn a_plan_is_made_as_the_documentation_prints_it() {
    let form = json!({
        "name": "Shotgun", "currency": "USD", "amount": "249.95", "interval": "month", "interval_count": 1, "trial_days": 0,
        "tiers": [], "colour": "red",
    });
    let made = Plan::with(&plan_id("shotgun"), None, &changes(form)).unwrap();
    let expected = Plan {
        id: plan_id("shotgun"),
        name: "Shotgun".to_owned(),
        description: String::new(),
        price: Price::per_unit(24_995, Currency::USD, Some(Interval::MONTHLY)),
        billing: Billing::InAdvance,
        usage: Vec::new(),
        trial_days: None,
        features: Changes::new(),
        limits: Changes::new(),
        words: Changes::new(),
    };
    assert_eq!(made, expected);
}

#[test]
fn only_what_is_named_changes() {
    let priced = |scheme| Plan { price: Price { scheme, ..gym().price }, ..gym() };
    let cases = [
        ("nothing", json!({}), gym()),
        ("what it is already", json!({"amount": "49", "name": "Gym"}), gym()),
        ("the name", json!({"name": "Club"}), Plan { name: "Club".to_owned(), ..gym() }),
        ("the amount", json!({"amount": "59.00"}), priced(Scheme::PerUnit(5_900.into()))),
        ("the amount as a number", json!({"amount": 59.5}), priced(Scheme::PerUnit(5_950.into()))),
        ("the trial, cleared", json!({"trial_days": null}), Plan { trial_days: None, ..gym() }),
        ("the trial, none", json!({"trial_days": 0}), Plan { trial_days: None, ..gym() }),
        ("the usage", json!({"usage": []}), Plan { usage: Vec::new(), ..gym() }),
        ("when it is billed", json!({"billing": "in_arrears"}), Plan { billing: Billing::InArrears, ..gym() }),
        ("the model", json!({"model": "flat"}), priced(Scheme::Flat(4_900.into()))),
        ("an amount to tiers", json!({"tiers": tiers_form()}), priced(Scheme::Graduated(tiers()))),
        ("to volume tiers", json!({"tiers": tiers_form(), "model": "volume"}), priced(Scheme::Volume(tiers()))),
        ("to packages", json!({"package_size": 5}), priced(Scheme::Package { size: 5, minor: 4_900.into() })),
    ];
    for (what, value, expected) in cases {
        assert_eq!((what, gym_with(value)), (what, Ok(expected)));
    }
}

#[test]
fn one_model_gives_way_to_another() {
    let monthly = |scheme| Price { scheme, ..gym().price };
    let per_unit = |minor: i64| monthly(Scheme::PerUnit(minor.into()));
    let fine = || Scheme::PerUnit("0.5".parse().unwrap());
    let once = Price { interval: None, ..per_unit(4_900) };
    let cases = [
        (Scheme::Graduated(tiers()), json!({"amount": "7"}), per_unit(700)),
        (Scheme::Volume(tiers()), json!({"amount": "7"}), per_unit(700)),
        (Scheme::Volume(tiers()), json!({"amount": "7", "tiers": []}), per_unit(700)),
        (Scheme::Volume(tiers()), json!({"tiers": tiers_form()}), monthly(Scheme::Volume(tiers()))),
        (Scheme::Volume(tiers()), json!({"model": "graduated"}), monthly(Scheme::Graduated(tiers()))),
        (Scheme::Flat(900.into()), json!({"amount": "7"}), monthly(Scheme::Flat(700.into()))),
        (Scheme::Flat(900.into()), json!({"tiers": tiers_form()}), monthly(Scheme::Graduated(tiers()))),
        (Scheme::Flat(900.into()), json!({"model": "per_unit"}), per_unit(900)),
        (fine(), json!({"amount": "7"}), per_unit(700)),
        (Scheme::PerUnit(900.into()), json!({"unit_amount": "0.005"}), monthly(fine())),
        (Scheme::Package { size: 5, minor: 900.into() }, json!({"model": "per_unit"}), per_unit(900)),
        (
            Scheme::Package { size: 5, minor: 900.into() },
            json!({"amount": "7"}),
            monthly(Scheme::Package { size: 5, minor: 700.into() }),
        ),
        (Scheme::PerUnit(4_900.into()), json!({"interval": "one_time", "trial_days": 0, "usage": []}), once),
    ];
    for (scheme, value, expected) in cases {
        let before = Plan { price: monthly(scheme.clone()), ..gym() };
        let found = Plan::with(&before.id, Some(&before), &changes(value.clone())).map(|plan| plan.price);
        assert_eq!(found, Ok(expected), "{scheme:?} with {value}");
    }
}

#[test]
fn what_cannot_be_sold_is_refused_by_its_field() {
    let cases = [
        (json!({"amount": "59.005"}), "amount", "is wrong: 59.005 has more than the 2 decimal places of USD"),
        (json!({"amount": "-1"}), "amount", "must not be negative"),
        (json!({"amount": "1000000000001"}), "amount", "must not be over 1000000000000 USD"),
        (json!({"amount": 1e13}), "amount", "must not be over 1000000000000 USD"),
        (json!({"amount": null}), "amount", "is missing"),
        (json!({"currency": "XXZ"}), "currency", "is wrong: \"XXZ\" is not an ISO 4217 currency code"),
        (
            json!({"currency": "JPY", "amount": "1.5"}),
            "amount",
            "is wrong: 1.5 has more than the 0 decimal places of JPY",
        ),
        (json!({"interval": "monthly"}), "interval", "is \"monthly\"; expected day, week, month, year or one_time"),
        (json!({"interval_count": 0}), "interval_count", "must be a whole number from 1 to 120"),
        (json!({"name": null}), "name", "is missing"),
        (json!({"tiers": {}}), "tiers", "must be a list"),
        (
            json!({"tiers": [{"up_to": 2, "unit_amount": "1"}]}),
            "tiers[0].up_to",
            "cannot be given: the last tier has no end",
        ),
        (json!({"interval": "one_time", "usage": []}), "trial_days", "cannot be given for a one-time price"),
        (json!({"interval": "one_time"}), "usage", "cannot be given for a one-time price"),
    ];
    for (value, field, reason) in cases {
        assert_eq!(gym_with(value.clone()), Err(Refusal::invalid(field, reason)), "{value}");
    }
    let nothing = Plan::with(&plan_id("gym"), None, &Changes::new());
    assert_eq!(nothing, Err(Refusal::invalid("name", "is missing")));
}

#[test]
fn coupons_change_from_one_kind_to_another() {
    let newclient = seed("coaching").unwrap().coupon("NEWCLIENT20").unwrap();
    let with = |value: Value| Coupon::with(&newclient.code, Some(newclient), &changes(value));
    let amount = Off::Amount { minor: 500, currency: Currency::EUR };
    let cases = [
        (json!({"percent_off": 25}), Ok(Coupon { off: Off::Percent(25.into()), ..newclient.clone() })),
        (json!({"amount_off": "5", "currency": "eur"}), Ok(Coupon { off: amount, ..newclient.clone() })),
        (
            json!({"duration": "repeating", "months": 3}),
            Ok(Coupon { duration: Duration::Repeating { months: 3 }, ..newclient.clone() }),
        ),
        (json!({"max_redemptions": 5}), Ok(Coupon { max_redemptions: Some(5), ..newclient.clone() })),
        (json!({"amount_off": "5"}), Err(Refusal::invalid("currency", "is missing"))),
        (json!({"amount_off": "5.001", "currency": "EUR"}), {
            Err(Refusal::invalid("amount_off", "is wrong: 5.001 has more than the 2 decimal places of EUR"))
        }),
        (json!({"percent_off": "5", "amount_off": "5"}), {
            Err(Refusal::invalid("amount_off", "cannot be given beside percent_off"))
        }),
        (json!({"percent_off": 101}), {
            Err(Refusal::invalid("percent_off", "must be a percentage from 0 to 100, such as \"8.75\""))
        }),
        (json!({"duration": "repeating"}), Err(Refusal::invalid("months", "is missing for a repeating coupon"))),
    ];
    for (value, expected) in cases {
        assert_eq!(with(value.clone()), expected, "{value}");
    }
    let repeating = with(json!({"duration": "repeating", "months": 3})).unwrap();
    let back = Coupon::with(&repeating.code, Some(&repeating), &changes(json!({"duration": "once"})));
    assert_eq!(back.as_ref(), Ok(newclient));
}

#[test]
fn tax_rates_change_by_their_fields() {
    let california = &seed("coaching").unwrap().tax_rates[0];
    let with = |value: Value| TaxRate::with(&california.id, Some(california), &changes(value));
    let cases = [
        (json!({"percent": 9}), Ok(TaxRate { percent: 9.into(), ..california.clone() })),
        (json!({"state": null}), Ok(TaxRate { state: None, ..california.clone() })),
        (json!({"inclusive": true}), Ok(TaxRate { inclusive: true, ..california.clone() })),
        (json!({"country": "usa"}), Err(Refusal::invalid("country", "must be two capital letters (ISO 3166)"))),
        (json!({"percent": null}), Err(Refusal::invalid("percent", "is missing"))),
    ];
    for (value, expected) in cases {
        assert_eq!(with(value.clone()), expected, "{value}");
    }
}

#[test]
fn what_is_read_of_an_entry_makes_the_same_entry() {
    for tenant in SEED_TENANTS {
        let catalogue = seed(tenant).unwrap();
        for plan in &catalogue.plans {
            assert_eq!(Plan::with(&plan.id, None, &plan.fields()).as_ref(), Ok(plan));
        }
        for coupon in &catalogue.coupons {
            assert_eq!(Coupon::with(&coupon.code, None, &coupon.fields()).as_ref(), Ok(coupon));
        }
        for rate in &catalogue.tax_rates {
            assert_eq!(TaxRate::with(&rate.id, None, &rate.fields()).as_ref(), Ok(rate));
        }
    }
    assert_eq!(Plan::with(&plan_id("gym"), None, &gym().fields()), Ok(gym()));
}

#[test]
fn numbers_keep_the_digits_they_were_written_with() {
    let exact = "0.10000000000000000001";
    let cases = [
        ("amount", "249.95", json!("249.95")),
        ("amount", exact, json!(exact)),
        ("amount", "-1e3", json!("-1e3")),
        ("amount", "\"5\"", json!("5")),
        ("amount", "null", json!(null)),
        ("percent", "8.750", json!("8.750")),
        ("trial_days", "7", json!(7)),
        ("limits", "{\"amount\": 2.5}", json!({"amount": 2.5})),
        (
            "tiers",
            "[{\"up_to\": 10, \"unit_amount\": 0.10, \"amount\": 1, \"amount\": 2}, 3]",
            json!([{"up_to": 10, "unit_amount": "0.10", "amount": "2"}, 3]),
        ),
        (
            "usage",
            "[{\"metric\": \"visits\", \"tiers\": [{\"flat_amount\": 7.0}]}]",
            json!([{"metric": "visits", "tiers": [{"flat_amount": "7.0"}]}]),
        ),
        ("tiers", "{\"amount\": 1.5}", json!({"amount": 1.5})),
    ];
    for (field, text, expected) in cases {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        assert_eq!(as_written(field, &raw).unwrap(), expected, "{field} {text}");
    }
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let raw: Box<RawValue> = serde_json::from_str(&deep).unwrap();
    assert!(as_written("features", &raw).is_err());
}
