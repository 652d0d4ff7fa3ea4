//! What a report does to a payout.

use jiff::Timestamp;

use super::command::PayoutCommand;
use super::event::{PayoutChange, PayoutEvent};
use super::state::Payout;
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;
use crate::stamp::Absorbed;

impl EventForm for PayoutEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for Payout {
    const TYPE: &'static str = "payout";
    type Command = PayoutCommand;
    type Event = PayoutEvent;

    fn decide(&self, issued: &Issued<PayoutCommand>) -> Result<Vec<PayoutEvent>, Refusal> {
        match &issued.command {
            PayoutCommand::Report { stamp, payout } => {
                let mut reports = self.reports.clone();
                let absorbed = reports.absorb(stamp.clone(), payout.clone());
                if absorbed == Absorbed::Repeated {
                    return Ok(Vec::new());
                }
                let after = (absorbed == Absorbed::Changed).then(|| reports.current().cloned()).flatten();
                let change = PayoutChange::PayoutReported { stamp: stamp.clone(), payout: payout.clone() };
                Ok(vec![PayoutEvent { at: stamp.created, change, after }])
            }
        }
    }

    fn evolve(&mut self, event: &PayoutEvent) {
        self.apply(event);
    }
}
