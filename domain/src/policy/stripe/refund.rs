//! What a Stripe refund says, and of which payment it is.

use super::invoice::payment_named;
use super::json::{Lack, clear, code, currency, instant, minor, text};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::payment::{PaymentCommand, RefundReport, RefundStatus};

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    occurrence.object_id()?;
    let id = payment_named(occurrence.object).ok_or_else(|| Lack::of("refund", "`payment_intent` or `charge`"))?;
    let (stamp, refund) = occurrence.stamped(read, |refund| phase(refund.status))?;
    Ok(vec![Command::Payment(id.clone(), PaymentCommand::ReportRefund { id, stamp, refund })])
}

/// A refund that succeeded can still fail at the bank; then it stays failed.
fn phase(status: RefundStatus) -> u8 {
    match status {
        RefundStatus::Pending => 0,
        RefundStatus::Succeeded => 1,
        RefundStatus::Failed | RefundStatus::Canceled => 2,
    }
}

fn read(view: &View<'_>) -> Result<RefundReport, Lack> {
    let object = view.object;
    Ok(RefundReport {
        id: clear(object, "id").ok_or_else(|| Lack::of("refund", "`id`"))?,
        status: status(text(object, "status"))?,
        amount_minor: minor(object, "amount").ok_or_else(|| Lack::of("refund", "`amount`"))?,
        currency: currency(object, "currency").ok_or_else(|| Lack::of("refund", "`currency`"))?,
        created_at: instant(object, "created").unwrap_or(view.created),
        reason: code(object, "reason"),
    })
}

/// Until 2015 a refund had no status: it was reported once it was done.
fn status(word: Option<&str>) -> Result<RefundStatus, Lack> {
    match word {
        None | Some("succeeded") => Ok(RefundStatus::Succeeded),
        Some("pending" | "requires_action") => Ok(RefundStatus::Pending),
        Some("failed") => Ok(RefundStatus::Failed),
        Some("canceled") => Ok(RefundStatus::Canceled),
        Some(other) => Err(Lack(format!("the refund has the unknown status {other:?}"))),
    }
}
