//! Customers and their payment methods are made at Stripe, once, and are known here by Stripe's id.

use reqwest::Method;
use serde_json::{Value, json};

use super::faults::{Heard, QUICK, cases};
use super::{Bed, until};
use crate::stripe::fake::Fault;
use crate::support::app::Answer;
use crate::support::on_both_engines;

fn person(name: &str) -> Value {
    json!({
        "email": format!("{name}@example.com"), "first_name": "Mary Ann", "last_name": "Smith", "phone": "+1-555-0123",
        "company": "Smith & Co", "payment_method_id": "pm_card_visa", "preferred_currency": "USD",
        "billing_address": {"line1": "1 Main St", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"},
        "metadata": {"acquisition_source": "ads", "seats": 3}
    })
}

impl Bed {
    pub(super) async fn register(&self, name: &str) -> Answer {
        self.ask(Method::POST, "/api/v1/customers", &person(name), name).await
    }

    /// A customer of Stripe's that pays with a card.
    pub(super) async fn payer(&self, name: &str) -> String {
        let made = self.register(name).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["customer_id"].as_str().expect("an id").to_owned()
    }
}

/// What a customer's answer says of the person.
fn said(answer: &Value) -> Value {
    let fields = ["email", "first_name", "last_name", "phone", "company", "billing_address", "metadata"];
    fields.into_iter().map(|field| (field.to_owned(), answer[field].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_made_once() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        for (number, (faults, heard)) in cases().into_iter().enumerate() {
            let (name, label) = (format!("person{number}"), format!("{faults:?} {heard:?}"));
            for fault in &faults {
                bed.fake.fail_next("POST /v1/customers", *fault);
            }
            let hear = async {
                until(|| bed.fake.count("customer") == number + 1).await;
                let email = format!("{name}@example.com");
                let id = bed.fake.newest("customer", "email", &email);
                bed.deliver("customer.created", &id).await;
            };
            let answer = match heard {
                Heard::Before => tokio::join!(bed.register(&name), hear).0,
                Heard::After => {
                    let answer = bed.register(&name).await;
                    hear.await;
                    answer
                }
            };
            assert_eq!(answer.status, 201, "{label}: {}", answer.text);
            bed.app.settle().await;
            let id = answer.json()["customer_id"].as_str().expect("an id").to_owned();
            let known = bed.app.get(&format!("/api/v1/customers/{id}")).await.json();
            let mut expected = said(&person(&name));
            expected["metadata"] = json!({"acquisition_source": "ads", "seats": "3"});
            assert_eq!(said(&known), expected, "{label}");
            let there = bed.fake.object(&id);
            let card = &there["invoice_settings"]["default_payment_method"];
            let cards: Vec<(&Value, &Value)> = known["payment_methods"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|card| (&card["id"], &card["is_default"]))
                .collect();
            assert_eq!(cards, [(card, &json!(true))], "{label}");
            assert_eq!(
                (&known["stripe_customer_id"], &there["name"]),
                (&json!(id), &json!("Mary Ann Smith")),
                "{label}"
            );
            let again = bed.register(&name).await;
            assert_eq!((again.status, again.json()["customer_id"].as_str()), (answer.status, Some(id.as_str())));
            assert_eq!(bed.fake.count("customer"), number + 1, "{label}");
        }
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_belongs_to_one_customer_and_to_none_that_stripe_refused() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        let path = "/api/v1/customers";
        let mut unknown = person("one");
        unknown["payment_method_id"] = json!("pm_nobody_made");
        let refused = bed.ask(Method::POST, path, &unknown, "refused").await;
        let named = refused.text.contains("payment_method_id");
        assert_eq!((refused.status.as_u16(), named), (400, true), "{}", refused.text);
        let customer = bed.payer("one").await;
        let twice = bed.ask(Method::POST, path, &person("one"), "another").await;
        assert_eq!((twice.status.as_u16(), bed.fake.count("customer")), (409, 1), "{}", twice.text);
        // A new address gives the old one back, at Stripe and here.
        let change =
            json!({"email": "two@example.com", "last_name": "Jones", "phone": null, "metadata": {"seats": null}});
        let path = format!("{path}/{customer}");
        bed.fake.fail_next(&format!("POST /v1/customers/{customer}"), Fault::AnswerLost);
        let changed = bed.ask(Method::PUT, &path, &change, "change").await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let mut expected = said(&person("two"));
        expected["last_name"] = json!("Jones");
        expected["phone"] = Value::Null;
        expected["metadata"] = json!({"acquisition_source": "ads"});
        assert_eq!(said(&changed.json()), expected);
        let there = bed.fake.object(&customer);
        let told = (&there["name"], &there["email"], &there["phone"]);
        assert_eq!(told, (&json!("Mary Ann Jones"), &json!("two@example.com"), &Value::Null));
        bed.hear("customer.updated", &customer).await;
        assert_eq!(said(&bed.app.get(&path).await.json()), expected);
        assert_eq!(bed.ask(Method::POST, "/api/v1/customers", &person("two"), "taken").await.status, 409);
        assert_eq!(bed.ask(Method::POST, "/api/v1/customers", &person("one"), "free").await.status, 201);
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_attached_once_and_made_the_default() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        let customer = bed.payer("holder").await;
        let path = format!("/api/v1/customers/{customer}/payment-methods");
        for (number, (faults, heard)) in cases().into_iter().enumerate() {
            let label = format!("{faults:?} {heard:?}");
            let card = bed.fake.add_method("pm_card_visa");
            // Both requests of the call go wrong in turn.
            let requests =
                [format!("POST /v1/payment_methods/{card}/attach"), format!("POST /v1/customers/{customer}")];
            for fault in &faults {
                bed.fake.fail_next(&requests[number % 2], *fault);
            }
            let body = json!({"payment_method_id": card, "set_default": true});
            let answer = bed.ask(Method::POST, &path, &body, &card).await;
            assert_eq!(answer.status, 201, "{label}: {}", answer.text);
            let shown = answer.json();
            assert_eq!(
                (&shown["id"], &shown["is_default"], &shown["last4"]),
                (&json!(card), &json!(true), &json!("4242"))
            );
            let there = bed.fake.object(&customer);
            assert_eq!(there["invoice_settings"]["default_payment_method"], json!(card), "{label}");
            assert_eq!(bed.fake.object(&card)["customer"], json!(customer), "{label}");
            let gone = bed.ask(Method::DELETE, &format!("{path}/{card}"), &json!({}), &format!("{card}-gone")).await;
            assert_eq!((gone.status.as_u16(), &bed.fake.object(&card)["customer"]), (200, &Value::Null), "{label}");
            bed.app.settle().await;
            let left = bed.app.get(&path).await.json();
            let left = left["payment_methods"].as_array().expect("a list").iter().map(|card| card["id"].clone());
            assert!(!left.into_iter().any(|id| id == card), "{label}");
        }
        bed.app.stop().await;
    })
    .await;
}
