//! Customers and their payment methods, of 2012 and of today.

use serde_json::{Value, json};

use super::{at, event, fact, facts, seal, updated};
use crate::command::Command;
use crate::customer::{CustomerCommand, CustomerSnapshot, PaymentMethod, PaymentMethodKind, Profile};
use crate::id::PaymentMethodId;
use crate::money::Currency;
use crate::origin::Origin;
use crate::sealed::BlindIndex;
use crate::stamp::Stamp;

fn reported(event: &Value) -> (Stamp, CustomerSnapshot) {
    let Command::Customer(_, CustomerCommand::Report { stamp, snapshot, .. }) = fact(event) else {
        panic!("no report: {event}");
    };
    (stamp, *snapshot)
}

fn method(event: &Value) -> (Stamp, PaymentMethod) {
    let Some(Command::Customer(_, CustomerCommand::ReportPaymentMethod { stamp, method, .. })) =
        facts(event).into_iter().nth(1)
    else {
        panic!("no report after the mention: {event}");
    };
    (stamp, method)
}

#[test]
fn a_customer_of_2012_has_an_active_card() {
    let object = json!({"id": "cus_1", "object": "customer", "created": 1000, "account_balance": -200, "delinquent": true,
        "email": " Ada@Example.COM ", "description": null, "active_card": {"id": "cc_1", "object": "card", "last4": "4242"}});
    let expected = CustomerSnapshot {
        profile: Profile {
            email: Some(seal(" Ada@Example.COM ")),
            email_index: Some(BlindIndex::from_hash("index(ada@example.com)".to_owned())),
            ..Profile::default()
        },
        origin: Origin::Stripe,
        created_at: Some(at(1000)),
        default_payment_method: PaymentMethodId::parse("cc_1").ok(),
        balance_minor: -200,
        delinquent: true,
        deleted: false,
    };
    let (stamp, read) = reported(&event("customer.created", &object));
    assert_eq!((stamp.phase, stamp.rank, read), (0, 0, expected.clone()));
    let (stamp, read) = reported(&event("customer.deleted", &object));
    assert_eq!((stamp.phase, stamp.rank, read), (1, 90, CustomerSnapshot { deleted: true, ..expected }));
}

#[test]
fn a_customer_of_today_is_sealed_but_for_country_and_source() {
    let object = json!({
        "id": "cus_1", "object": "customer", "created": 1000, "balance": 300, "currency": "eur", "delinquent": false,
        "email": null, "name": "Ada", "phone": "+44", "address": {"line1": "1 Road", "country": "gb", "city": null},
        "metadata": {"zeta": "1", "acquisition_source": "ads"}, "default_source": "card_1",
        "invoice_settings": {"default_payment_method": "pm_1"},
    });
    let expected = CustomerSnapshot {
        profile: Profile {
            name: Some(seal("Ada")),
            phone: Some(seal("+44")),
            address: Some(seal(r#"{"country":"gb","line1":"1 Road"}"#)),
            country: Some("GB".to_owned()),
            currency: Some(Currency::EUR),
            metadata: Some(seal(r#"{"acquisition_source":"ads","zeta":"1"}"#)),
            acquisition_source: Some("ads".to_owned()),
            ..Profile::default()
        },
        origin: Origin::Stripe,
        created_at: Some(at(1000)),
        default_payment_method: PaymentMethodId::parse("pm_1").ok(),
        balance_minor: 300,
        delinquent: false,
        deleted: false,
    };
    assert_eq!(reported(&event("customer.updated", &object)).1, expected);
}

#[test]
fn a_default_method_set_later_names_the_report_before() {
    let before = json!({"id": "cus_1", "object": "customer", "created": 1000, "invoice_settings": {"default_payment_method": null, "footer": null}});
    let mut after = before.clone();
    after["invoice_settings"]["default_payment_method"] = json!("pm_1");
    let previous = json!({"invoice_settings": {"default_payment_method": null}});
    let created = reported(&event("customer.created", &before)).0;
    assert_eq!(reported(&updated("customer.updated", &after, &previous)).0.before, Some(created.digest));
}

#[test]
fn payment_methods_of_every_age_are_read() {
    use PaymentMethodKind::{BankAccount, Card, Other};
    let read = |id: &str, kind, brand: Option<&str>, last4: Option<&str>, expiry: Option<(u8, u16)>| PaymentMethod {
        id: PaymentMethodId::parse(id).unwrap(),
        kind,
        brand: brand.map(str::to_owned),
        last4: last4.map(seal),
        exp_month: expiry.map(|(month, _)| month),
        exp_year: expiry.map(|(_, year)| year),
        attached: true,
    };
    let cases = [
        (
            "customer.card.created",
            json!({"id": "card_1", "object": "card", "type": "American Express", "last4": "0005", "exp_month": "8",
            "exp_year": "2013", "customer": "cus_1"}),
            read("card_1", Card, Some("amex"), Some("0005"), Some((8, 2013))),
        ),
        (
            "customer.source.updated",
            json!({"id": "card_1", "object": "card", "brand": "Visa", "last4": "4242", "exp_month": 8, "exp_year": 2030,
            "customer": "cus_1"}),
            read("card_1", Card, Some("visa"), Some("4242"), Some((8, 2030))),
        ),
        (
            "customer.source.created",
            json!({"id": "src_1", "object": "source", "type": "card", "customer": "cus_1",
            "card": {"brand": "Visa", "last4": "4242", "exp_month": 8, "exp_year": 2030}}),
            read("src_1", Card, Some("visa"), Some("4242"), Some((8, 2030))),
        ),
        (
            "customer.source.created",
            json!({"id": "src_1", "object": "source", "type": "ach_credit_transfer", "customer": "cus_1",
            "ach_credit_transfer": {"bank_name": "TEST BANK"}}),
            read("src_1", Other, Some("TEST BANK"), None, None),
        ),
        (
            "customer.bank_account.created",
            json!({"id": "ba_1", "object": "bank_account", "bank_name": "TEST BANK", "last4": "6789",
            "customer": "cus_1"}),
            read("ba_1", BankAccount, Some("TEST BANK"), Some("6789"), None),
        ),
        (
            "payment_method.attached",
            json!({"id": "pm_1", "object": "payment_method", "type": "card", "customer": {"id": "cus_1"},
            "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030}}),
            read("pm_1", Card, Some("visa"), Some("4242"), Some((8, 2030))),
        ),
        (
            "payment_method.attached",
            json!({"id": "pm_1", "object": "payment_method", "type": "us_bank_account", "customer": "cus_1",
            "us_bank_account": {"bank_name": "TEST BANK", "last4": "6789"}}),
            read("pm_1", BankAccount, Some("TEST BANK"), Some("6789"), None),
        ),
        (
            "payment_method.attached",
            json!({"id": "pm_1", "object": "payment_method", "type": "link", "customer": "cus_1", "link": {}}),
            read("pm_1", Other, None, None, None),
        ),
    ];
    for (kind, object, expected) in cases {
        let (stamp, method) = method(&event(kind, &object));
        assert_eq!((method, stamp.phase), (expected, 0), "{kind} {object}");
    }
}

#[test]
fn a_detached_method_belongs_to_whom_it_was_taken_from() {
    let card = json!({"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030});
    let object = json!({"id": "pm_1", "object": "payment_method", "type": "card", "customer": null, "card": card});
    let attached = json!({"id": "pm_1", "object": "payment_method", "type": "card", "customer": "cus_1", "card": card});
    let (first, known) = method(&event("payment_method.attached", &attached));
    let (stamp, gone) = method(&updated("payment_method.detached", &object, &json!({"customer": "cus_1"})));
    assert_eq!((stamp.phase, stamp.rank, stamp.before), (1, 90, Some(first.digest)));
    assert_eq!(gone, PaymentMethod { attached: false, ..known });
    let deleted = json!({"id": "card_1", "object": "card", "customer": "cus_1"});
    assert!(!method(&event("customer.source.deleted", &deleted)).1.attached);
}
