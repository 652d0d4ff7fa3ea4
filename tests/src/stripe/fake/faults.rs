//! What goes wrong with a request, and with which one.

use std::collections::{HashMap, VecDeque};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is done, and the answer does not come while anybody waits.
    AnswerTooLate,
    /// It is done, and the connection is gone before a byte of the answer.
    AnswerLost,
    /// It is done, and the answer breaks off.
    AnswerCutShort,
    /// Nothing is done, and the connection is gone.
    ConnectionCut,
    /// Nothing is done; 429 with `Retry-After`.
    RateLimited { retry_after_s: u32 },
    /// Nothing is done; 500.
    FailsBefore,
    /// It is done; 500, which the key remembers.
    FailsAfter,
    /// Nothing is done; 500 with `Stripe-Should-Retry: false`.
    FailsForGood,
    /// The network delivers it twice.
    ArrivesTwice,
    /// It is begun, and finished only when it is asked for again, which is answered with 409.
    StillAtWork,
    /// Nothing is done; a page of something in between, with 502.
    BadGateway,
}

/// Faults by request, `POST /v1/refunds`, in the order in which they come true.
#[derive(Debug, Default)]
pub struct Script(HashMap<String, VecDeque<Fault>>);

impl Script {
    pub fn add(&mut self, request: &str, fault: Fault) {
        self.0.entry(request.to_owned()).or_default().push_back(fault);
    }

    pub fn next(&mut self, request: &str) -> Option<Fault> {
        self.0.get_mut(request)?.pop_front()
    }
}
