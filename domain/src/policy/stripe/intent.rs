//! What a Stripe payment intent says: the payment across all its attempts.

use serde_json::Value;

use super::invoice::error_code;
use super::json::{Lack, currency, get, instant, minor, reference, sealed, text};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId};
use crate::payment::{IntentReport, PaymentCommand, PaymentStatus};

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let id = PaymentId::parse(occurrence.object_id()?).map_err(|_| Lack::of("payment intent", "`id`"))?;
    let (stamp, intent) = occurrence.stamped(read, |intent| phase(intent.status))?;
    let report = PaymentCommand::ReportIntent { id: id.clone(), stamp, intent: Box::new(intent) };
    Ok(vec![Command::Payment(id, report)])
}

/// Succeeded and canceled are final.
fn phase(status: PaymentStatus) -> u8 {
    match status {
        PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => 2,
        PaymentStatus::Canceled => 1,
        PaymentStatus::Pending
        | PaymentStatus::RequiresAction
        | PaymentStatus::Processing
        | PaymentStatus::RequiresCapture
        | PaymentStatus::Failed => 0,
    }
}

fn read(view: &View<'_>) -> Result<IntentReport, Lack> {
    let object = view.object;
    let status = status(view)?;
    let asked = minor(object, "amount");
    // A capture can take less than was asked for.
    let taken = minor(object, "amount_received").filter(|taken| *taken > 0 && status == PaymentStatus::Succeeded);
    let method = reference(object, "payment_method").or_else(|| reference(object, "source"));
    let error = get(object, "last_payment_error").filter(|_| status == PaymentStatus::Failed);
    Ok(IntentReport {
        id: text(object, "id").ok_or_else(|| Lack::of("payment intent", "`id`"))?.to_owned(),
        status,
        amount_minor: taken.or(asked).ok_or_else(|| Lack::of("payment intent", "`amount`"))?,
        currency: currency(object, "currency").ok_or_else(|| Lack::of("payment intent", "`currency`"))?,
        created_at: instant(object, "created").unwrap_or(view.created),
        customer: reference(object, "customer").and_then(|id| CustomerId::parse(id).ok()),
        invoice: reference(object, "invoice").and_then(|id| InvoiceId::parse(id).ok()),
        method: method.and_then(|id| PaymentMethodId::parse(id).ok()),
        decline_code: error.and_then(error_code),
        description: sealed(object, "description", view.sealer),
    })
}

/// An intent that waits for a payment method has failed once it names an error; until 2019 it waited for a `source`.
fn status(view: &View<'_>) -> Result<PaymentStatus, Lack> {
    match text(view.object, "status").unwrap_or_default() {
        "requires_payment_method" | "requires_source" => {
            let failed = view.step() == "payment_failed" || errs(view.object);
            Ok(if failed { PaymentStatus::Failed } else { PaymentStatus::Pending })
        }
        "requires_confirmation" => Ok(PaymentStatus::Pending),
        "requires_action" | "requires_source_action" => Ok(PaymentStatus::RequiresAction),
        "processing" => Ok(PaymentStatus::Processing),
        "requires_capture" => Ok(PaymentStatus::RequiresCapture),
        "canceled" | "cancelled" => Ok(PaymentStatus::Canceled),
        "succeeded" => Ok(PaymentStatus::Succeeded),
        other => Err(Lack(format!("the payment intent has the unknown status {other:?}"))),
    }
}

fn errs(object: &Value) -> bool {
    get(object, "last_payment_error").is_some()
}
