//! What a command does to a subscription's usage.

use jiff::Timestamp;

use super::command::{Rates, UsageCommand};
use super::event::{Accrued, Recorded, UsageChange, UsageEvent};
use super::state::UsageLog;
use crate::issued::{Decider, EventForm, Issued};
use crate::pricing::{MAX_USAGE, PriceError, quote};
use crate::refusal::Refusal;

/// Records that may wait for one invoice. Who counts more often sums up before reporting.
pub const MAX_RECORDS: usize = 10_000;

impl EventForm for UsageEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for UsageLog {
    const TYPE: &'static str = "usage";
    type Command = UsageCommand;
    type Event = UsageEvent;

    fn decide(&self, issued: &Issued<UsageCommand>) -> Result<Vec<UsageEvent>, Refusal> {
        match &issued.command {
            UsageCommand::Record { id, key, metric, quantity, used_at, rates } => {
                let (key, metric) = (key.clone(), metric.clone());
                let mut recorded = Recorded { key, metric, quantity: *quantity, used_at: *used_at, accrued: None };
                if let Some(known) = self.open.get(&recorded.key) {
                    recorded.accrued = known.accrued;
                    let same = *known == recorded;
                    return if same { Ok(Vec::new()) } else { Err(Refusal::Taken { claim: "usage key".to_owned() }) };
                }
                self.check(issued.now, &recorded)?;
                if let Some(rates) = rates {
                    recorded.accrued = self.accrued(&recorded, rates)?;
                }
                let change = UsageChange::UsageRecorded { recorded };
                Ok(vec![UsageEvent { at: *used_at, subscription: id.clone(), change }])
            }
            UsageCommand::Bill { invoice, until } => {
                let Some(id) = &self.id else { return Ok(Vec::new()) };
                if self.billed_until.is_some_and(|known| *until <= known) {
                    return Ok(Vec::new());
                }
                let change = UsageChange::UsageBilled { invoice: invoice.clone(), until: *until };
                Ok(vec![UsageEvent { at: issued.now, subscription: id.clone(), change }])
            }
            UsageCommand::Drop => {
                let Some(id) = self.id.as_ref().filter(|_| !self.open.is_empty()) else { return Ok(Vec::new()) };
                let change = UsageChange::UsageDropped { accrued: self.open_accrued() };
                Ok(vec![UsageEvent { at: issued.now, subscription: id.clone(), change }])
            }
        }
    }

    fn evolve(&mut self, event: &UsageEvent) {
        self.apply(event);
    }
}

impl UsageLog {
    fn check(&self, now: Timestamp, recorded: &Recorded) -> Result<(), Refusal> {
        if recorded.quantity == 0 || recorded.quantity > MAX_USAGE {
            return Err(Refusal::invalid("quantity", format!("must be 1 to {MAX_USAGE}")));
        }
        if recorded.used_at > now {
            return Err(Refusal::invalid("at", "lies in the future"));
        }
        if self.open.len() >= MAX_RECORDS {
            return Err(Refusal::invalid("usage", format!("{MAX_RECORDS} records wait for an invoice already")));
        }
        Ok(())
    }

    /// What a record costs: what all of its metric costs with it, less what it cost without it. So the parts of a period
    /// sum to what its invoice will ask, tiers and rounding included.
    fn accrued(&self, recorded: &Recorded, rates: &Rates) -> Result<Option<Accrued>, Refusal> {
        let Some(currency) = rates.prices.first().map(|price| price.currency) else { return Ok(None) };
        let before = self.quantity_of(&recorded.metric, rates.since, recorded.used_at < rates.since);
        let invalid = |error: PriceError| Refusal::invalid("quantity", error.to_string());
        let mut amount_minor = 0_i64;
        for price in &rates.prices {
            let after_minor = quote(price, before.saturating_add(recorded.quantity)).map_err(invalid)?.total_minor;
            let before_minor = if before == 0 { 0 } else { quote(price, before).map_err(invalid)?.total_minor };
            amount_minor = amount_minor.saturating_add(after_minor.saturating_sub(before_minor));
        }
        Ok(Some(Accrued { currency, amount_minor }))
    }
}
