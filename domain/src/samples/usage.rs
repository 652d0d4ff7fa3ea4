//! What does recorded usage look like in tests?

use super::{at, invoice_id, subscription_id};
use crate::money::Currency;
use crate::pricing::Metric;
use crate::usage::{Accrued, Recorded, UsageChange, UsageEvent};

pub fn recorded(key: &str) -> Recorded {
    Recorded {
        key: key.to_owned(),
        metric: Metric::parse("messages").unwrap(),
        quantity: 120,
        used_at: at("2024-02-03T12:00:00Z"),
        accrued: None,
    }
}

/// One event of every kind.
pub fn events() -> Vec<UsageEvent> {
    use UsageChange as C;
    let event = |change| UsageEvent { at: at("2024-02-03T12:00:00Z"), subscription: subscription_id(), change };
    let accrued = Some(Accrued { currency: Currency::USD, amount_minor: 1_200 });
    vec![
        event(C::UsageRecorded { recorded: recorded("meter/1") }),
        event(C::UsageRecorded { recorded: Recorded { accrued, ..recorded("meter/2") } }),
        event(C::UsageDropped { accrued }),
        event(C::UsageBilled { invoice: invoice_id(), until: at("2024-03-01T00:00:00Z") }),
    ]
}
