//! What is sold once and charged at once, and money taken in advance. A decline leaves its attempt and nothing else: no
//! invoice that would be owed for what was never sold, and nobody is dunned for it.

use super::bill::{Bill, bill_now};
use super::collect::{collect, method_for};
use super::desk::{Desk, Held};
use super::ids::payment_of;
use crate::account::AccountCommand;
use crate::id::{PaymentId, PaymentMethodId};
use crate::invoice::Line;
use crate::money::{Currency, Money};
use crate::payment::{ChargeReport, PaymentCommand, PaymentStatus};
use crate::refusal::Refusal;
use crate::sandbox::SandboxCommand;
use crate::sealed::Sealed;

/// A sum as the one line of an invoice.
pub fn line_of_sum(amount_minor: i64, description: &str, note: Option<Sealed>) -> Line {
    Line { description: description.to_owned(), note, ..Line::of(amount_minor) }
}

/// Charges exactly what the lines come to: no tax on top, and the customer's balance is left alone.
pub fn sell(desk: &mut Desk, bill: &Bill, method: Option<&PaymentMethodId>) -> Result<PaymentId, Refusal> {
    let tried = try_charge(desk, bill, method)?;
    if matches!(tried.charge.status, PaymentStatus::Succeeded | PaymentStatus::Processing) {
        let (rate, account) = (desk.rate.take(), std::mem::take(&mut desk.account));
        *desk = tried.desk;
        (desk.rate, desk.account) = (rate, account);
    } else {
        record(desk, &tried)?;
    }
    Ok(tried.payment)
}

/// Takes money in advance (decision B15): a payment for no invoice, which the customer's balance has from then on.
pub fn buy_balance(
    desk: &mut Desk,
    key: &str,
    amount: Money,
    method: Option<&PaymentMethodId>,
) -> Result<PaymentId, Refusal> {
    let bill = Bill {
        key: key.to_owned(),
        currency: amount.currency(),
        lines: vec![line_of_sum(amount.minor(), "Balance", None)],
        with_pending: false,
        due_in_days: None,
        finalize: true,
    };
    let tried = try_charge(desk, &bill, method)?;
    if tried.charge.status == PaymentStatus::Processing {
        return Err(Refusal::invalid(
            "payment_method_id",
            "settles later, and balance is bought with money that is there",
        ));
    }
    record(desk, &tried)?;
    if tried.charge.status == PaymentStatus::Succeeded {
        let (id, payment) = (desk.customer.clone(), Some(tried.payment.clone()));
        let (currency, amount_minor) = (amount.currency(), amount.minor());
        desk.on_account(AccountCommand::Buy { id, currency, amount_minor, payment })?;
    }
    Ok(tried.payment)
}

/// A correction of the balance by hand; below zero it takes credit back.
pub fn adjust_balance(
    desk: &mut Desk,
    currency: Currency,
    amount_minor: i64,
    reason: Option<Sealed>,
) -> Result<(), Refusal> {
    let id = desk.customer.clone();
    desk.on_account(AccountCommand::Adjust { id, currency, amount_minor, reason })
}

struct Tried {
    desk: Desk,
    payment: PaymentId,
    charge: ChargeReport,
}

/// What charging it comes to, worked out on a copy.
fn try_charge(desk: &Desk, bill: &Bill, method: Option<&PaymentMethodId>) -> Result<Tried, Refusal> {
    let mut trial = desk.clone();
    (trial.rate, trial.account) = (None, Held::default());
    let invoice = bill_now(&mut trial, bill)?;
    if method_for(&trial, trial.invoice(&invoice)?, method).is_none() {
        return Err(Refusal::invalid("payment_method_id", "is needed, as the customer has none that could be charged"));
    }
    collect(&mut trial, &invoice, method)?;
    let payment = payment_of(&invoice)?;
    let charge = trial.payments.get(&payment).and_then(|held| held.state.all_charges().last().cloned());
    let charge = charge.ok_or_else(|| Refusal::not_found("payment"))?;
    Ok(Tried { desk: trial, payment, charge })
}

/// The attempt as one for no invoice.
fn record(desk: &mut Desk, tried: &Tried) -> Result<(), Refusal> {
    if desk.sandbox.state.next_outcome().is_some() {
        desk.on_sandbox(SandboxCommand::UseOutcome)?;
    }
    let charge = Box::new(ChargeReport { invoice: None, ..tried.charge.clone() });
    let command = PaymentCommand::RecordAttempt { id: tried.payment.clone(), charge };
    desk.on_payment(&tried.payment, command)
}
