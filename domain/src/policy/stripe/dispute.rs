//! What a Stripe dispute says, and of which payment it is.

use super::invoice::payment_named;
use super::json::{Lack, clear, code, currency, instant, minor, text};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::payment::{DisputeReport, DisputeStatus, PaymentCommand};

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    occurrence.object_id()?;
    let id = payment_named(occurrence.object).ok_or_else(|| Lack::of("dispute", "`payment_intent` or `charge`"))?;
    let (stamp, dispute) = occurrence.stamped(read, |dispute| phase(dispute.status))?;
    Ok(vec![Command::Payment(id.clone(), PaymentCommand::ReportDispute { id, stamp, dispute })])
}

fn phase(status: DisputeStatus) -> u8 {
    match status {
        DisputeStatus::Inquiry | DisputeStatus::Open => 0,
        DisputeStatus::Won | DisputeStatus::Lost | DisputeStatus::InquiryClosed => 1,
    }
}

fn read(view: &View<'_>) -> Result<DisputeReport, Lack> {
    let object = view.object;
    Ok(DisputeReport {
        id: clear(object, "id").ok_or_else(|| Lack::of("dispute", "`id`"))?,
        status: status(text(object, "status").unwrap_or_default())?,
        amount_minor: minor(object, "amount").ok_or_else(|| Lack::of("dispute", "`amount`"))?,
        currency: currency(object, "currency").ok_or_else(|| Lack::of("dispute", "`currency`"))?,
        created_at: instant(object, "created").unwrap_or(view.created),
        reason: code(object, "reason"),
        withdrawn_minor: None,
        reinstated_minor: 0,
        fee_minor: None,
    })
}

/// A warning is an inquiry, which moves no money. A prevented dispute, and until 2014 one whose charge was refunded
/// first, ends without a decision and without a withdrawal.
fn status(word: &str) -> Result<DisputeStatus, Lack> {
    match word {
        "warning_needs_response" | "warning_under_review" => Ok(DisputeStatus::Inquiry),
        "warning_closed" | "charge_refunded" | "prevented" => Ok(DisputeStatus::InquiryClosed),
        "needs_response" | "under_review" => Ok(DisputeStatus::Open),
        "won" => Ok(DisputeStatus::Won),
        "lost" => Ok(DisputeStatus::Lost),
        other => Err(Lack(format!("the dispute has the unknown status {other:?}"))),
    }
}
