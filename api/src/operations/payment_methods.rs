//! What is done with payment methods: they are attached and detached, at Stripe where the tenant is Stripe's. The number
//! of a card is read once, at the edge, and is never here.

use domain::command::Command;
use domain::customer::{Customer, CustomerCommand, PaymentMethod, PaymentMethodKind};
use domain::id::{CustomerId, PaymentMethodId};
use domain::sandbox::Outcome;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{Ledger, SubjectSealer};

use super::repeats::once;
use super::{Call, Done, execute, request, stripe_calls};
use crate::failure::Failure;

/// Years that a card is good for whose date nobody told.
const GOOD_FOR_YEARS: i16 = 3;

/// A test card, without its number.
#[derive(Debug, Clone)]
pub struct Card {
    pub brand: &'static str,
    pub last4: &'static str,
    pub exp_month: u8,
    pub exp_year: u16,
}

/// What a caller wants to pay with.
#[derive(Debug, Clone)]
pub enum NewMethod {
    /// One of the sandbox's, by its id.
    Named(PaymentMethodId),
    Card(Card),
}

/// Attaches a method to a customer. What is done has the method's id.
pub async fn attach_payment_method(
    ledger: &Ledger,
    call: &Call,
    customer: &str,
    new: &NewMethod,
    make_default: bool,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::attach_payment_method(ledger, call, patience, customer, new, make_default))
            .await;
    }
    once(ledger, call, async {
        let customer = known(ledger, call, customer).await?;
        let method = method_of(ledger, call, &customer, new).await?;
        let id = method.id.clone();
        let command = CustomerCommand::AttachPaymentMethod { method, make_default };
        let commands = vec![Command::Customer(customer, command)];
        execute(ledger, id.as_str(), request(call, commands, id.as_str())).await
    })
    .await
}

/// Takes a method away; it cannot come back.
pub async fn detach_payment_method(
    ledger: &Ledger,
    call: &Call,
    customer: &str,
    method: &str,
) -> Result<Done, Failure> {
    if let Some(patience) = call.stripe() {
        return Box::pin(stripe_calls::detach_payment_method(ledger, call, patience, customer, method)).await;
    }
    once(ledger, call, async {
        let customer = known(ledger, call, customer).await?;
        let unknown = || Failure::not_found("payment method");
        let command =
            CustomerCommand::DetachPaymentMethod { method: PaymentMethodId::parse(method).map_err(|_| unknown())? };
        let commands = vec![Command::Customer(customer, command)];
        execute(ledger, method, request(call, commands, method)).await
    })
    .await
}

/// The method as its customer will have it.
pub(crate) async fn method_of(
    ledger: &Ledger,
    call: &Call,
    customer: &CustomerId,
    new: &NewMethod,
) -> Result<PaymentMethod, Failure> {
    let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
    match new {
        NewMethod::Named(id) => Ok(sandbox_method(call.now, &sealer, id.clone())),
        NewMethod::Card(card) => {
            let id = PaymentMethodId::parse(&store::ids::prefixed(&format!("pm_sbx_{}_", card.last4)))
                .map_err(|error| Failure::Internal { reason: error.to_string() })?;
            Ok(PaymentMethod {
                id,
                kind: PaymentMethodKind::Card,
                brand: Some(card.brand.to_owned()),
                last4: Some(sealer.seal(card.last4)),
                exp_month: Some(card.exp_month),
                exp_year: Some(card.exp_year),
                attached: true,
            })
        }
    }
}

/// The card behind a payment method of the sandbox (decision B10): a name it does not know is Stripe's plain test card.
pub(crate) fn sandbox_method(now: Timestamp, sealer: &SubjectSealer, id: PaymentMethodId) -> PaymentMethod {
    let brand = match id.as_str() {
        "pm_card_mastercard" => "mastercard",
        "pm_card_amex" => "amex",
        _ => "visa",
    };
    let last4 = if brand == "amex" { "8431" } else { Outcome::last4_of(id.as_str()) };
    PaymentMethod {
        kind: PaymentMethodKind::Card,
        brand: Some(brand.to_owned()),
        last4: Some(sealer.seal(last4)),
        exp_month: Some(12),
        exp_year: u16::try_from(TimeZone::UTC.to_datetime(now).year() + GOOD_FOR_YEARS).ok(),
        attached: true,
        id,
    }
}

async fn known(ledger: &Ledger, call: &Call, customer: &str) -> Result<CustomerId, Failure> {
    let id = CustomerId::parse(customer).map_err(|_| Failure::not_found("customer"))?;
    let loaded = ledger.load::<Customer>(&call.tenant, id.as_str()).await?;
    let lives = loaded.state.snapshot().is_some_and(|snapshot| !snapshot.deleted);
    if lives { Ok(id) } else { Err(Failure::not_found("customer")) }
}
