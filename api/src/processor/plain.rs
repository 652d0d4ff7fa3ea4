//! What people wrote in a call, unsealed for the moment in which Stripe is told it. It is never kept.

use std::collections::BTreeMap;

use domain::customer::Profile;
use domain::id::TenantId;
use domain::processor_call::Asked;
use domain::sealed::Sealed;
use serde_json::{Map, Value};
use store::{Keyring, StoreError};

/// The texts of a call; all empty where it has none.
#[derive(Default)]
pub(super) struct Plain {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
    /// By Stripe's names of its lines.
    pub address: BTreeMap<String, String>,
    /// The caller's; an empty text removes a name.
    pub metadata: BTreeMap<String, String>,
}

impl Plain {
    /// `None` where the person was erased since.
    pub(super) async fn of(keyring: &Keyring, tenant: &TenantId, asked: &Asked) -> Result<Option<Self>, StoreError> {
        let fields = sealed(asked);
        let present: Vec<&Sealed> = fields.iter().filter_map(|field| *field).collect();
        let mut texts = keyring.unseal_many(tenant, &present).await?.into_iter();
        let mut plain = Vec::new();
        for field in fields {
            match field.map(|_| texts.next().flatten()) {
                None => plain.push(None),
                Some(Some(text)) => plain.push(Some(text)),
                Some(None) => return Ok(None),
            }
        }
        let mut next = plain.into_iter().map(Option::unwrap_or_default);
        let mut text = || next.next().filter(|text| !text.is_empty());
        Ok(Some(Self {
            email: text(),
            first_name: text(),
            last_name: text(),
            name: text(),
            phone: text(),
            company: text(),
            address: entries(text()),
            metadata: entries(text()),
        }))
    }

    /// The whole name, given as such or in its parts.
    pub(super) fn whole_name(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        self.name.clone().or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
    }
}

/// In the order of `Plain`'s fields.
fn sealed(asked: &Asked) -> [Option<&Sealed>; 8] {
    match asked {
        Asked::CreateCustomer { profile, .. } => of_profile(profile),
        Asked::UpdateCustomer { set, .. } => of_profile(set),
        Asked::CreateSubscription(new) => [None, None, None, None, None, None, None, new.metadata.as_ref()],
        Asked::AttachPaymentMethod { .. }
        | Asked::DetachPaymentMethod { .. }
        | Asked::ChangeSubscription { .. }
        | Asked::ReactivateSubscription { .. }
        | Asked::PauseCollection { .. }
        | Asked::ResumeCollection { .. }
        | Asked::ResumeSubscription { .. }
        | Asked::CancelSubscription { .. }
        | Asked::RefundPayment { .. }
        | Asked::PayInvoice { .. }
        | Asked::SettleInvoice { .. }
        | Asked::VoidInvoice { .. } => [None; 8],
    }
}

fn of_profile(profile: &Profile) -> [Option<&Sealed>; 8] {
    let Profile { email, first_name, last_name, name, phone, company, address, metadata, .. } = profile;
    [email, first_name, last_name, name, phone, company, address, metadata].map(Option::as_ref)
}

/// A JSON object as Stripe keeps one: texts under names.
fn entries(json: Option<String>) -> BTreeMap<String, String> {
    let object: Map<String, Value> = json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    object.into_iter().map(|(name, value)| (name, text_of(value))).collect()
}

fn text_of(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    }
}
