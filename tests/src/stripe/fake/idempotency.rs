//! Stripe's idempotency: a key that was used before gets what it got then, and does nothing again.

use std::collections::HashMap;

use super::answer::Answer;

#[derive(Debug, Default)]
pub struct Keys(HashMap<String, Used>);

#[derive(Debug, Clone)]
struct Used {
    /// Method, path and fields.
    request: String,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    AtWork,
    /// Begun, and left until it is asked for again.
    Held,
    Answered(Answer),
}

/// What a key says about a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the first one; now it is at work.
    First,
    Again(Answer),
    AtWork(Answer),
    /// It was held until now, and is at work.
    Held(Answer),
    Other(Answer),
}

impl Keys {
    /// Begins a request without finishing it.
    pub fn hold(&mut self, key: &str, request: &str) {
        self.0.entry(key.to_owned()).or_insert(Used { request: request.to_owned(), state: State::Held });
    }

    pub fn begin(&mut self, key: &str, request: &str) -> Verdict {
        let Some(used) = self.0.get_mut(key) else {
            self.0.insert(key.to_owned(), Used { request: request.to_owned(), state: State::AtWork });
            return Verdict::First;
        };
        if used.request != request {
            return Verdict::Other(Answer::error(
                400,
                "idempotency_error",
                "",
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
            ));
        }
        match &used.state {
            State::Answered(answer) => Verdict::Again(answer.clone()),
            State::AtWork => Verdict::AtWork(in_use()),
            State::Held => {
                used.state = State::AtWork;
                Verdict::Held(in_use())
            }
        }
    }

    pub fn end(&mut self, key: &str, answer: &Answer) {
        if answer.is_remembered() {
            if let Some(used) = self.0.get_mut(key) {
                used.state = State::Answered(answer.clone());
            }
        } else {
            self.0.remove(key);
        }
    }
}

fn in_use() -> Answer {
    let message = "There is currently another in-progress request using this key.";
    Answer::error(409, "idempotency_error", "idempotency_key_in_use", message)
}
