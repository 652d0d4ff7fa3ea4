//! What a Stripe dispute says, and of which payment it is.

use serde_json::Value;

use super::invoice::payment_named;
use super::json::{Lack, clear, code, currency, instant, list, minor, text};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::money::Currency;
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
    let currency = currency(object, "currency").ok_or_else(|| Lack::of("dispute", "`currency`"))?;
    let money = money(object, currency);
    Ok(DisputeReport {
        id: clear(object, "id").ok_or_else(|| Lack::of("dispute", "`id`"))?,
        status: status(text(object, "status").unwrap_or_default())?,
        amount_minor: minor(object, "amount").ok_or_else(|| Lack::of("dispute", "`amount`"))?,
        currency,
        created_at: instant(object, "created").unwrap_or(view.created),
        reason: code(object, "reason"),
        withdrawn_minor: money.as_ref().map(|money| money.withdrawn),
        reinstated_minor: money.as_ref().map_or(0, |money| money.reinstated),
        fee_minor: money.as_ref().map(|money| money.fee),
    })
}

/// What the dispute's balance transactions took, gave back and cost, in minor units.
struct Moved {
    withdrawn: i64,
    reinstated: i64,
    fee: i64,
}

/// `None` where the object shows no transactions, or shows them in the account's currency and not in the dispute's
/// (decision B8). A reinstatement may return the fee, as one below zero.
fn money(object: &Value, disputed_in: Currency) -> Option<Moved> {
    let transactions = list(object, "balance_transactions");
    let is_comparable = |transaction: &Value| {
        let amounts = minor(transaction, "amount").is_some();
        amounts && currency(transaction, "currency").is_none_or(|settled_in| settled_in == disputed_in)
    };
    if transactions.is_empty() || !transactions.iter().all(is_comparable) {
        return None;
    }
    let amounts = || transactions.iter().filter_map(|transaction| minor(transaction, "amount"));
    let fees = transactions.iter().filter_map(|transaction| minor(transaction, "fee"));
    Some(Moved {
        withdrawn: amounts().filter(|amount| *amount < 0).fold(0, i64::saturating_sub),
        reinstated: amounts().filter(|amount| *amount > 0).fold(0, i64::saturating_add),
        fee: fees.fold(0, i64::saturating_add).max(0),
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
