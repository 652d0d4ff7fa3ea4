//! What a command does to a subscription's usage.

use jiff::Timestamp;

use super::command::UsageCommand;
use super::event::{Recorded, UsageChange, UsageEvent};
use super::state::UsageLog;
use crate::issued::{Decider, EventForm, Issued};
use crate::pricing::MAX_USAGE;
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
            UsageCommand::Record { id, key, metric, quantity, used_at } => {
                let recorded =
                    Recorded { key: key.clone(), metric: metric.clone(), quantity: *quantity, used_at: *used_at };
                if let Some(known) = self.open.get(key) {
                    let same = *known == recorded;
                    return if same { Ok(Vec::new()) } else { Err(Refusal::Taken { claim: "usage key".to_owned() }) };
                }
                self.check(issued.now, &recorded)?;
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
}
