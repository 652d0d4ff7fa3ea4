//! What a Stripe charge says: one attempt to take money.

use serde_json::Value;

use super::json::{Lack, at, clear, code, currency, flag, get, instant, minor, reference, sealed, text};
use super::occurrence::{Occurrence, View};
use super::payment_method::{charged, exp_month, exp_year};
use crate::command::Command;
use crate::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId};
use crate::money::Currency;
use crate::payment::{ChargeReport, PaymentCommand, PaymentStatus};

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let own = occurrence.object_id()?;
    let named = reference(occurrence.object, "payment_intent").unwrap_or(own);
    let id = PaymentId::parse(named).map_err(|_| Lack::of("charge", "`id`"))?;
    let (stamp, charge) = occurrence.stamped(read, |charge| phase(charge.status))?;
    let report = PaymentCommand::ReportCharge { id: id.clone(), stamp, charge: Box::new(charge) };
    Ok(vec![Command::Payment(id, report)])
}

/// Taken money stays taken: a late report of the same charge's failure is older, however it arrives (decision B9).
fn phase(status: PaymentStatus) -> u8 {
    match status {
        PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => 1,
        PaymentStatus::Pending
        | PaymentStatus::RequiresAction
        | PaymentStatus::Processing
        | PaymentStatus::RequiresCapture
        | PaymentStatus::Failed
        | PaymentStatus::Canceled => 0,
    }
}

fn read(view: &View<'_>) -> Result<ChargeReport, Lack> {
    let object = view.object;
    let status = status(object);
    let currency = currency(object, "currency").ok_or_else(|| Lack::of("charge", "`currency`"))?;
    let (fee_minor, net_minor) = settlement(object, currency);
    let card = charged(object).unwrap_or(&Value::Null);
    Ok(ChargeReport {
        id: clear(object, "id").ok_or_else(|| Lack::of("charge", "`id`"))?,
        status,
        amount_minor: minor(object, "amount").ok_or_else(|| Lack::of("charge", "`amount`"))?,
        amount_refunded_minor: minor(object, "amount_refunded").unwrap_or(0),
        currency,
        created_at: instant(object, "created").unwrap_or(view.created),
        customer: reference(object, "customer").and_then(|id| CustomerId::parse(id).ok()),
        invoice: reference(object, "invoice").and_then(|id| InvoiceId::parse(id).ok()),
        method: method(object).and_then(|id| PaymentMethodId::parse(id).ok()),
        method_type: method_type(object),
        last4: sealed(card, "last4", view.sealer),
        exp_month: exp_month(card),
        exp_year: exp_year(card),
        decline_code: (status == PaymentStatus::Failed).then(|| decline_code(object)).flatten(),
        fee_minor,
        net_minor,
        description: sealed(object, "description", view.sealer),
        receipt_url: sealed(object, "receipt_url", view.sealer),
    })
}

/// Until 2015 a charge had `paid` and no status, and afterwards for a while the status `paid`.
fn status(object: &Value) -> PaymentStatus {
    match text(object, "status") {
        Some("pending") => return PaymentStatus::Pending,
        Some("failed") => return PaymentStatus::Failed,
        None if !flag(object, "paid") => return PaymentStatus::Failed,
        _ => {}
    }
    let authorized_only = get(object, "captured").and_then(Value::as_bool) == Some(false);
    match (authorized_only, flag(object, "refunded")) {
        (false, _) => PaymentStatus::Succeeded,
        // An authorization that was released or expired counts as refunded without ever having been captured.
        (true, true) => PaymentStatus::Canceled,
        (true, false) => PaymentStatus::RequiresCapture,
    }
}

/// Fee and net are only known from an expanded balance transaction (decision B8), and only in its currency.
fn settlement(object: &Value, charged_in: Currency) -> (Option<i64>, Option<i64>) {
    let transaction = get(object, "balance_transaction")
        .filter(|transaction| currency(transaction, "currency").is_none_or(|settled_in| settled_in == charged_in));
    match transaction {
        Some(transaction) => (minor(transaction, "fee"), minor(transaction, "net")),
        None => (None, None),
    }
}

fn method(object: &Value) -> Option<&str> {
    reference(object, "payment_method").or_else(|| reference(object, "source")).or_else(|| reference(object, "card"))
}

fn method_type(object: &Value) -> Option<String> {
    let today = get(object, "payment_method_details").and_then(|details| code(details, "type"));
    let source = || get(object, "source").and_then(|source| code(source, "object"));
    today.or_else(source).or_else(|| get(object, "card").map(|_| "card".to_owned()))
}

/// The issuer's reason where there is one, else Stripe's code.
fn decline_code(object: &Value) -> Option<String> {
    let reason = at(object, &["outcome"]).and_then(|outcome| code(outcome, "reason"));
    reason.or_else(|| code(object, "failure_code"))
}
