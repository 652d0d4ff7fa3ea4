//! What Daybook told Stripe in its own names comes back as what it was, and is never shown as the customer's metadata.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{at, event, fact, seal, with};
use crate::command::Command;
use crate::customer::{CustomerCommand, Profile};
use crate::id::ProcessorCallId;
use crate::money::Currency;
use crate::policy::stripe::{Reading, react_to_answer};
use crate::sealed::{BlindIndex, Sealer};
use crate::subscription::{SubscriptionCommand, Terms};

fn profile(object: &Value) -> Profile {
    let Command::Customer(_, CustomerCommand::Report { snapshot, .. }) = fact(&event("customer.updated", object))
    else {
        panic!("no report: {object}");
    };
    snapshot.profile
}

fn terms(object: &Value) -> Terms {
    let fact = fact(&event("customer.subscription.updated", object));
    let Command::Subscription(_, SubscriptionCommand::Report { snapshot, .. }) = fact else {
        panic!("no report: {object}");
    };
    snapshot.terms
}

#[test]
fn what_stripe_has_no_field_for_is_in_the_metadata() {
    let object = json!({"id": "cus_1", "object": "customer", "created": 1000, "name": "Mary Ann Smith", "metadata": {
        "daybook_call": "pc_1", "daybook_first_name": "Mary Ann", "daybook_last_name": "Smith",
        "daybook_company": "Smith & Co", "daybook_currency": "EUR", "cohort": "spring"
    }});
    let expected = Profile {
        first_name: Some(seal("Mary Ann")),
        last_name: Some(seal("Smith")),
        name: Some(seal("Mary Ann Smith")),
        company: Some(seal("Smith & Co")),
        currency: Some(Currency::EUR),
        metadata: Some(seal(r#"{"cohort":"spring"}"#)),
        ..Profile::default()
    };
    assert_eq!(profile(&object), expected);
    // The name was changed at Stripe since, and the account bills in a currency by now.
    let renamed = with(&object, &json!({"name": "Mary Jones", "currency": "usd"}));
    let expected = Profile {
        first_name: None,
        last_name: None,
        name: Some(seal("Mary Jones")),
        currency: Some(Currency::USD),
        ..expected
    };
    assert_eq!(profile(&renamed), expected);
    let bare = with(&object, &json!({"name": null, "metadata": {"daybook_call": "pc_1"}}));
    assert_eq!(profile(&bare), Profile::default());
}

#[test]
fn a_price_of_a_plan_is_that_plan_and_a_coupon_of_a_code_that_code() {
    let price = json!({"id": "price_1", "unit_amount": 9700, "currency": "usd", "recurring": {"interval": "month"},
        "metadata": {"daybook_plan": "community_access", "daybook_version": "2"}});
    let coupon =
        json!({"id": "coaching_NEW_1", "percent_off": 20, "duration": "once", "metadata": {"daybook_coupon": "NEW"}});
    let object = |price: &Value, coupon: &Value| {
        json!({
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "created": 1000, "status": "active", "currency": "usd",
            "items": {"data": [{"id": "si_1", "price": price, "quantity": 1}]}, "metadata": {"daybook_call": "pc_1"},
            "discounts": [{"id": "di_1", "source": {"type": "coupon", "coupon": coupon}}]
        })
    };
    let other_price = with(&price, &json!({"metadata": {"daybook_plan": "no/plan"}}));
    let other_coupon = with(&coupon, &json!({"metadata": {"daybook_coupon": "said by a person"}}));
    for (price, coupon, plan, version, code) in [
        (&price, &coupon, "community_access", Some(2), "NEW"),
        (&other_price, &other_coupon, "price_1", None, "coaching_NEW_1"),
    ] {
        let terms = terms(&object(price, coupon));
        let sold: Vec<(&str, Option<u32>)> =
            terms.items.iter().map(|item| (item.plan.as_str(), item.version)).collect();
        let codes: Vec<&str> = terms.discounts.iter().map(|discount| discount.coupon.as_str()).collect();
        assert_eq!((sold, codes, terms.metadata), (vec![(plan, version)], vec![code], None));
    }
}

/// An answer counts as old as it can be, and nothing is older than what it is about.
#[test]
fn an_answer_is_dated_by_its_request_or_by_what_was_made() {
    let asked_at = at(5000);
    let dated = |kind: &str, object: &Value| -> Timestamp {
        let sealer = Sealer { seal: &seal, email_index: &|email| BlindIndex::from_hash(email.to_owned()) };
        let call = ProcessorCallId::parse("pc_1").unwrap();
        let Reading::Facts(facts) = react_to_answer(&call, 7, kind, object, asked_at, &sealer) else {
            panic!("ignored: {object}");
        };
        let [Command::Customer(_, CustomerCommand::Report { stamp, .. })] = facts.as_slice() else {
            panic!("no report: {facts:?}");
        };
        stamp.created
    };
    let cases = [
        ("customer.created", json!(4000), 4000),
        ("customer.created", json!(6000), 6000),
        ("customer.created", Value::Null, 5000),
        ("customer.updated", json!(4000), 5000),
        ("customer.updated", json!(6000), 6000),
        ("customer.updated", Value::Null, 5000),
    ];
    for (kind, created, expected) in cases {
        let object = json!({"id": "cus_1", "object": "customer", "created": created});
        assert_eq!(dated(kind, &object), at(expected), "{kind} {created}");
    }
}
