//! What a Stripe customer says, in the shapes of 2012 (`active_card`, `account_balance`) and of today.

use serde_json::Value;

use super::json::{Lack, at, currency, flag, instant, minor, reference, sealed, sealed_object, text};
use super::occurrence::{Occurrence, View};
use super::own::{self, names, own, sealed_metadata};
use crate::command::Command;
use crate::customer::{CustomerCommand, CustomerSnapshot, Profile};
use crate::id::{CustomerId, PaymentMethodId};
use crate::money::Currency;
use crate::origin::Origin;

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let id = CustomerId::parse(occurrence.object_id()?).map_err(|_| Lack::of("customer", "`id`"))?;
    let (stamp, snapshot) = occurrence.stamped(|view| Ok(read(view)), |snapshot| u8::from(snapshot.deleted))?;
    let report = CustomerCommand::Report { id: id.clone(), stamp, snapshot: Box::new(snapshot) };
    Ok(vec![Command::Customer(id, report)])
}

fn read(view: &View<'_>) -> CustomerSnapshot {
    let object = view.object;
    CustomerSnapshot {
        profile: profile(view),
        origin: Origin::Stripe,
        created_at: instant(object, "created"),
        default_payment_method: default_method(object).and_then(|id| PaymentMethodId::parse(id).ok()),
        balance_minor: minor(object, "balance").or_else(|| minor(object, "account_balance")).unwrap_or(0),
        delinquent: flag(object, "delinquent"),
        deleted: view.step() == "deleted" || flag(object, "deleted"),
    }
}

fn profile(view: &View<'_>) -> Profile {
    let (object, sealer) = (view.object, view.sealer);
    let country = at(object, &["address", "country"]).and_then(Value::as_str);
    let source = at(object, &["metadata", "acquisition_source"]).and_then(Value::as_str);
    let (first_name, last_name) = names(object);
    let preferred = || own(object, own::CURRENCY).and_then(|code| Currency::parse(code).ok());
    Profile {
        email: sealed(object, "email", sealer),
        email_index: text(object, "email").map(|email| (sealer.email_index)(&email.trim().to_lowercase())),
        first_name: first_name.map(sealer.seal),
        last_name: last_name.map(sealer.seal),
        name: sealed(object, "name", sealer),
        phone: sealed(object, "phone", sealer),
        company: own(object, own::COMPANY).map(sealer.seal),
        address: sealed_object(object, "address", sealer),
        country: country.filter(|code| is_country(code)).map(str::to_ascii_uppercase),
        currency: currency(object, "currency").or_else(preferred),
        metadata: sealed_metadata(object, sealer),
        acquisition_source: source.map(|source| source.replace('\0', "")).filter(|source| !source.is_empty()),
    }
}

/// Stripe tries the invoice settings' method before the older sources.
fn default_method(object: &Value) -> Option<&str> {
    at(object, &["invoice_settings"])
        .and_then(|settings| reference(settings, "default_payment_method"))
        .or_else(|| reference(object, "default_source"))
        .or_else(|| reference(object, "default_card"))
        .or_else(|| reference(object, "active_card"))
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic())
}
