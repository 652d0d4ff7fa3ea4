//! What is done with what customers have in advance: it is bought, and corrected by hand.

use domain::billing;
use domain::id::{CustomerId, PaymentMethodId};
use domain::money::Money;
use store::Ledger;

use super::repeats::once;
use super::{Call, Done};
use crate::billing::{Place, bill};
use crate::failure::Failure;

/// Charges a sum now, which the customer's balance has from then on. What is done has the payment's id; whether it
/// succeeded is on it.
pub async fn buy_balance(
    ledger: &Ledger,
    call: &Call,
    customer: &str,
    amount: Money,
    method: Option<&PaymentMethodId>,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let place = place(customer)?;
        let key = store::ids::prefixed("");
        let payment = billing::payment_of(&billing::sale_of(&place.customer, &key)?)?;
        let (_, receipt) = bill(ledger, call, &place, payment.as_str(), |desk| {
            desk.confirm_payer(method.cloned())?;
            billing::buy_balance(desk, &key, amount, method)
        })
        .await?;
        Ok(Done::of(payment.as_str(), receipt))
    })
    .await
}

/// Gives credit out of goodwill, or takes some back. What is done has the customer's id.
pub async fn adjust_balance(
    ledger: &Ledger,
    call: &Call,
    customer: &str,
    amount: Money,
    reason: Option<String>,
) -> Result<Done, Failure> {
    once(ledger, call, async {
        let place = place(customer)?;
        let sealer = ledger.keyring().sealer(&call.tenant, &format!("customer/{customer}")).await?;
        let reason = reason.map(|reason| sealer.seal(&reason));
        let ((), receipt) = bill(ledger, call, &place, customer, |desk| {
            desk.confirm_payer(None)?;
            billing::adjust_balance(desk, amount.currency(), amount.minor(), reason.clone())
        })
        .await?;
        Ok(Done::of(customer, receipt))
    })
    .await
}

fn place(customer: &str) -> Result<Place, Failure> {
    CustomerId::parse(customer).map(Place::of).map_err(|_| Failure::not_found("customer"))
}
