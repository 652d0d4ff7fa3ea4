use domain::catalogue;
use domain::money::Currency;
use domain::price::{Interval, Usage};
use serde_json::{Value, json};

use super::*;
use crate::stripe::client::Form;

fn plan(scheme: Scheme, interval: Option<Interval>) -> Plan {
    let coaching = catalogue::seed("coaching").unwrap();
    let price = OurPrice { currency: Currency::USD, scheme, interval, usage: Usage::Licensed };
    Plan { price, name: "Plan".to_owned(), ..coaching.plans[0].clone() }
}

fn tier(up_to: Option<u64>, unit: i64, flat: i64) -> Tier {
    Tier { up_to, unit_minor: Decimal::from(unit), flat_minor: Decimal::from(flat) }
}

fn form(plan: &Plan) -> Result<String, String> {
    let new = new_price(plan, "key", "prod", Metadata::new())?;
    let form = Form::of(&new).map_err(|error| error.to_string())?;
    let own = ["billing_scheme", "currency", "lookup_key", "nickname", "product"];
    let rest = form.pairs().iter().filter(|(name, _)| !own.contains(&name.as_str()));
    Ok(rest.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
}

#[test]
fn every_scheme_has_its_form() {
    let monthly = || Some(Interval::MONTHLY);
    let recurring = "recurring[interval]=month recurring[interval_count]=1";
    let cases = [
        (Scheme::PerUnit(Decimal::from(500_000)), None, "unit_amount_decimal=500000".to_owned()),
        (Scheme::PerUnit(Decimal::new(125, 3)), monthly(), format!("{recurring} unit_amount_decimal=0.125")),
        (
            Scheme::Package { size: 100, minor: Decimal::from(10) },
            monthly(),
            format!(
                "{recurring} transform_quantity[divide_by]=100 transform_quantity[round]=up unit_amount_decimal=10"
            ),
        ),
        (
            Scheme::Flat(Decimal::from(4_900)),
            monthly(),
            format!("{recurring} tiers[0][flat_amount_decimal]=4900 tiers[0][up_to]=inf tiers_mode=volume"),
        ),
        (
            Scheme::Volume(vec![tier(Some(10), 500, 0), tier(Some(20), 400, 1_000)]),
            monthly(),
            format!(
                "{recurring} tiers[0][unit_amount_decimal]=500 tiers[0][up_to]=10 tiers[1][flat_amount_decimal]=1000 \
             tiers[1][unit_amount_decimal]=400 tiers[1][up_to]=inf tiers_mode=volume"
            ),
        ),
        (
            Scheme::Graduated(vec![tier(None, 0, 0)]),
            monthly(),
            format!("{recurring} tiers[0][unit_amount_decimal]=0 tiers[0][up_to]=inf tiers_mode=graduated"),
        ),
    ];
    for (scheme, interval, expected) in cases {
        let plan = plan(scheme, interval);
        assert_eq!(form(&plan), Ok(expected), "{:?}", plan.price);
    }
}

#[test]
fn what_stripe_has_no_price_for_is_said() {
    let sold = |scheme| plan(scheme, Some(Interval::MONTHLY));
    let unit = || Scheme::PerUnit(Decimal::from(100));
    let in_arrears = Plan { billing: Billing::InArrears, ..sold(unit()) };
    let mut krona = sold(unit());
    krona.price.currency = Currency::parse("ISK").unwrap();
    let cases = [
        (in_arrears, "in advance only"),
        (sold(Scheme::PerUnit(Decimal::new(1, 13))), "more than 12 places"),
        (krona, "Stripe counts ISK in other units"),
    ];
    for (plan, expected) in cases {
        let reason = form(&plan).unwrap_err();
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn a_price_is_recognised_by_what_cannot_change() {
    let new = new_price(
        &plan(Scheme::PerUnit(Decimal::from(9_700)), Some(Interval::MONTHLY)),
        "key",
        "prod",
        Metadata::new(),
    );
    let new = new.unwrap();
    let found = |change: &Value| -> Price {
        let mut price = json!({
            "id": "price_1", "product": "prod", "currency": "usd", "billing_scheme": "per_unit",
            "unit_amount_decimal": "9700", "recurring": {"interval": "month", "interval_count": 1}
        });
        price.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value(price).unwrap()
    };
    let cases = [
        (json!({}), true),
        (json!({"unit_amount_decimal": "9700.00"}), true),
        (json!({"unit_amount_decimal": "9701"}), false),
        (json!({"currency": "eur"}), false),
        (json!({"product": {"id": "other"}}), false),
        (json!({"recurring": null}), false),
        (json!({"recurring": {"interval": "year", "interval_count": 1}}), false),
        (json!({"billing_scheme": "tiered", "tiers_mode": "volume", "unit_amount_decimal": null}), false),
    ];
    for (change, expected) in cases {
        assert_eq!(matches(&found(&change), &new), expected, "{change}");
    }
}
