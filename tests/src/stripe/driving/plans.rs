//! Subscriptions are made at Stripe, once, with what they begin with: invoice, charge, trial and coupon.

use reqwest::Method;
use serde_json::{Value, json};

use super::faults::{Heard, QUICK, cases};
use super::{Bed, set_up, until};
use crate::support::app::Answer;
use crate::support::on_both_engines;

impl Bed {
    pub(super) async fn subscribe(&self, customer: &str, further: Value) -> Answer {
        let mut body = json!({"customer_id": customer, "plan_id": "community_access"});
        crate::stripe::fake::merge(&mut body, further);
        self.ask(Method::POST, "/api/v1/subscriptions", &body, &format!("subscribe-{customer}")).await
    }

    /// A running subscription that was made through Daybook.
    pub(super) async fn member(&self, name: &str) -> String {
        let customer = self.payer(name).await;
        let made = self.subscribe(&customer, json!({})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["subscription_id"].as_str().expect("an id").to_owned()
    }
}

/// What an answer says of a subscription's terms.
pub(super) fn gist(answer: &Value) -> Value {
    let fields = ["plan_id", "status", "quantity", "amount", "cancel_at_period_end"];
    fields.into_iter().map(|field| (field.to_owned(), answer[field].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_made_and_charged_once() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &QUICK).await;
        set_up(&bed.fake).await;
        for (number, (faults, heard)) in cases().into_iter().enumerate() {
            let label = format!("{faults:?} {heard:?}");
            let customer = bed.payer(&format!("member{number}")).await;
            for fault in &faults {
                bed.fake.fail_next("POST /v1/subscriptions", *fault);
            }
            let hear = async {
                until(|| bed.fake.count("subscription") == number + 1).await;
                let subscription = bed.fake.newest("subscription", "customer", &customer);
                let invoice = bed.fake.newest("invoice", "customer", &customer);
                let payment = bed.fake.newest("payment_intent", "customer", &customer);
                bed.deliver("payment_intent.succeeded", &payment).await;
                bed.deliver("invoice.paid", &invoice).await;
                bed.deliver("customer.subscription.created", &subscription).await;
            };
            let further = json!({"quantity": 2, "metadata": {"cohort": "spring"}});
            let answer = match heard {
                Heard::Before => tokio::join!(bed.subscribe(&customer, further.clone()), hear).0,
                Heard::After => {
                    let answer = bed.subscribe(&customer, further.clone()).await;
                    let books = bed.books().await;
                    hear.await;
                    assert_eq!(bed.books().await, books, "{label}");
                    answer
                }
            };
            assert_eq!(answer.status, 201, "{label}: {}", answer.text);
            bed.app.settle().await;
            let id = answer.json()["subscription_id"].as_str().expect("an id").to_owned();
            let known = bed.app.get(&format!("/api/v1/subscriptions/{id}")).await.json();
            let expected = json!({
                "plan_id": "community_access", "status": "active", "quantity": 2, "amount": 194.0,
                "cancel_at_period_end": false
            });
            assert_eq!(gist(&known), expected, "{label}");
            let invoice = bed.fake.object(&id)["latest_invoice"].as_str().expect("an invoice").to_owned();
            assert_eq!(known["latest_invoice"]["invoice_id"], json!(invoice), "{label}");
            assert_eq!(bed.standing(&invoice).await, ("paid".to_owned(), "194.0".to_owned(), 1), "{label}");
            let again = bed.subscribe(&customer, further).await;
            assert_eq!((again.status, &again.json()["subscription_id"]), (answer.status, &json!(id)), "{label}");
            let made = (bed.fake.count("subscription"), bed.fake.count("invoice"), bed.fake.charges().len());
            assert_eq!(made, (number + 1, number + 1, number + 1), "{label}");
            assert_eq!(bed.fake.object(&id)["metadata"]["cohort"], "spring", "{label}");
        }
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_begins_as_it_was_asked_to() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        set_up(&bed.fake).await;
        let trial = json!({"trial_period_days": 7});
        let discount = json!({"discount_code": "NEWCLIENT20"});
        let several = json!({"plan_id": null, "items": [
            {"plan_id": "community_access", "quantity": 3}, {"plan_id": "group_coaching"}
        ]});
        let sent = json!({"collection_method": "send_invoice", "days_until_due": 14});
        // What it is, what its first invoice came to, and how often the card was charged.
        let cases = [
            ("trial", trial, "trialing", ("paid", "0.0", 0), 0),
            ("discount", discount, "active", ("paid", "77.6", 1), 1),
            ("several", several, "active", ("paid", "1791.0", 1), 1),
            ("sent", sent, "active", ("open", "0.0", 0), 0),
        ];
        for (name, further, status, invoice, charges) in cases {
            let customer = bed.payer(name).await;
            let before = bed.fake.charges().len();
            let made = bed.subscribe(&customer, further).await;
            assert_eq!(made.status, 201, "{name}: {}", made.text);
            let made = made.json();
            assert_eq!(made["status"], status, "{name}: {made:#}");
            let latest = made["latest_invoice"]["invoice_id"].as_str().expect("an invoice");
            let (stands, paid, attempts) = invoice;
            assert_eq!(bed.standing(latest).await, (stands.to_owned(), paid.to_owned(), attempts), "{name}");
            assert_eq!(bed.fake.charges().len() - before, charges, "{name}");
            let code = if name == "discount" { json!("NEWCLIENT20") } else { Value::Null };
            assert_eq!(made["discount"]["code"], code, "{name}");
        }
        assert_eq!(bed.fake.count("coupon"), 1);
        bed.app.stop().await;
    })
    .await;
}

/// The subscription is there all the same, and waits for a card that pays.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_says_no_leaves_it_incomplete() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &[]).await;
        set_up(&bed.fake).await;
        let customer = bed.payer("poor").await;
        let path = format!("/api/v1/customers/{customer}/payment-methods");
        let card = bed.fake.add_method("pm_card_chargeDeclinedInsufficientFunds");
        let body = json!({"payment_method_id": card});
        assert_eq!(bed.ask(Method::POST, &path, &body, "attach").await.status, 201);
        let made = bed.subscribe(&customer, json!({"payment_method_id": card})).await;
        assert_eq!((made.status.as_u16(), &made.json()["status"]), (201, &json!("incomplete")), "{}", made.text);
        let invoice = made.json()["latest_invoice"]["invoice_id"].as_str().expect("an invoice").to_owned();
        assert_eq!(bed.standing(&invoice).await, ("open".to_owned(), "0.0".to_owned(), 1));
        bed.hear("invoice.payment_failed", &invoice).await;
        assert_eq!(bed.standing(&invoice).await, ("open".to_owned(), "0.0".to_owned(), 1));
        assert_eq!((bed.fake.charges().len(), bed.fake.charge_attempts()), (0, 1));
        bed.app.stop().await;
    })
    .await;
}
