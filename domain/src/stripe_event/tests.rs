//! Is an event received once, and what does a second delivery, a retry or the reactor do to it?

use cqrs_es::test::TestFramework;

use super::*;
use crate::refusal::Refusal;
use crate::samples::stripe_event::{CREATED, NOW, event, event_id, received, refused};
use crate::samples::{fold, issued};

type Given = Vec<StripeEventEvent>;
type Decision = Result<Vec<StripeEventEvent>, Refusal>;

fn check(what: &str, given: Given, command: StripeEventCommand, expected: Decision) {
    let result = TestFramework::<StripeEvent>::with(()).given(given).when(issued(NOW, command)).inspect_result();
    assert_eq!((what, result), (what, expected));
}

fn receive(hash: &str) -> StripeEventCommand {
    StripeEventCommand::Receive { id: event_id(), received: Box::new(received(hash)) }
}

fn was_received(hash: &str) -> StripeEventEvent {
    event(CREATED, StripeEventChange::StripeEventReceived(Box::new(received(hash))))
}

fn conflicted(hash: &str) -> StripeEventEvent {
    event(CREATED, StripeEventChange::StripeEventConflicted(Box::new(received(hash))))
}

fn processed(outcome: Outcome) -> StripeEventEvent {
    event(NOW, StripeEventChange::StripeEventProcessed { outcome })
}

fn retried() -> StripeEventEvent {
    event(NOW, StripeEventChange::StripeEventRetryRequested {})
}

#[test]
fn an_event_is_received_once_and_other_bodies_are_kept_aside() {
    let many: Given = (0..100).map(|n| conflicted(&format!("other-{n}"))).collect();
    let full = [vec![was_received("h1")], many].concat();
    check("first", vec![], receive("h1"), Ok(vec![was_received("h1")]));
    check("again", vec![was_received("h1")], receive("h1"), Ok(vec![]));
    check("another body", vec![was_received("h1")], receive("h2"), Ok(vec![conflicted("h2")]));
    check("the other again", vec![was_received("h1"), conflicted("h2")], receive("h2"), Ok(vec![]));
    check("a third body", vec![was_received("h1"), conflicted("h2")], receive("h3"), Ok(vec![conflicted("h3")]));
    check("one body too many", full, receive("h2"), Ok(vec![]));
}

#[test]
fn only_a_received_event_is_processed_or_retried() {
    let missing = || Err(Refusal::not_found("webhook event"));
    let finish = |outcome| StripeEventCommand::Finish { outcome };
    let outcomes = [Outcome::Applied { streams: 2 }, Outcome::Ignored { reason: "unknown type".to_owned() }, refused()];
    for outcome in outcomes {
        let expected = vec![processed(outcome.clone())];
        check("finished", vec![was_received("h1")], finish(outcome.clone()), Ok(expected));
        check("finished unseen", vec![], finish(outcome), missing());
    }
    check("retried", vec![was_received("h1"), processed(refused())], StripeEventCommand::Retry, Ok(vec![retried()]));
    check("retried unseen", vec![], StripeEventCommand::Retry, missing());
}

#[test]
fn a_retry_makes_an_event_wait_again() {
    let events = [was_received("h1"), processed(refused()), retried(), processed(Outcome::Applied { streams: 1 })];
    let outcomes: Vec<_> = (0..=events.len())
        .map(|count| {
            let state = fold::<StripeEvent>(&events[..count]);
            (state.is_received(), state.outcome().cloned())
        })
        .collect();
    let expected = [
        (false, None),
        (true, None),
        (true, Some(refused())),
        (true, None),
        (true, Some(Outcome::Applied { streams: 1 })),
    ];
    assert_eq!(outcomes, expected);
}
