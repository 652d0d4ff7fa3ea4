//! Subscriptions: of 2013, of 2018, and the same facts in the last four major versions.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{CREATED, at, customer, event, fact, seal, updated, with};
use crate::command::Command;
use crate::id::{InvoiceId, PaymentMethodId, PlanId};
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::{Discount, Duration, Interval, IntervalUnit, Item, Off, Price, Scheme, Tier, Usage};
use crate::stamp::Stamp;
use crate::subscription::{
    CancelReason, Collection, CycleMove, PauseBehavior, PauseCollection, Standing, SubscriptionCommand,
    SubscriptionSnapshot, Terms,
};
use crate::time::Period;

fn reported(event: &Value) -> (Stamp, SubscriptionSnapshot) {
    let Command::Subscription(_, SubscriptionCommand::Report { stamp, snapshot, .. }) = fact(event) else {
        panic!("no report: {event}");
    };
    (stamp, *snapshot)
}

fn snapshot(kind: &str, object: &Value) -> SubscriptionSnapshot {
    reported(&event(kind, object)).1
}

fn item(id: Option<&str>, plan: &str, name: Option<&str>, minor: i64, quantity: u64) -> Item {
    Item {
        id: id.map(str::to_owned),
        plan: PlanId::parse(plan).unwrap(),
        name: name.map(str::to_owned),
        price: Price::per_unit(minor, Currency::USD, Some(Interval::MONTHLY)),
        quantity,
        version: None,
        billing: crate::pricing::Billing::InAdvance,
        metric: None,
    }
}

fn terms(items: Vec<Item>) -> Terms {
    Terms {
        items,
        currency: Currency::USD,
        created_at: at(1000),
        started_at: at(1000),
        anchor: at(1000),
        period: Some(Period { start: at(2000), end: at(3000) }),
        trial: None,
        discounts: Vec::new(),
        cancel_at: None,
        cancel_at_period_end: false,
        canceled_at: None,
        collection: Collection::ChargeAutomatically,
        pause_collection: None,
        payment_method: None,
        latest_invoice: None,
        metadata: None,
        anchor_rule: None,
        zone: None,
        billed: Vec::new(),
        scheduled: None,
        trial_end_announced: false,
        days_until_due: None,
        cycle_move: CycleMove::default(),
    }
}

fn active(terms: Terms) -> SubscriptionSnapshot {
    SubscriptionSnapshot { customer: customer("cus_1"), origin: Origin::Stripe, standing: Standing::Active {}, terms }
}

#[test]
fn a_subscription_of_2013_has_one_plan_and_no_items() {
    let object = json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "trialing", "quantity": 3, "start": 1000,
        "plan": {"id": "gold", "object": "plan", "name": "Gold", "amount": 1000, "currency": "usd", "interval": "month",
            "interval_count": 1, "trial_period_days": 3},
        "current_period_start": 2000, "current_period_end": 3000, "trial_start": 2000, "trial_end": 3000,
        "cancel_at_period_end": true, "canceled_at": 2500, "ended_at": null,
        "discount": {"object": "discount", "customer": "cus_1", "start": 1500, "end": 9000, "coupon":
            {"id": "25OFF", "percent_off": 25, "amount_off": null, "currency": "usd", "duration": "repeating", "duration_in_months": 3}},
    });
    let trial = Period { start: at(2000), end: at(3000) };
    let expected = SubscriptionSnapshot {
        standing: Standing::Trialing { trial },
        ..active(Terms {
            anchor: at(3000),
            trial: Some(trial),
            cancel_at: Some(at(3000)),
            cancel_at_period_end: true,
            canceled_at: Some(at(2500)),
            discounts: vec![Discount {
                coupon: "25OFF".to_owned(),
                off: Off::Percent(Decimal::from(25)),
                duration: Duration::Repeating { months: 3 },
                start: at(1500),
                end: Some(at(9000)),
            }],
            ..terms(vec![item(None, "gold", Some("Gold"), 1000, 3)])
        })
    };
    assert_eq!(snapshot("customer.subscription.trial_will_end", &object), expected);
}

/// What each version adds to the fields that all have in common.
fn versions() -> [(&'static str, Value); 5] {
    let price = json!({"id": "price_1", "object": "price", "currency": "usd", "nickname": "Gold", "unit_amount": 1000,
        "unit_amount_decimal": "1000", "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"}});
    let plan = json!({"id": "price_1", "object": "plan", "currency": "usd", "nickname": "Gold", "amount": 1000,
        "amount_decimal": "1000", "interval": "month", "interval_count": 1, "usage_type": "licensed"});
    let coupon = json!({"id": "ten", "object": "coupon", "percent_off": null, "amount_off": 500, "currency": "usd",
        "duration": "forever"});
    let discount = json!({"id": "di_1", "object": "discount", "start": 1000, "end": null});
    let old = with(&discount, &json!({"coupon": coupon}));
    let new = with(&discount, &json!({"source": {"type": "coupon", "coupon": coupon}}));
    let period = json!({"current_period_start": 2000, "current_period_end": 3000});
    let list = |item: &Value| json!({"object": "list", "data": [item]});
    let bare = json!({"id": "si_1", "object": "subscription_item", "plan": plan, "quantity": 2});
    let priced = with(&bare, &json!({"price": price}));
    let dated = with(&priced, &period);
    let of_2018 = with(&period, &json!({"items": list(&bare), "discount": old}));
    let acacia = with(
        &period,
        &json!({"items": list(&priced), "discount": old, "discounts": ["di_1"], "plan": plan, "quantity": 2}),
    );
    let expanded = json!({"customer": {"id": "cus_1", "object": "customer"}, "latest_invoice": {"id": "in_1", "object": "invoice"}});
    let clover = json!({"items": list(&dated), "discounts": [new]});
    [
        ("2018", of_2018),
        ("acacia", acacia),
        ("basil", json!({"items": list(&dated), "discounts": [old]})),
        ("clover", clover.clone()),
        ("dahlia", with(&clover, &expanded)),
    ]
}

#[test]
fn the_same_subscription_reads_the_same_in_every_version() {
    let common = json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "created": 1000,
        "start_date": 1000, "billing_cycle_anchor": 1000, "currency": "usd", "collection_method": "send_invoice",
        "default_payment_method": "pm_1", "latest_invoice": "in_1", "metadata": {"seats": "2", "a": "b"},
        "pause_collection": {"behavior": "void", "resumes_at": 5000},
    });
    let expected = active(Terms {
        discounts: vec![Discount {
            coupon: "ten".to_owned(),
            off: Off::Amount { minor: 500, currency: Currency::USD },
            duration: Duration::Forever,
            start: at(1000),
            end: None,
        }],
        collection: Collection::SendInvoice,
        pause_collection: Some(PauseCollection { behavior: PauseBehavior::Void, resumes_at: Some(at(5000)) }),
        payment_method: PaymentMethodId::parse("pm_1").ok(),
        latest_invoice: InvoiceId::parse("in_1").ok(),
        metadata: Some(seal(r#"{"a":"b","seats":"2"}"#)),
        ..terms(vec![item(Some("si_1"), "price_1", Some("Gold"), 1000, 2)])
    });
    let read = |(version, extra): (&'static str, Value)| {
        let (stamp, snapshot) = reported(&event("customer.subscription.updated", &with(&common, &extra)));
        assert_eq!(snapshot, expected, "{version}");
        stamp.digest
    };
    let digests = versions().map(read);
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
}

#[test]
fn every_status_has_its_standing() {
    let since = at(2000);
    let canceled = |reason| Standing::Canceled { at: at(2600), reason };
    let trial = json!({"trial_start": 1000, "trial_end": 2600,
        "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}});
    let details = |reason: &str| json!({"cancellation_details": {"reason": reason}});
    let cases = [
        ("incomplete", json!({}), Standing::Incomplete {}),
        ("incomplete_expired", json!({}), Standing::IncompleteExpired { at: at(2600) }),
        ("trialing", trial.clone(), Standing::Trialing { trial: Period { start: at(1000), end: at(2600) } }),
        ("active", json!({}), Standing::Active {}),
        ("past_due", json!({}), Standing::PastDue { since }),
        ("past_due", json!({"current_period_start": CREATED + 100}), Standing::PastDue { since: at(CREATED) }),
        ("unpaid", json!({}), Standing::Unpaid { since }),
        ("paused", trial.clone(), Standing::Paused { since: at(2600), resumes_at: None, past_due_since: None }),
        ("paused", json!({}), Standing::Paused { since: at(CREATED), resumes_at: None, past_due_since: None }),
        ("canceled", json!({}), canceled(CancelReason::Unknown)),
        ("canceled", details("cancellation_requested"), canceled(CancelReason::Requested)),
        ("canceled", details("payment_failed"), canceled(CancelReason::PaymentFailed)),
        ("canceled", details("payment_disputed"), canceled(CancelReason::PaymentDisputed)),
        ("canceled", trial, canceled(CancelReason::TrialEndedWithoutPaymentMethod)),
        (
            "canceled",
            json!({"ended_at": null, "canceled_at": null}),
            Standing::Canceled { at: at(CREATED), reason: CancelReason::Unknown },
        ),
    ];
    for (status, extra, expected) in cases {
        let mut object = json!({"id": "sub_1", "customer": "cus_1", "currency": "usd", "created": 1000, "status": status,
            "current_period_start": 2000, "current_period_end": CREATED + 3000, "ended_at": 2600});
        object = with(&object, &extra);
        let (stamp, read) = reported(&event("customer.subscription.updated", &object));
        assert_eq!(
            (read.standing, stamp.phase),
            (expected.clone(), u8::from(expected.is_terminal())),
            "{status} {extra}"
        );
    }
    let deleted = json!({"id": "sub_1", "customer": "cus_1", "currency": "usd", "status": "active", "ended_at": 2600});
    assert_eq!(snapshot("customer.subscription.deleted", &deleted).standing, canceled(CancelReason::Unknown));
}

#[test]
fn prices_of_every_kind_are_read() {
    let monthly = Some(Interval::MONTHLY);
    let price = |scheme, interval, usage| Price { currency: Currency::USD, scheme, interval, usage };
    let unit = |text: &str| Scheme::PerUnit(text.parse().unwrap());
    let tiers = json!([{"up_to": 10, "unit_amount": 100, "unit_amount_decimal": "100", "flat_amount": 500},
        {"up_to": null, "unit_amount": null, "unit_amount_decimal": "99.5", "flat_amount": null}]);
    let read_tiers = || {
        vec![
            Tier { up_to: Some(10), unit_minor: Decimal::from(100), flat_minor: Decimal::from(500) },
            Tier { up_to: None, unit_minor: "99.5".parse().unwrap(), flat_minor: Decimal::ZERO },
        ]
    };
    let recurring = json!({"interval": "month", "interval_count": 1, "usage_type": "licensed"});
    let metered = json!({"interval": "month", "interval_count": 1, "usage_type": "metered"});
    let cases = [
        (
            json!({"unit_amount_decimal": "0.05", "recurring": recurring}),
            7,
            7,
            price(unit("0.05"), monthly, Usage::Licensed),
        ),
        (
            json!({"unit_amount": 100, "recurring": {"interval": "week", "interval_count": 2}}),
            1,
            1,
            price(unit("100"), Some(Interval { unit: IntervalUnit::Week, count: 2 }), Usage::Licensed),
        ),
        (
            json!({"unit_amount": 100, "type": "one_time", "recurring": null}),
            1,
            1,
            price(unit("100"), None, Usage::Licensed),
        ),
        (json!({"unit_amount": 100, "recurring": metered}), 1, 1, price(unit("100"), monthly, Usage::Metered)),
        (
            json!({"tiers": tiers, "tiers_mode": "volume", "billing_scheme": "tiered", "recurring": recurring}),
            1,
            1,
            price(Scheme::Volume(read_tiers()), monthly, Usage::Licensed),
        ),
        (
            json!({"tiers": tiers, "tiers_mode": "graduated", "billing_scheme": "tiered", "recurring": recurring}),
            1,
            1,
            price(Scheme::Graduated(read_tiers()), monthly, Usage::Licensed),
        ),
        (
            json!({"unit_amount": 100, "recurring": recurring, "transform_quantity": {"divide_by": 10, "round": "up"}}),
            25,
            3,
            price(unit("100"), monthly, Usage::Licensed),
        ),
        (
            json!({"unit_amount": 100, "recurring": recurring, "transform_quantity": {"divide_by": 10, "round": "down"}}),
            25,
            2,
            price(unit("100"), monthly, Usage::Licensed),
        ),
    ];
    for (extra, quantity, expected_quantity, expected) in cases {
        let mut sold = json!({"id": "price_1", "currency": "usd"});
        sold.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let object = json!({"id": "sub_1", "customer": "cus_1", "status": "active",
            "items": {"data": [{"id": "si_1", "price": sold, "quantity": quantity}]}});
        let items = snapshot("customer.subscription.created", &object).terms.items;
        assert_eq!(items.len(), 1, "{extra}");
        assert_eq!((&items[0].price, items[0].quantity), (&expected, expected_quantity), "{extra}");
    }
}

#[test]
fn an_update_names_the_report_before_it() {
    let before = json!({"id": "sub_1", "customer": "cus_1", "currency": "usd", "created": 1000, "status": "incomplete",
        "metadata": {"a": "1"}, "current_period_start": 2000, "current_period_end": 3000});
    let mut after = before.clone();
    after["status"] = json!("active");
    after["metadata"] = json!({"a": "1", "b": "2"});
    let previous = json!({"status": "incomplete", "metadata": {"b": null}});
    let created = reported(&event("customer.subscription.created", &before)).0;
    let changed = reported(&updated("customer.subscription.updated", &after, &previous)).0;
    assert_eq!((created.before, created.rank, created.event.as_str()), (None, 0, "evt_1"));
    assert_eq!((changed.before, changed.rank, changed.event.as_str()), (Some(created.digest), 10, "evt_2"));
    assert_ne!(changed.digest, created.digest);
    let unchanged = reported(&updated("customer.subscription.updated", &after, &json!({}))).0;
    assert_eq!((unchanged.before, unchanged.digest), (None, changed.digest));
}
