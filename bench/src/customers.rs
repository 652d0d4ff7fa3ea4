//! What do the customers of a bench look like? The same ones, sealed in the same way, for Daybook and for its peers.

use domain::command::Command;
use domain::customer::{CustomerCommand, PaymentMethod, PaymentMethodKind, Profile};
use domain::id::{CustomerId, PaymentMethodId, TenantId};
use jiff::Timestamp;
use store::{EventIds, Ledger, Request, SubjectSealer};

use crate::Fault;

/// Wraps the keys of the personal data of a bench; it protects nobody.
pub const MASTER_KEY: [u8; 32] = [7; 32];

pub fn tenant() -> Result<TenantId, Fault> {
    Ok(TenantId::parse("coaching")?)
}

pub fn customer_id(number: usize) -> Result<CustomerId, Fault> {
    Ok(CustomerId::parse(&format!("cus_bench{number:08}"))?)
}

/// The sealer of a customer's personal data.
pub async fn sealer(ledger: &Ledger, tenant: &TenantId, customer: &CustomerId) -> Result<SubjectSealer, Fault> {
    Ok(ledger.keyring().sealer(tenant, &format!("customer/{customer}")).await?)
}

/// Who a customer is, apart from the phone number.
pub fn profile(sealer: &SubjectSealer, number: usize) -> Profile {
    let email = format!("customer{number}@example.com");
    Profile {
        email: Some(sealer.seal(&email)),
        email_index: Some(sealer.email_index(&email)),
        first_name: Some(sealer.seal("Ada")),
        last_name: Some(sealer.seal(&format!("Lovelace {number}"))),
        address: Some(sealer.seal("{\"country\":\"US\",\"state\":\"CA\",\"city\":\"San Francisco\"}")),
        country: Some("US".to_owned()),
        acquisition_source: Some("referral".to_owned()),
        ..Profile::default()
    }
}

/// The profile with a phone number sealed into it, which is the change that the append bench makes.
pub fn with_phone(mut profile: Profile, sealer: &SubjectSealer, phone: &str) -> Profile {
    profile.phone = Some(sealer.seal(phone));
    profile
}

/// A card of the customer's own.
pub fn card(sealer: &SubjectSealer, number: usize) -> Result<PaymentMethod, Fault> {
    Ok(PaymentMethod {
        id: PaymentMethodId::parse(&format!("pm_bench{number:08}"))?,
        kind: PaymentMethodKind::Card,
        brand: Some("visa".to_owned()),
        last4: Some(sealer.seal("4242")),
        exp_month: Some(12),
        exp_year: Some(2030),
        attached: true,
    })
}

/// Commands as one request, issued at this moment of the tenant's time.
pub fn request(tenant: &TenantId, now: Timestamp, commands: Vec<Command>, expect_new: bool) -> Request {
    Request {
        tenant: tenant.clone(),
        actor: "key:bench".to_owned(),
        request_id: Some("req_bench".to_owned()),
        cause: None,
        now,
        commands,
        claims: Vec::new(),
        releases: Vec::new(),
        event_ids: EventIds::Fresh,
        idempotency: None,
        expect_new,
    }
}

pub fn create(id: &CustomerId, profile: Profile) -> CustomerCommand {
    CustomerCommand::Create { id: id.clone(), profile: Box::new(profile), method: None }
}

pub fn update(profile: Profile) -> CustomerCommand {
    CustomerCommand::Update { patch: Box::new(profile.into()), seen: None }
}
