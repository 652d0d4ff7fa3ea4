//! What do payouts look like in tests?

use super::{at, stamp};
use crate::money::Currency;
use crate::payout::{PayoutChange, PayoutEvent, PayoutReport, PayoutStatus};

pub fn report() -> PayoutReport {
    PayoutReport {
        id: "po_1".to_owned(),
        status: PayoutStatus::InTransit,
        amount_minor: 96_779,
        currency: Currency::USD,
        created_at: at("2024-02-01T00:00:00Z"),
        arrives_at: Some(at("2024-02-03T00:00:00Z")),
    }
}

/// One event of every kind.
pub fn events() -> Vec<PayoutEvent> {
    let stamp = crate::stamp::Stamp { before: Some(7), ..stamp("evt_1", "2024-02-01T01:00:05Z", 1) };
    let change = PayoutChange::PayoutReported { stamp, payout: report() };
    vec![PayoutEvent { at: at("2024-02-01T01:00:05Z"), change, after: Some(report()) }]
}
