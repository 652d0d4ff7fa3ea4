//! Every call says what it means on the wire, and reads back what Stripe says.

use api::stripe::client::{
    API_VERSION, CancelSubscription, CustomerFields, InvoiceStatus, LineItem, Mode, NewCheckoutSession, NewPrice,
    NewProduct, NewSubscription, PauseCollection, Recurring, StripeClient, SubscriptionChange, SubscriptionItemFields,
    SubscriptionStatus,
};
use domain::money::Currency;
use rust_decimal::Decimal;
use serde_json::json;

use super::{key, timing};
use crate::stripe::fake::{FakeStripe, Fault};

async fn customer(client: &StripeClient) -> String {
    let fields = CustomerFields { email: Some("jo@example.com".to_owned()), ..CustomerFields::default() };
    client.create_customer(&key("customer"), &fields).await.expect("a customer").id
}

async fn price(client: &StripeClient) -> String {
    let product =
        NewProduct { id: "coaching".to_owned(), name: "Coaching".to_owned(), description: None, metadata: [].into() };
    client.create_product(&key("product"), &product).await.expect("a product");
    let price = NewPrice {
        lookup_key: "coaching_v1".to_owned(),
        product: product.id,
        nickname: None,
        currency: Currency::USD,
        billing_scheme: "per_unit",
        unit_minor: Some(Decimal::from(500_000)),
        tiers_mode: None,
        tiers: None,
        transform_quantity: None,
        recurring: Some(Recurring { interval: "month".to_owned(), interval_count: 1 }),
        metadata: [].into(),
    };
    client.create_price(&key("price"), &price).await.expect("a price").id
}

fn item(price: &str, quantity: u64) -> SubscriptionItemFields {
    let (price, quantity) = (Some(price.to_owned()), Some(quantity));
    SubscriptionItemFields { price, quantity, ..SubscriptionItemFields::default() }
}

#[tokio::test]
async fn customers_and_their_cards() {
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    let id = customer(&client).await;
    let change = CustomerFields { name: Some("Jo Doe".to_owned()), ..CustomerFields::default() };
    client.update_customer(&key("update"), &id, &change).await.expect("a customer");
    let found = client.customer(&id).await.expect("a customer");
    assert_eq!((found.email.as_deref(), found.name.as_deref()), (Some("jo@example.com"), Some("Jo Doe")));

    for number in 0..103 {
        let attempt = key(&format!("attach {number}"));
        let method = client.attach_payment_method(&attempt, "pm_card_visa", &id).await.expect("a method");
        assert_eq!(method.customer.map(|customer| customer.id).as_ref(), Some(&id));
    }
    let methods = client.payment_methods(&id).await.expect("a list");
    assert_eq!(methods.len(), 103);
    client.detach_payment_method(&key("detach"), &methods[0].id).await.expect("a method");
    assert_eq!(client.payment_methods(&id).await.expect("a list").len(), 102);

    let portal = client.create_portal_session(&key("portal"), &id, "https://example.com").await.expect("a session");
    assert!(portal.url.starts_with("https://portal.example/"));
}

#[tokio::test]
async fn the_life_of_a_subscription() {
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    let (customer, price) = (customer(&client).await, price(&client).await);
    let card = client.attach_payment_method(&key("attach"), "pm_card_visa", &customer).await.expect("a method").id;
    let new = NewSubscription {
        customer,
        items: vec![item(&price, 2)],
        default_payment_method: Some(card),
        ..NewSubscription::default()
    };
    let made = client.create_subscription(&key("create"), &new).await.expect("a subscription");
    assert_eq!((made.status, made.items.data[0].quantity), (SubscriptionStatus::Active, Some(2)));
    assert_eq!(made.current_period().expect("a period").start.as_second(), 1_705_314_600);

    let behavior = "void".to_owned();
    let pause = Some(PauseCollection::Start { behavior, resumes_at: None });
    let change = SubscriptionChange { pause_collection: pause, ..SubscriptionChange::default() };
    client.update_subscription(&key("pause"), &made.id, &change).await.expect("a subscription");
    assert_eq!(fake.object(&made.id)["pause_collection"], json!({"behavior": "void"}));
    let change = SubscriptionChange {
        pause_collection: Some(PauseCollection::Stop),
        items: Some(vec![SubscriptionItemFields { id: Some(made.items.data[0].id.clone()), ..item(&price, 5) }]),
        cancel_at_period_end: Some(true),
        ..SubscriptionChange::default()
    };
    let changed = client.update_subscription(&key("change"), &made.id, &change).await.expect("a subscription");
    assert_eq!((changed.items.data[0].quantity, changed.cancel_at_period_end), (Some(5), true));
    assert_eq!(fake.object(&made.id)["pause_collection"], json!(null));
    client.resume_subscription(&key("resume"), &made.id).await.expect("a subscription");

    // The answer to the first try is lost; the second finds it canceled already.
    fake.fail_next(&format!("DELETE /v1/subscriptions/{}", made.id), Fault::AnswerLost);
    let canceled = client.cancel_subscription(&made.id, &CancelSubscription::default()).await.expect("canceled");
    assert_eq!(canceled.status, SubscriptionStatus::Canceled);
    assert_eq!(client.subscription(&made.id).await.expect("a subscription"), canceled);
    let missing = client.cancel_subscription("sub_none", &CancelSubscription::default()).await.expect_err("none");
    assert!(missing.is_missing());
}

#[tokio::test]
async fn invoices_are_finalized_and_voided() {
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    let id = fake.add_draft_invoice(9_700);
    let open = client.finalize_invoice(&key("finalize"), &id, false).await.expect("an invoice");
    assert_eq!((open.status, open.amount_due_minor, open.currency), (InvoiceStatus::Open, 9_700, Currency::USD));
    let void = client.void_invoice(&key("void"), &id).await.expect("an invoice");
    assert_eq!((void.status, client.invoice(&id).await.expect("an invoice")), (InvoiceStatus::Void, void.clone()));
    assert_eq!(fake.charges(), []);
}

#[tokio::test]
async fn a_checkout_session_has_a_page() {
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    let price = price(&client).await;
    let session = NewCheckoutSession {
        mode: Mode::Subscription,
        line_items: vec![LineItem { price, quantity: 1 }],
        customer: None,
        customer_email: Some("jo+tag@example.com".to_owned()),
        client_reference_id: None,
        success_url: "https://example.com/?session={CHECKOUT_SESSION_ID}&x=1".to_owned(),
        cancel_url: None,
        allow_promotion_codes: Some(true),
        subscription_data: None,
        metadata: [].into(),
    };
    let made = client.create_checkout_session(&key("session"), &session).await.expect("a session");
    assert_eq!(made.url, Some(format!("https://checkout.example/{}", made.id)));
    let sent = fake.calls().pop().expect("a call").fields;
    let expected = json!({
        "mode": "subscription", "line_items": [{"price": "price_1", "quantity": "1"}], "allow_promotion_codes": "true",
        "customer_email": "jo+tag@example.com", "success_url": "https://example.com/?session={CHECKOUT_SESSION_ID}&x=1"
    });
    assert_eq!(sent, expected);
}

/// Every request names the version, every change a key, and nothing else is sent under the key's name.
#[tokio::test]
async fn every_request_is_pinned_and_every_change_is_keyed() {
    let fake = FakeStripe::start().await;
    let client = fake.client(timing());
    let id = customer(&client).await;
    client.customer(&id).await.expect("a customer");
    price(&client).await;
    let keys: Vec<Option<String>> = fake.calls().into_iter().map(|call| call.key).collect();
    let expected = [Some("tests:customer"), None, Some("tests:product"), Some("tests:price")];
    assert_eq!(keys, expected.map(|key| key.map(str::to_owned)));
    assert!(fake.calls().iter().all(|call| call.version.as_deref() == Some(API_VERSION)));
    assert!(!format!("{client:?}").contains("sk_test"));
}
