//! Answers of the fake: an object, or an error in Stripe's form.

use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    pub fn error(status: u16, kind: &str, code: &str, message: &str) -> Self {
        let code = if code.is_empty() { Value::Null } else { Value::from(code) };
        Self { status, body: json!({"error": {"type": kind, "code": code, "message": message}}) }
    }

    pub fn invalid(code: &str, param: &str, message: &str) -> Self {
        let mut answer = Self::error(400, "invalid_request_error", code, message);
        answer.body["error"]["param"] = Value::from(param);
        answer
    }

    pub fn missing(id: &str) -> Self {
        let mut answer =
            Self::error(404, "invalid_request_error", "resource_missing", &format!("No such object: '{id}'"));
        answer.body["error"]["param"] = Value::from("id");
        answer
    }

    pub fn internal() -> Self {
        Self::error(500, "api_error", "", "An unknown error occurred")
    }

    /// Stripe forgets what did not reach the doing: wrong requests, and those it had no time for.
    pub fn is_remembered(&self) -> bool {
        self.status < 400 || self.status == 402 || self.status >= 500
    }
}

/// What a request comes to: an object, or why not.
pub type Outcome = Result<Value, Box<Answer>>;

pub fn refuse<T>(answer: Answer) -> Result<T, Box<Answer>> {
    Err(Box::new(answer))
}
