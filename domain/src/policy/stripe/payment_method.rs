//! What a card, bank account, source or payment method says. Stripe has had four kinds of object for it.

use serde_json::Value;

use super::json::{Lack, at, clear, flag, get, sealed, text, whole};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::customer::{CustomerCommand, PaymentMethod, PaymentMethodKind};
use crate::id::{CustomerId, PaymentMethodId};

pub(super) fn facts(occurrence: &Occurrence<'_>, named: Option<&CustomerId>) -> Result<Vec<Command>, Lack> {
    let method = PaymentMethodId::parse(occurrence.object_id()?).map_err(|_| Lack::of("payment method", "`id`"))?;
    let id = named.ok_or_else(|| Lack("the payment method names no customer".to_owned()))?;
    let (stamp, snapshot) = occurrence.stamped(read, |method| u8::from(!method.attached))?;
    let report = CustomerCommand::ReportPaymentMethod { id: id.clone(), stamp, method: snapshot };
    let mut commands = vec![Command::Customer(id.clone(), report)];
    if occurrence.kind == "customer.source.expiring" {
        let announced = CustomerCommand::AnnounceCardExpiry { id: id.clone(), at: occurrence.created, method };
        commands.push(Command::Customer(id.clone(), announced));
    }
    Ok(commands)
}

fn read(view: &View<'_>) -> Result<PaymentMethod, Lack> {
    let object = view.object;
    let id = text(object, "id").and_then(|id| PaymentMethodId::parse(id).ok());
    let details = details(object);
    Ok(PaymentMethod {
        id: id.ok_or_else(|| Lack::of("payment method", "`id`"))?,
        kind: kind(object),
        brand: brand(details),
        last4: sealed(details, "last4", view.sealer),
        exp_month: exp_month(details),
        exp_year: exp_year(details),
        attached: !matches!(view.step(), "detached" | "deleted") && !flag(object, "deleted") && view.has("customer"),
    })
}

/// Where number and expiry are: on cards and bank accounts themselves, else under the name of the type.
fn details(object: &Value) -> &Value {
    if matches!(text(object, "object"), Some("card" | "bank_account")) {
        return object;
    }
    text(object, "type").and_then(|kind| get(object, kind)).unwrap_or(object)
}

fn kind(object: &Value) -> PaymentMethodKind {
    // A card's own `type` was its brand until 2014, so what kind of object it is comes first.
    match text(object, "object") {
        Some("card") => PaymentMethodKind::Card,
        Some("bank_account") => PaymentMethodKind::BankAccount,
        _ => kind_of_type(text(object, "type").unwrap_or_default()),
    }
}

fn kind_of_type(word: &str) -> PaymentMethodKind {
    const BANK_DEBITS: [&str; 8] = [
        "us_bank_account",
        "sepa_debit",
        "bacs_debit",
        "acss_debit",
        "au_becs_debit",
        "nz_bank_account",
        "ach_debit",
        "bank_account",
    ];
    if matches!(word, "card" | "card_present" | "interac_present") {
        PaymentMethodKind::Card
    } else if BANK_DEBITS.contains(&word) {
        PaymentMethodKind::BankAccount
    } else {
        PaymentMethodKind::Other
    }
}

/// The brand in today's spelling (`amex`, once `American Express`), or the bank's name.
fn brand(details: &Value) -> Option<String> {
    let legacy = || (text(details, "object") == Some("card")).then(|| clear(details, "type")).flatten();
    let card = clear(details, "brand").or_else(legacy).map(|brand| brand.to_lowercase());
    let spelled = card.map(|brand| match brand.as_str() {
        "american express" => "amex".to_owned(),
        "diners club" => "diners".to_owned(),
        _ => brand,
    });
    spelled.or_else(|| clear(details, "bank_name"))
}

pub(super) fn exp_month(details: &Value) -> Option<u8> {
    u8::try_from(whole(details, "exp_month")?).ok().filter(|month| (1..=12).contains(month))
}

pub(super) fn exp_year(details: &Value) -> Option<u16> {
    u16::try_from(whole(details, "exp_year")?).ok()
}

/// The card that a charge was made with, wherever its version puts it.
pub(super) fn charged(charge: &Value) -> Option<&Value> {
    let typed = at(charge, &["payment_method_details", "type"]).and_then(Value::as_str);
    let today = typed.and_then(|kind| at(charge, &["payment_method_details", kind]));
    let source = || get(charge, "source").filter(|source| source.is_object()).map(details);
    today.or_else(source).or_else(|| get(charge, "card").filter(|card| card.is_object()))
}
