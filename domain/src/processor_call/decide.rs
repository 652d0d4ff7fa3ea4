//! What a request or an answer does to a call.

use jiff::Timestamp;

use super::command::ProcessorCallCommand;
use super::event::{ProcessorCallChange, ProcessorCallEvent};
use super::state::ProcessorCall;
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;

impl EventForm for ProcessorCallEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for ProcessorCall {
    const TYPE: &'static str = "processor_call";
    type Command = ProcessorCallCommand;
    type Event = ProcessorCallEvent;

    fn decide(&self, issued: &Issued<ProcessorCallCommand>) -> Result<Vec<ProcessorCallEvent>, Refusal> {
        let (call, change) = match (&issued.command, &self.id) {
            (ProcessorCallCommand::Request { .. }, Some(_)) => {
                return Err(Refusal::AlreadyExists { what: "call".to_owned() });
            }
            (ProcessorCallCommand::Request { id, customer, asked }, None) => {
                let (customer, asked) = (customer.clone(), asked.clone());
                (id.clone(), ProcessorCallChange::ProcessorCallRequested { customer, asked })
            }
            (ProcessorCallCommand::Answer { answer }, Some(id)) if self.answer.is_none() => {
                (id.clone(), ProcessorCallChange::ProcessorCallAnswered { answer: answer.clone() })
            }
            (ProcessorCallCommand::Answer { .. }, _) => return Ok(Vec::new()),
        };
        Ok(vec![ProcessorCallEvent { at: issued.now, call, change }])
    }

    fn evolve(&mut self, event: &ProcessorCallEvent) {
        self.id = Some(event.call.clone());
        match &event.change {
            ProcessorCallChange::ProcessorCallRequested { asked, .. } => self.asked = Some(asked.clone()),
            ProcessorCallChange::ProcessorCallAnswered { answer } => self.answer = Some(answer.clone()),
        }
    }
}
