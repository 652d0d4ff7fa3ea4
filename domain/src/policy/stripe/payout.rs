//! What a Stripe payout says: money on its way to the bank, there, or back. Until 2017 payouts were transfers with a
//! `date`; transfers of today go to other accounts and are not read here.

use super::json::{Lack, clear, currency, first_instant, instant, minor, text};
use super::occurrence::{Occurrence, View};
use crate::command::Command;
use crate::id::PayoutId;
use crate::payout::{PayoutCommand, PayoutReport, PayoutStatus};

pub(super) fn facts(occurrence: &Occurrence<'_>) -> Result<Vec<Command>, Lack> {
    let id = PayoutId::parse(occurrence.object_id()?).map_err(|_| Lack::of("payout", "`id`"))?;
    let (stamp, payout) = occurrence.stamped(read, |payout| phase(payout.status))?;
    Ok(vec![Command::Payout(id, PayoutCommand::Report { stamp, payout })])
}

/// A payout that was paid can still come back; what has come back stays so.
fn phase(status: PayoutStatus) -> u8 {
    match status {
        PayoutStatus::Pending | PayoutStatus::InTransit => 0,
        PayoutStatus::Paid => 1,
        PayoutStatus::Failed | PayoutStatus::Canceled => 2,
    }
}

fn read(view: &View<'_>) -> Result<PayoutReport, Lack> {
    let object = view.object;
    Ok(PayoutReport {
        id: clear(object, "id").ok_or_else(|| Lack::of("payout", "`id`"))?,
        status: status(view)?,
        amount_minor: minor(object, "amount").ok_or_else(|| Lack::of("payout", "`amount`"))?,
        currency: currency(object, "currency").ok_or_else(|| Lack::of("payout", "`currency`"))?,
        created_at: first_instant(object, &["created", "date"]).unwrap_or(view.created),
        arrives_at: instant(object, "arrival_date").or_else(|| instant(object, "date")),
    })
}

/// Where the event is a step of the payout's life, that is what has happened, whatever the object was when it was shown.
fn status(view: &View<'_>) -> Result<PayoutStatus, Lack> {
    let word = match view.step() {
        step @ ("paid" | "failed" | "canceled") => step,
        _ => text(view.object, "status").unwrap_or_default(),
    };
    match word {
        "pending" => Ok(PayoutStatus::Pending),
        "in_transit" => Ok(PayoutStatus::InTransit),
        "paid" => Ok(PayoutStatus::Paid),
        "failed" => Ok(PayoutStatus::Failed),
        "canceled" => Ok(PayoutStatus::Canceled),
        other => Err(Lack(format!("the payout has the unknown status {other:?}"))),
    }
}
