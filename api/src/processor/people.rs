//! What Stripe is asked about customers and their payment methods, and where it is seen whether that was done.

use domain::id::{CustomerId, PaymentMethodId};
use domain::money::Currency;
use domain::policy::stripe::own;
use domain::processor_call::ProfileField;
use serde::Serialize;
use serde_json::Value;

use super::ask::{Nothing, Objects, mark, reference, word};
use super::due::Due;
use super::plain::Plain;
use crate::stripe::client::{CustomerFields, InvoiceSettings, List, Metadata, StripeClient, StripeError};

/// Stripe's clock and ours may differ by so much.
const SKEW_S: i64 = 600;
/// Lines that Stripe has of an address.
pub(crate) const ADDRESS_LINES: [&str; 6] = ["line1", "line2", "city", "state", "postal_code", "country"];
/// What Stripe's cards for tests are called. Attached, each becomes a payment method of another id.
const TEST_CARD: &str = "pm_card_";

#[derive(Serialize)]
struct Attach<'a> {
    customer: &'a str,
}

#[derive(Serialize)]
struct CustomersSince<'a> {
    email: Option<&'a str>,
    created: Since,
    limit: u8,
    starting_after: Option<String>,
}

#[derive(Serialize)]
struct Since {
    gte: i64,
}

#[derive(Serialize)]
struct Page {
    limit: u8,
}

pub(super) async fn create(
    client: &StripeClient,
    due: &Due,
    plain: &Plain,
    currency: Option<Currency>,
    method: Option<&PaymentMethodId>,
) -> Result<Value, StripeError> {
    let mut fields = told(due, plain, currency);
    fields.payment_method = method.map(ToString::to_string);
    fields.invoice_settings = method.map(default_method);
    client.post(&["customers"], &due.key(), &fields).await
}

pub(super) async fn update(
    client: &StripeClient,
    due: &Due,
    plain: &Plain,
    currency: Option<Currency>,
    (customer, cleared): (&CustomerId, &[ProfileField]),
) -> Result<Value, StripeError> {
    let mut fields = told(due, plain, currency);
    if !fields.address.is_empty() || cleared.contains(&ProfileField::Address) {
        // An address is replaced as a whole.
        for line in ADDRESS_LINES {
            fields.address.entry(line.to_owned()).or_default();
        }
    }
    for field in cleared {
        let mut forget = |name: &str| fields.metadata.insert(name.to_owned(), String::new());
        match field {
            ProfileField::FirstName => drop(forget(own::FIRST_NAME)),
            ProfileField::LastName => drop(forget(own::LAST_NAME)),
            ProfileField::Company => drop(forget(own::COMPANY)),
            ProfileField::Currency => drop(forget(own::CURRENCY)),
            ProfileField::Name => fields.name = fields.name.or_else(|| Some(String::new())),
            ProfileField::Phone => fields.phone = Some(String::new()),
            ProfileField::Address => {}
        }
    }
    client.post(&["customers", customer.as_str()], &due.key(), &fields).await
}

/// Attaches a method, and then has it charged by default; two requests, each under a key of its own.
pub(super) async fn attach(
    client: &StripeClient,
    due: &Due,
    customer: &CustomerId,
    method: &PaymentMethodId,
    make_default: bool,
) -> Result<Value, StripeError> {
    let path = ["payment_methods", method.as_str(), "attach"];
    let attached = match client.post(&path, &due.key(), &Attach { customer: customer.as_str() }).await {
        // The second request would never be made where Stripe remembers that it failed at the first.
        Err(error) if !error.is_certain() => {
            look_for_attached(client, due, customer, method, false).await?.ok_or(error)?
        }
        outcome => outcome?,
    };
    if make_default {
        let settings = InvoiceSettings { default_payment_method: Some(word(&attached, "id").to_owned()) };
        let fields = CustomerFields { invoice_settings: Some(settings), ..CustomerFields::default() };
        let key = due.key_of("default");
        client.post::<Value>(&["customers", customer.as_str()], &key, &fields).await?;
    }
    Ok(attached)
}

pub(super) async fn detach(client: &StripeClient, due: &Due, method: &PaymentMethodId) -> Result<Value, StripeError> {
    client.post(&["payment_methods", method.as_str(), "detach"], &due.key(), &Nothing {}).await
}

/// The customer that the call made: of those made since it was asked, the one that names it.
pub(super) async fn look_for_created(
    client: &StripeClient,
    due: &Due,
    plain: &Plain,
) -> Result<Option<Value>, StripeError> {
    let mut starting_after = None;
    loop {
        let created = Since { gte: due.asked_for_s() - SKEW_S };
        let query = CustomersSince { email: plain.email.as_deref(), created, limit: 100, starting_after };
        let page: List<Value> = client.get(&["customers"], &query).await?;
        let last = page.data.last().map(|customer| word(customer, "id").to_owned());
        if let Some(found) = page.data.into_iter().find(|customer| due.has_marked(customer)) {
            return Ok(Some(found));
        }
        match last.filter(|_| page.has_more) {
            Some(last) => starting_after = Some(last),
            None => return Ok(None),
        }
    }
}

pub(super) async fn look_at(
    client: &StripeClient,
    due: &Due,
    customer: &CustomerId,
) -> Result<Option<Value>, StripeError> {
    let found: Value = client.get(&["customers", customer.as_str()], &Nothing {}).await?;
    Ok(Some(found).filter(|found| due.has_marked(found)))
}

/// The method among its customer's. A card for tests is known by being newer than the call.
pub(super) async fn look_for_attached(
    client: &StripeClient,
    due: &Due,
    customer: &CustomerId,
    method: &PaymentMethodId,
    make_default: bool,
) -> Result<Option<Value>, StripeError> {
    let path = ["customers", customer.as_str(), "payment_methods"];
    let page: List<Value> = client.get(&path, &Page { limit: 100 }).await?;
    let is_new = |found: &Value| found.get("created").and_then(Value::as_i64) >= Some(due.asked_for_s());
    let is_it = |found: &Value| {
        word(found, "id") == method.as_str() || (method.as_str().starts_with(TEST_CARD) && is_new(found))
    };
    let Some(found) = page.data.into_iter().find(is_it) else { return Ok(None) };
    if make_default {
        let payer: Value = client.get(&["customers", customer.as_str()], &Nothing {}).await?;
        return Ok(Some(found).filter(|found| default_of(&payer).as_deref() == Some(word(found, "id"))));
    }
    Ok(Some(found))
}

pub(super) async fn look_for_detached(
    client: &StripeClient,
    method: &PaymentMethodId,
) -> Result<Option<Value>, StripeError> {
    let found: Value = client.get(&["payment_methods", method.as_str()], &Nothing {}).await?;
    Ok(Some(found).filter(|found| found.get("customer").is_none_or(Value::is_null)))
}

/// A new customer, and the method that came with it.
pub(super) async fn understand_created(client: &StripeClient, customer: Value) -> Result<Objects, StripeError> {
    let method = default_of(&customer);
    let mut objects = vec![("customer.created", customer)];
    if let Some(method) = method {
        let method = client.get(&["payment_methods", &method], &Nothing {}).await?;
        objects.push(("payment_method.attached", method));
    }
    Ok(objects)
}

/// A method that was attached or detached, and what its customer has become by it.
pub(super) async fn understand_method(
    client: &StripeClient,
    kind: &'static str,
    customer: &CustomerId,
    mut method: Value,
) -> Result<Objects, StripeError> {
    if let Some(method) = method.as_object_mut() {
        // One that is detached does not say any more from whom.
        method.insert("customer".to_owned(), Value::from(customer.as_str()));
    }
    let payer = client.get(&["customers", customer.as_str()], &Nothing {}).await?;
    Ok(vec![(kind, method), ("customer.updated", payer)])
}

/// What is told of a customer; what Stripe has no field for goes into the metadata.
fn told(due: &Due, plain: &Plain, currency: Option<Currency>) -> CustomerFields {
    let extras = [
        (own::FIRST_NAME, plain.first_name.clone()),
        (own::LAST_NAME, plain.last_name.clone()),
        (own::COMPANY, plain.company.clone()),
        (own::CURRENCY, currency.map(|currency| currency.code().to_owned())),
    ];
    let mut metadata: Metadata = plain.metadata.clone();
    metadata.extend(mark(due));
    metadata.extend(extras.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))));
    CustomerFields {
        email: plain.email.clone(),
        name: plain.whole_name(),
        phone: plain.phone.clone(),
        address: plain.address.clone(),
        metadata,
        ..CustomerFields::default()
    }
}

fn default_method(method: &PaymentMethodId) -> InvoiceSettings {
    InvoiceSettings { default_payment_method: Some(method.to_string()) }
}

fn default_of(customer: &Value) -> Option<String> {
    reference(customer.get("invoice_settings")?, "default_payment_method")
}
