//! Personal data of rows made readable for an answer. Of an erased person every field is null.

use domain::id::TenantId;
use domain::origin::Origin;
use domain::sealed::Sealed;
use projections::customers::CustomerRow;
use projections::payment_methods::CustomerMethod;
use serde_json::{Map, Value};

use crate::app::App;
use crate::failure::Failure;

#[derive(Debug)]
pub(super) struct Person {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub billing_address: Option<Value>,
    pub metadata: Value,
    /// Of the payment methods, in their order.
    pub last4: Vec<Option<String>>,
}

pub(super) async fn unseal(
    app: &App,
    tenant: &TenantId,
    row: &CustomerRow,
    cards: &[CustomerMethod],
) -> Result<Person, Failure> {
    let fields =
        [&row.email, &row.first_name, &row.last_name, &row.name, &row.phone, &row.company, &row.address, &row.metadata];
    let mut wanted: Vec<Option<&Sealed>> = fields.iter().map(|field| field.as_ref()).collect();
    wanted.extend(cards.iter().map(|card| card.method.last4.as_ref()));
    let mut plain = unseal_all(app, tenant, &wanted).await?.into_iter();
    let mut next = || plain.next().flatten();
    let (email, first_name, last_name, name) = (next(), next(), next(), next());
    let (phone, company, address, metadata) = (next(), next(), next(), next());
    let (given, family) = match name.as_deref().map(|name| name.split_once(' ')) {
        Some(Some((given, family))) => (Some(given.to_owned()), Some(family.to_owned())),
        Some(None) => (name.clone(), None),
        None => (None, None),
    };
    Ok(Person {
        email,
        first_name: first_name.or(given),
        last_name: last_name.or(family),
        phone,
        company,
        billing_address: address.and_then(|text| serde_json::from_str(&text).ok()),
        metadata: metadata.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Object(Map::new())),
        last4: plain.collect(),
    })
}

#[derive(Debug)]
pub(super) struct Named {
    pub email: Option<String>,
    pub name: Option<String>,
}

/// E-mail and whole name of many customers, with one look-up of keys.
pub(super) async fn unseal_names(app: &App, tenant: &TenantId, rows: &[CustomerRow]) -> Result<Vec<Named>, Failure> {
    let wanted: Vec<Option<&Sealed>> = rows
        .iter()
        .flat_map(|row| [row.email.as_ref(), row.first_name.as_ref(), row.last_name.as_ref(), row.name.as_ref()])
        .collect();
    let mut plain = unseal_all(app, tenant, &wanted).await?.into_iter();
    Ok(rows
        .iter()
        .map(|_| {
            let mut next = || plain.next().flatten();
            let (email, first, last, whole) = (next(), next(), next(), next());
            let joined = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ");
            Named { email, name: whole.or((!joined.is_empty()).then_some(joined)) }
        })
        .collect())
}

/// Texts in the order of the ciphertexts, with one look-up of keys.
pub(super) async fn unseal_all(
    app: &App,
    tenant: &TenantId,
    wanted: &[Option<&Sealed>],
) -> Result<Vec<Option<String>>, Failure> {
    let present: Vec<&Sealed> = wanted.iter().filter_map(|sealed| *sealed).collect();
    let mut plain = app.ledger.keyring().unseal_many(tenant, &present).await?.into_iter();
    Ok(wanted.iter().map(|sealed| if sealed.is_some() { plain.next().flatten() } else { None }).collect())
}

/// The customer's id at the processor: Stripe's own, or the sandbox's, which is derived from ours.
pub(super) fn processor_id(origin: Origin, id: &str) -> String {
    match origin {
        Origin::Stripe => id.to_owned(),
        Origin::Daybook => format!("sandbox_{id}"),
    }
}

/// Whether a text is an e-mail address as mail servers accept them: one @, a dotted domain, no blanks, 254 bytes.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let labels_fine = domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    });
    let local_fine = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
    text.len() <= 254 && local_fine && domain.contains('.') && labels_fine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        let cases = [
            ("customer@example.com", true),
            ("test+1700000000@example.com", true),
            ("o'neil@example.co.uk", true),
            ("müller@exämple.de", true),
            ("invalid-email", false),
            ("a@b", false),
            ("a b@example.com", false),
            ("a@@example.com", false),
            ("@example.com", false),
            ("a@example..com", false),
            ("a@-example.com", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_email(text), expected, "{text}");
        }
    }
}
