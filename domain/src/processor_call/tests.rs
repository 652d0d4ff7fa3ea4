//! Is a call asked once and answered once?

use super::*;
use crate::id::ProcessorCallId;
use crate::issued::Decider;
use crate::refusal::Refusal;
use crate::samples::{customer_id, invoice_id, issued};

fn id() -> ProcessorCallId {
    ProcessorCallId::parse("pc_1").unwrap()
}

fn request() -> ProcessorCallCommand {
    let asked = Box::new(Asked::VoidInvoice { invoice: invoice_id() });
    ProcessorCallCommand::Request { id: id(), customer: Some(customer_id()), asked }
}

fn answered(object: &str) -> ProcessorCallCommand {
    ProcessorCallCommand::Answer { answer: Answer::Succeeded { object: object.to_owned() } }
}

/// What each command in turn comes to: the number of its events, or the refusal.
fn run(commands: &[ProcessorCallCommand]) -> (ProcessorCall, Vec<Result<usize, Refusal>>) {
    let mut call = ProcessorCall::default();
    let mut outcomes = Vec::new();
    for command in commands {
        let decided = call.decide(&issued("2024-02-01T00:00:00Z", command.clone()));
        for event in decided.iter().flatten() {
            call.evolve(event);
        }
        outcomes.push(decided.map(|events| events.len()));
    }
    (call, outcomes)
}

#[test]
fn the_first_answer_stands() {
    let exists = || Err(Refusal::AlreadyExists { what: "call".to_owned() });
    let cases = [
        (vec![request()], vec![Ok(1)], None),
        (vec![request(), request()], vec![Ok(1), exists()], None),
        (vec![request(), answered("in_1")], vec![Ok(1), Ok(1)], Some("in_1")),
        (vec![request(), answered("in_1"), answered("in_2")], vec![Ok(1), Ok(1), Ok(0)], Some("in_1")),
        (vec![answered("in_1")], vec![Ok(0)], None),
    ];
    for (commands, expected, object) in cases {
        let (call, outcomes) = run(&commands);
        let answer = object.map(|object| Answer::Succeeded { object: object.to_owned() });
        assert_eq!((outcomes, call.answer()), (expected, answer.as_ref()), "{commands:?}");
    }
}
