//! Which dated parts of a payment hold, and what an event does to them: some are closed, some are opened, none is
//! overwritten (rule P6).

use domain::payment::{CashPart, PaymentSnapshot};
use serde::{Deserialize, Serialize};

use crate::mrr::OPEN;

/// What a part says: a sum of one customer in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    pub currency: String,
    pub part: CashPart,
}

/// A part that holds, and the event that made it so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub from_position: i64,
    pub event_id: String,
    pub sum: Sum,
}

/// The sums that a payment comes to.
pub(super) fn sums(after: &PaymentSnapshot) -> Vec<Sum> {
    let customer_id = after.customer.as_ref().map(|id| id.as_str().to_owned());
    let currency = after.currency.code().to_owned();
    let sum =
        |part: &CashPart| Sum { customer_id: customer_id.clone(), currency: currency.clone(), part: part.clone() };
    after.cash.iter().map(sum).collect()
}

/// Replaces what stands by what an event says. Parts that it leaves as they were stay; each other one is written: those
/// that no longer hold with this position as their end, new ones with none.
pub(super) fn revise(
    standing: Vec<Standing>,
    said: Vec<Sum>,
    (position, event_id): (i64, &str),
    mut write: impl FnMut(&Standing, i64),
) -> Vec<Standing> {
    let (mut kept, closed): (Vec<_>, Vec<_>) = standing.into_iter().partition(|known| said.contains(&known.sum));
    for known in &closed {
        write(known, position);
    }
    for sum in said {
        if kept.iter().all(|known| known.sum != sum) {
            let fresh = Standing { from_position: position, event_id: event_id.to_owned(), sum };
            write(&fresh, OPEN);
            kept.push(fresh);
        }
    }
    kept.sort_by(|a, b| a.sum.part.cmp(&b.sum.part));
    kept
}
