//! What is done with customers.

use domain::command::Command;
use domain::customer::{Customer, CustomerCommand, Email, Patch, Profile, ProfilePatch};
use domain::id::{CustomerId, PaymentMethodId};
use domain::money::Currency;
use domain::refusal::Refusal;
use serde_json::{Map, Value};
use store::{ExecuteError, Ledger, SubjectSealer};

use super::payment_methods::sandbox_method;
use super::repeats::once;
use super::{Call, Done, email_claim, execute, request, stripe_calls};
use crate::failure::Failure;

/// Tries of a change that was made from what is no longer so. Of those that meet, one is accepted each time.
const MAX_TRIES: u32 = 64;

/// What a caller may say of a customer.
#[derive(Debug, Clone, Default)]
pub struct CustomerFields {
    /// A customer that has an address keeps one.
    pub email: Option<String>,
    pub first_name: Patch<String>,
    pub last_name: Patch<String>,
    pub name: Patch<String>,
    pub phone: Patch<String>,
    pub company: Patch<String>,
    pub billing_address: Patch<Map<String, Value>>,
    pub preferred_currency: Patch<Currency>,
    /// Merged key by key with what is there, as callers of such APIs expect.
    pub metadata: Patch<Map<String, Value>>,
}

/// Creates a customer; its e-mail address must be free within the tenant.
pub async fn create_customer(
    ledger: &Ledger,
    call: &Call,
    fields: CustomerFields,
    method: Option<PaymentMethodId>,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::create_customer(ledger, call, patience, &fields, method)).await;
    }
    once(ledger, call, async {
        let id = new_customer_id()?;
        let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{id}")).await?;
        let profile = patch(&sealer, &fields, None).over(&Profile::default());
        let claims = profile.email_index.iter().map(|index| email_claim(index, id.as_str())).collect();
        let method = method.map(|method| sandbox_method(call.now, &sealer, method));
        let command = CustomerCommand::Create { id: id.clone(), profile: Box::new(profile), method };
        let mut request = request(call, vec![Command::Customer(id.clone(), command)], id.as_str());
        request.claims = claims;
        request.expect_new = true;
        execute(ledger, id.as_str(), request).await
    })
    .await
}

/// Changes what the caller names and leaves the rest.
pub async fn update_customer(ledger: &Ledger, call: &Call, id: &str, fields: CustomerFields) -> Result<Done, Failure> {
    let customer = CustomerId::parse(id).map_err(|_| Failure::not_found("customer"))?;
    if let Some(patience) = call.stripe()
        && let Some(done) = Box::pin(stripe_calls::update_customer(ledger, call, patience, &customer, &fields)).await?
    {
        return Ok(done);
    }
    once(ledger, call, async {
        for _ in 0..MAX_TRIES {
            if let Some(done) = update_as_seen(ledger, call, &customer, &fields).await? {
                return Ok(done);
            }
        }
        Err(Failure::Unavailable)
    })
    .await
}

/// One try. The request is made from the customer as it stands: the metadata it merges, and the address it gives back
/// for a new one. `None` where these have changed before it was decided.
async fn update_as_seen(
    ledger: &Ledger,
    call: &Call,
    customer: &CustomerId,
    fields: &CustomerFields,
) -> Result<Option<Done>, Failure> {
    let loaded = ledger.load::<Customer>(&call.tenant, customer.as_str()).await?;
    let seen = loaded.state.seen();
    let metadata = match &seen.metadata {
        Some(sealed) if !fields.metadata.is_unchanged() => ledger.keyring().unseal(&call.tenant, sealed).await?,
        Some(_) | None => None,
    };
    let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
    let patch = patch(&sealer, fields, metadata.as_deref());
    let claim = |index: &_| email_claim(index, customer.as_str());
    let (mut claims, mut releases) = (Vec::new(), Vec::new());
    if let Patch::Set(Email { index, .. }) = &patch.email
        && seen.email_index.as_ref() != Some(index)
    {
        claims.push(claim(index));
        releases.extend(seen.claimed_email.iter().filter(|claimed| *claimed != index).map(claim));
    }
    let command = CustomerCommand::Update { patch: Box::new(patch), seen: Some(Box::new(seen)) };
    let commands = vec![Command::Customer(customer.clone(), command)];
    let mut request = request(call, commands, customer.as_str());
    (request.claims, request.releases) = (claims, releases);
    match ledger.execute(request).await {
        Err(ExecuteError::Refused(Refusal::Superseded { .. })) => Ok(None),
        outcome => Ok(Some(Done::of(customer.as_str(), outcome?))),
    }
}

fn new_customer_id() -> Result<CustomerId, Failure> {
    CustomerId::parse(&store::ids::prefixed("cus_")).map_err(|error| Failure::Internal { reason: error.to_string() })
}

/// The fields sealed. The country is that of the address, where it names one; the source of acquisition is told in the
/// metadata, and what was told once is not forgotten with them.
pub(super) fn patch(sealer: &SubjectSealer, fields: &CustomerFields, metadata: Option<&str>) -> ProfilePatch {
    let seal = |field: &Patch<String>| field.as_ref().map(|text| sealer.seal(text));
    let object = |fields: &Map<String, Value>| sealer.seal(&Value::Object(fields.clone()).to_string());
    let email = |email: &String| Email { sealed: sealer.seal(email), index: sealer.email_index(email) };
    let country = match &fields.billing_address {
        Patch::Set(address) => set(address.get("country").and_then(Value::as_str).map(str::to_uppercase)),
        Patch::Cleared => Patch::Cleared,
        Patch::Unchanged => Patch::Unchanged,
    };
    let metadata = fields.metadata.as_ref().map(|named| {
        let mut whole: Map<String, Value> =
            metadata.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        whole.extend(named.clone());
        whole
    });
    let acquisition_source = match &metadata {
        Patch::Set(whole) => set(whole.get("acquisition_source").and_then(Value::as_str).map(str::to_owned)),
        Patch::Cleared | Patch::Unchanged => Patch::Unchanged,
    };
    ProfilePatch {
        email: set(fields.email.as_ref().map(email)),
        first_name: seal(&fields.first_name),
        last_name: seal(&fields.last_name),
        name: seal(&fields.name),
        phone: seal(&fields.phone),
        company: seal(&fields.company),
        address: fields.billing_address.as_ref().map(object),
        country,
        currency: fields.preferred_currency.clone(),
        metadata: metadata.as_ref().map(object),
        acquisition_source,
    }
}

fn set<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Unchanged, Patch::Set)
}
