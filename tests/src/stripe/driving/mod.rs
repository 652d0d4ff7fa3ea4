//! A tenant of Stripe over real sockets on both sides: what is asked over HTTP is done at Stripe once, whatever fails or
//! crashes on the way, and our ledger says so.

mod crashes;
mod deeds;
mod faults;
mod people;
mod plans;
mod refused;
mod terms;

use api::catalogue::SoldPlan;
use api::stripe::client::{CustomerFields, IdempotencyKey, NewPaymentIntent, StripeClient, Timing};
use domain::money::Currency;
use reqwest::Method;
use serde_json::{Value, json};

use super::fake::{FakeStripe, NOW_S, merge};
use crate::support::TestApp;
use crate::support::app::{Answer, tenant};

const AMOUNT_MINOR: i64 = 50_000;

/// A fake account, and Daybook that drives it.
struct Bed {
    fake: FakeStripe,
    app: TestApp,
}

impl Bed {
    async fn start(url: &str, further: &[(&str, &str)]) -> Self {
        let fake = FakeStripe::start().await;
        let app = TestApp::start_with(url, &settings(&fake, further)).await;
        Self { fake, app }
    }

    /// A payment that was taken at Stripe and came in as an event.
    async fn payment(&self, name: &str) -> String {
        let client = self.fake.client(Timing::default());
        let customer = self.customer(&client, name).await;
        let intent = NewPaymentIntent {
            amount_minor: AMOUNT_MINOR,
            currency: Currency::USD,
            customer: Some(customer),
            payment_method: Some("pm_card_visa".to_owned()),
            confirm: true,
            off_session: Some(true),
            description: None,
            metadata: [].into(),
        };
        let intent = client.create_payment_intent(&key(name, "intent"), &intent).await.expect("a payment").id;
        self.hear("payment_intent.succeeded", &intent).await;
        intent
    }

    /// An open invoice that came in as an event, to be paid with this card.
    async fn invoice(&self, name: &str, card: &str) -> String {
        let customer = self.customer(&self.fake.client(Timing::default()), name).await;
        let invoice = self.fake.add_invoice(AMOUNT_MINOR);
        let mut object = self.fake.object(&invoice);
        merge(&mut object, json!({"customer": customer, "default_payment_method": card}));
        self.fake.put(object);
        self.hear("invoice.finalized", &invoice).await;
        invoice
    }

    /// A running subscription that came in as an event.
    async fn subscription(&self, name: &str) -> String {
        let customer = self.customer(&self.fake.client(Timing::default()), name).await;
        let id = format!("sub_{name}");
        let price = json!({"id": "price_1", "currency": "usd", "unit_amount": AMOUNT_MINOR, "recurring": {"interval": "month"}});
        self.fake.put(json!({
            "id": id, "object": "subscription", "created": NOW_S, "customer": customer, "currency": "usd", "status": "active",
            "cancel_at_period_end": false, "canceled_at": null, "items": {"object": "list", "data": [{
                "id": format!("si_{name}"), "object": "subscription_item", "price": price, "quantity": 1,
                "current_period_start": NOW_S, "current_period_end": NOW_S + 30 * 86_400
            }]}
        }));
        self.hear("customer.subscription.created", &id).await;
        id
    }

    async fn customer(&self, client: &StripeClient, name: &str) -> String {
        let customer = client.create_customer(&key(name, "customer"), &CustomerFields::default()).await;
        customer.expect("a customer").id
    }

    /// Delivers the object as it stands at Stripe, and waits until it is taken in.
    async fn hear(&self, kind: &str, id: &str) {
        self.deliver(kind, id).await;
        self.app.settle().await;
    }

    async fn deliver(&self, kind: &str, id: &str) {
        self.deliver_as(kind, id, "").await;
    }

    /// One of several events of a kind about an object.
    async fn deliver_as(&self, kind: &str, id: &str, which: &str) {
        let object = self.fake.object(id);
        let event = json!({
            "object": "event", "id": format!("evt_{kind}_{id}{which}"), "type": kind, "api_version": "2026-03-25.dahlia",
            "created": object["created"], "livemode": false, "data": {"object": object}
        });
        let answer = self.app.deliver(event.to_string().as_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// A request under an `Idempotency-Key`.
    async fn ask(&self, method: Method, path: &str, body: &Value, key: &str) -> Answer {
        let request = |client: &reqwest::Client, base: &str| {
            let request = client.request(method, format!("{base}{path}")).bearer_auth(&self.app.key);
            request.header("idempotency-key", key).json(body)
        };
        self.app.raw(request).await
    }

    async fn refund(&self, payment: &str) -> Answer {
        self.ask(Method::POST, &format!("/api/v1/payments/{payment}/refund"), &json!({}), payment).await
    }

    async fn pay(&self, invoice: &str) -> Answer {
        self.ask(Method::POST, &format!("/api/v1/invoices/{invoice}/pay"), &json!({}), invoice).await
    }

    /// What our ledger says of a payment: what was given back, and in how many refunds.
    async fn refunded(&self, payment: &str) -> (String, usize) {
        let payment = self.app.get(&format!("/api/v1/payments/{payment}")).await.json();
        (payment["refunded_amount"].to_string(), payment["refunds"].as_array().map_or(0, Vec::len))
    }

    /// What our ledger says of an invoice: its status, what was paid, and how often it was tried.
    async fn standing(&self, invoice: &str) -> (String, String, u64) {
        let invoice = self.app.get(&format!("/ledger/v1/invoices/{invoice}")).await.json();
        let status = invoice["status"].as_str().unwrap_or_default().to_owned();
        (status, invoice["amount_paid"].to_string(), invoice["attempt_count"].as_u64().unwrap_or_default())
    }

    /// What all accounts of the journal say together.
    async fn books(&self) -> Value {
        self.app.settle().await;
        self.app.get("/ledger/v1/trial-balance").await.json()["accounts"].clone()
    }

    /// How often money went back for a payment at Stripe.
    fn refunds_of(&self, payment: &str) -> usize {
        self.fake.refunds().iter().filter(|refund| refund.payment == payment).count()
    }
}

fn settings<'a>(fake: &'a FakeStripe, further: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fake.variables().into_iter().chain(further.iter().copied()).collect()
}

fn key(name: &str, what: &str) -> IdempotencyKey {
    IdempotencyKey::of(&["tests", name, what])
}

/// Makes the products and prices of what the tests' tenant sells.
async fn set_up(fake: &FakeStripe) {
    let catalogue = domain::catalogue::seed(tenant().as_str()).expect("a catalogue");
    let plans: Vec<SoldPlan> = catalogue.plans.iter().map(|plan| SoldPlan { version: 1, plan: plan.clone() }).collect();
    let client = fake.client(Timing::default());
    api::stripe::setup::set_up(&client, &tenant(), &plans, &mut |_| ()).await.expect("it is set up");
}

/// Waits for what happens meanwhile at the fake.
async fn until(happened: impl Fn() -> bool) {
    while !happened() {
        tokio::task::yield_now().await;
    }
}
