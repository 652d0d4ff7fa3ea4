//! Customers of Stripe's and their payment methods: who they are is told Stripe, which keeps it, and what it keeps is
//! mirrored. A customer has the id that Stripe gave it.

use std::time::Duration;

use domain::customer::{Customer, CustomerSnapshot, Patch, Profile};
use domain::id::{CustomerId, PaymentMethodId};
use domain::origin::Origin;
use domain::policy::stripe::own;
use domain::processor_call::{Asked, ProfileField};
use domain::sealed::Sealed;
use serde_json::{Map, Value};
use store::Ledger;

use super::{call_id, carry_out, carry_out_as, new_call};
use crate::failure::Failure;
use crate::operations::customers::{CustomerFields, patch};
use crate::operations::payment_methods::NewMethod;
use crate::operations::{Call, Done};
use crate::processor::people::ADDRESS_LINES;

/// Stripe's limits of metadata, less the names that are ours.
const MAX_NAMES: usize = 40;
const MAX_NAME_CHARS: usize = 40;
const MAX_VALUE_CHARS: usize = 500;

pub(in crate::operations) async fn create_customer(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    fields: &CustomerFields,
    method: Option<PaymentMethodId>,
) -> Result<Done, Failure> {
    let id = new_call();
    carry_out_as(ledger, call, patience, &id, async {
        check(fields)?;
        let subject = format!("processor_call/{}", call_id(&id)?);
        let sealer = ledger.keyring().sealer(&call.tenant, &subject).await?;
        let profile = Box::new(patch(&sealer, fields, None).over(&Profile::default()));
        Ok((None, Asked::CreateCustomer { profile, method }))
    })
    .await
}

/// `None` for a customer of our own, from before the tenant was Stripe's.
pub(in crate::operations) async fn update_customer(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    id: &CustomerId,
    fields: &CustomerFields,
) -> Result<Option<Done>, Failure> {
    let loaded = ledger.load::<Customer>(&call.tenant, id.as_str()).await?.state;
    let Some(known) = loaded.snapshot().filter(|known| !known.deleted && known.origin == Origin::Stripe).cloned()
    else {
        return Ok(None);
    };
    let work = async {
        check(fields)?;
        if matches!(fields.metadata, Patch::Cleared) {
            let expected = "An object; a name whose value is null is removed";
            return Err(Failure::invalid("metadata", None, expected));
        }
        let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{id}")).await?;
        let fields = with_whole_name(ledger, call, &known.profile, fields).await?;
        // Stripe merges the metadata by itself.
        let set = Box::new(patch(&sealer, &fields, None).over(&Profile::default()));
        let seen = loaded.seen();
        let former_emails = match (&set.email_index, seen.email_index) {
            (Some(_), shown) => shown.into_iter().chain(seen.claimed_email).collect(),
            (None, _) => Vec::new(),
        };
        let asked = Asked::UpdateCustomer { customer: id.clone(), set, cleared: cleared(&fields), former_emails };
        Ok((Some(id.clone()), asked))
    };
    carry_out(ledger, call, patience, work).await.map(Some)
}

pub(in crate::operations) async fn attach_payment_method(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    customer: &str,
    new: &NewMethod,
    make_default: bool,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let NewMethod::Named(method) = new else {
            return Err(Failure::invalid("card", None, "A payment method that was made with Stripe"));
        };
        let (customer, known) = stripe_customer(ledger, call, customer).await?;
        // The first one is what the customer pays with.
        let make_default = make_default || known.default_payment_method.is_none();
        let asked = Asked::AttachPaymentMethod { customer: customer.clone(), method: method.clone(), make_default };
        Ok((Some(customer), asked))
    })
    .await
}

pub(in crate::operations) async fn detach_payment_method(
    ledger: &Ledger,
    call: &Call,
    patience: Duration,
    customer: &str,
    method: &str,
) -> Result<Done, Failure> {
    carry_out(ledger, call, patience, async {
        let unknown = || Failure::not_found("payment method");
        let (customer, _) = stripe_customer(ledger, call, customer).await?;
        let method = PaymentMethodId::parse(method).map_err(|_| unknown())?;
        let loaded = ledger.load::<Customer>(&call.tenant, customer.as_str()).await?;
        loaded.state.method(&method).ok_or_else(unknown)?;
        Ok((Some(customer.clone()), Asked::DetachPaymentMethod { customer, method }))
    })
    .await
}

/// A living customer that Stripe knows.
pub(super) async fn stripe_customer(
    ledger: &Ledger,
    call: &Call,
    id: &str,
) -> Result<(CustomerId, CustomerSnapshot), Failure> {
    let id = CustomerId::parse(id).map_err(|_| Failure::not_found("customer"))?;
    let loaded = ledger.load::<Customer>(&call.tenant, id.as_str()).await?;
    let known = loaded.state.snapshot().filter(|known| !known.deleted).cloned();
    let known = known.ok_or_else(|| Failure::not_found("customer"))?;
    match known.origin {
        Origin::Stripe => Ok((id, known)),
        Origin::Daybook => Err(Failure::invalid("customer_id", Some(id.as_str()), "A customer that Stripe knows")),
    }
}

/// Whether Stripe can keep this metadata: texts under short names.
pub(super) fn check_metadata(metadata: &Map<String, Value>) -> Result<(), Failure> {
    if metadata.len() > MAX_NAMES {
        return Err(Failure::invalid("metadata", None, &format!("At most {MAX_NAMES} names, as Stripe keeps them")));
    }
    for (name, value) in metadata {
        let refuse = |expected: &str| Err(Failure::invalid(&format!("metadata.{name}"), None, expected));
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.contains(['[', ']']) {
            return refuse(&format!("A name of at most {MAX_NAME_CHARS} characters without brackets"));
        }
        if name.starts_with(own::PREFIX) {
            return refuse("A name that Daybook does not use itself");
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) if text.chars().count() <= MAX_VALUE_CHARS => {}
            Value::String(_) | Value::Array(_) | Value::Object(_) => {
                return refuse(&format!("A text of at most {MAX_VALUE_CHARS} characters, as Stripe keeps"));
            }
        }
    }
    Ok(())
}

fn check(fields: &CustomerFields) -> Result<(), Failure> {
    if let Patch::Set(metadata) = &fields.metadata {
        check_metadata(metadata)?;
    }
    if let Patch::Set(address) = &fields.billing_address {
        for (line, value) in address {
            let refuse = |expected: &str| Err(Failure::invalid(&format!("billing_address.{line}"), None, expected));
            if !ADDRESS_LINES.contains(&line.as_str()) {
                return refuse(&format!("One of Stripe's lines: {}", ADDRESS_LINES.join(", ")));
            }
            if !value.is_string() && !value.is_null() {
                return refuse("A text");
            }
        }
    }
    Ok(())
}

/// Stripe has one text for the name, so a part of it that changes makes another whole.
async fn with_whole_name(
    ledger: &Ledger,
    call: &Call,
    known: &Profile,
    fields: &CustomerFields,
) -> Result<CustomerFields, Failure> {
    if fields.first_name.is_unchanged() && fields.last_name.is_unchanged() || matches!(fields.name, Patch::Set(_)) {
        return Ok(fields.clone());
    }
    let mut shown = [None, None];
    if known.first_name.is_some() || known.last_name.is_some() {
        shown = [
            unsealed(ledger, call, known.first_name.as_ref()).await?,
            unsealed(ledger, call, known.last_name.as_ref()).await?,
        ];
    } else if let Some(name) = unsealed(ledger, call, known.name.as_ref()).await? {
        // As it is shown: the family's name is what follows the first blank.
        let (given, family) = name.split_once(' ').unwrap_or((&name, ""));
        shown = [Some(given.to_owned()), Some(family.to_owned()).filter(|family| !family.is_empty())];
    }
    let changed = [&fields.first_name, &fields.last_name].into_iter().zip(shown);
    let mut parts = changed.map(|(told, shown)| match told {
        Patch::Set(name) => Some(name.clone()),
        Patch::Cleared => None,
        Patch::Unchanged => shown,
    });
    let (first, last) = (parts.next().flatten(), parts.next().flatten());
    let whole: Vec<&str> = [&first, &last].into_iter().flatten().map(String::as_str).collect();
    let name = if whole.is_empty() { Patch::Cleared } else { Patch::Set(whole.join(" ")) };
    let (first_name, last_name) = (Patch::from(first), Patch::from(last));
    Ok(CustomerFields { first_name, last_name, name, ..fields.clone() })
}

async fn unsealed(ledger: &Ledger, call: &Call, sealed: Option<&Sealed>) -> Result<Option<String>, Failure> {
    match sealed {
        Some(sealed) => Ok(ledger.keyring().unseal(&call.tenant, sealed).await?),
        None => Ok(None),
    }
}

fn cleared(fields: &CustomerFields) -> Vec<ProfileField> {
    let texts = [
        (ProfileField::FirstName, &fields.first_name),
        (ProfileField::LastName, &fields.last_name),
        (ProfileField::Name, &fields.name),
        (ProfileField::Phone, &fields.phone),
        (ProfileField::Company, &fields.company),
    ];
    let texts = texts.into_iter().filter(|(_, text)| matches!(text, Patch::Cleared)).map(|(field, _)| field);
    let address = matches!(fields.billing_address, Patch::Cleared).then_some(ProfileField::Address);
    let currency = matches!(fields.preferred_currency, Patch::Cleared).then_some(ProfileField::Currency);
    texts.chain(address).chain(currency).collect()
}
