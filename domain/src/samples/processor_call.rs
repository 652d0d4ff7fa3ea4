//! What do calls to the processor look like in tests?

use super::{at, customer_id, payment_id};
use crate::id::ProcessorCallId;
use crate::processor_call::{Answer, Asked, ProcessorCallChange, ProcessorCallEvent};

/// One event of every kind.
pub fn events() -> Vec<ProcessorCallEvent> {
    use ProcessorCallChange as C;
    let event =
        |time, change| ProcessorCallEvent { at: at(time), call: ProcessorCallId::parse("pc_1").unwrap(), change };
    let asked = Asked::RefundPayment {
        payment: payment_id(),
        amount_minor: Some(50_000),
        reason: Some("requested_by_customer".to_owned()),
    };
    let requested = C::ProcessorCallRequested { customer: Some(customer_id()), asked: Box::new(asked) };
    let answered = C::ProcessorCallAnswered { answer: Answer::Succeeded { object: "re_1".to_owned() } };
    vec![event("2024-02-01T00:00:00Z", requested), event("2024-02-01T00:00:01Z", answered)]
}
