//! What is done with customers.

use domain::command::Command;
use domain::customer::{Customer, CustomerCommand, PaymentMethod, PaymentMethodKind, Profile};
use domain::id::{CustomerId, PaymentMethodId, TenantId};
use domain::money::Currency;
use jiff::civil::Date;
use serde_json::{Map, Value};
use store::{Ledger, SubjectSealer};

use super::{Call, Done, email_claim, execute, request};
use crate::failure::Failure;

/// What a caller may say of a customer. `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct CustomerFields {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub billing_address: Option<Map<String, Value>>,
    pub preferred_currency: Option<Currency>,
    pub metadata: Option<Map<String, Value>>,
}

/// Creates a customer; its e-mail address must be free within the tenant.
pub async fn create_customer(
    ledger: &Ledger,
    call: &Call,
    fields: CustomerFields,
    method: Option<PaymentMethodId>,
) -> Result<Done, Failure> {
    let id = new_customer_id()?;
    let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{id}")).await?;
    let profile = merge(ledger, &call.tenant, &sealer, Profile::default(), &fields, None);
    let claims = profile.email_index.iter().map(|index| email_claim(index, id.as_str())).collect();
    let method = method.map(|method| sandbox_card(ledger, &sealer, method));
    let command = CustomerCommand::Create { id: id.clone(), profile: Box::new(profile), method };
    let mut request = request(ledger, call, vec![Command::Customer(id.clone(), command)], id.as_str());
    request.claims = claims;
    request.expect_new = true;
    execute(ledger, id.as_str(), request).await
}

/// Changes what the caller names and leaves the rest.
pub async fn update_customer(ledger: &Ledger, call: &Call, id: &str, fields: CustomerFields) -> Result<Done, Failure> {
    let customer = CustomerId::parse(id).map_err(|_| Failure::not_found("customer"))?;
    let loaded = ledger.load::<Customer>(&call.tenant, customer.as_str()).await?;
    let snapshot = loaded.state.snapshot().ok_or_else(|| Failure::not_found("customer"))?;
    let before = snapshot.profile.clone();
    let metadata = match &before.metadata {
        Some(sealed) if fields.metadata.is_some() => ledger.keyring().unseal(&call.tenant, sealed).await?,
        Some(_) | None => None,
    };
    let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
    let old_index = before.email_index.clone();
    let profile = merge(ledger, &call.tenant, &sealer, before, &fields, metadata.as_deref());
    let moved = profile.email_index != old_index;
    let new_index = profile.email_index.clone();
    let command = CustomerCommand::Update { profile: Box::new(profile) };
    let mut request = request(ledger, call, vec![Command::Customer(customer.clone(), command)], id);
    if moved {
        request.releases = old_index.iter().map(|index| email_claim(index, customer.as_str())).collect();
        request.claims = new_index.iter().map(|index| email_claim(index, customer.as_str())).collect();
    }
    execute(ledger, id, request).await
}

fn new_customer_id() -> Result<CustomerId, Failure> {
    CustomerId::parse(&store::ids::prefixed("cus_")).map_err(|error| Failure::Internal { reason: error.to_string() })
}

/// Seals the named fields over the known profile. Metadata is merged key by key, as callers of such APIs expect.
fn merge(
    ledger: &Ledger,
    tenant: &TenantId,
    sealer: &SubjectSealer,
    before: Profile,
    fields: &CustomerFields,
    metadata: Option<&str>,
) -> Profile {
    let seal = |field: &Option<String>| field.as_deref().map(|text| sealer.seal(text));
    let country = fields.billing_address.as_ref().and_then(|address| address.get("country")).and_then(Value::as_str);
    let mut whole: Map<String, Value> = metadata.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    whole.extend(fields.metadata.clone().unwrap_or_default());
    let source = whole.get("acquisition_source").and_then(Value::as_str).map(str::to_owned);
    Profile {
        email: seal(&fields.email).or(before.email),
        email_index: fields
            .email
            .as_deref()
            .map(|email| ledger.keyring().email_index(tenant, email))
            .or(before.email_index),
        first_name: seal(&fields.first_name).or(before.first_name),
        last_name: seal(&fields.last_name).or(before.last_name),
        name: seal(&fields.name).or(before.name),
        phone: seal(&fields.phone).or(before.phone),
        company: seal(&fields.company).or(before.company),
        address: fields
            .billing_address
            .as_ref()
            .map(|address| sealer.seal(&Value::Object(address.clone()).to_string()))
            .or(before.address),
        country: country.map(str::to_uppercase).or(before.country),
        currency: fields.preferred_currency.or(before.currency),
        metadata: fields.metadata.as_ref().map(|_| sealer.seal(&Value::Object(whole).to_string())).or(before.metadata),
        acquisition_source: source.or(before.acquisition_source),
    }
}

/// The card behind a payment method of the sandbox (decision B10): a name it does not know is Stripe's plain test
/// card. Cards are valid to the end of the third year from now.
fn sandbox_card(ledger: &Ledger, sealer: &SubjectSealer, id: PaymentMethodId) -> PaymentMethod {
    let today: Date = ledger.clock().now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (brand, last4) = match id.as_str() {
        "pm_card_mastercard" => ("mastercard", "4444"),
        "pm_card_amex" => ("amex", "8431"),
        "pm_card_chargeDeclined" => ("visa", "0002"),
        "pm_card_chargeDeclinedInsufficientFunds" => ("visa", "9995"),
        _ => ("visa", "4242"),
    };
    PaymentMethod {
        id,
        kind: PaymentMethodKind::Card,
        brand: Some(brand.to_owned()),
        last4: Some(sealer.seal(last4)),
        exp_month: Some(12),
        exp_year: u16::try_from(today.year() + 3).ok(),
        attached: true,
    }
}
