//! The wire: who may ask, which fault comes true, what the key says, and the headers of the answer.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use futures::stream;
use serde_json::Value;

use super::answer::Answer;
use super::faults::Fault;
use super::idempotency::Verdict;
use super::listener::{Scissors, SeverableListener};
use super::{SECRET_KEY, Shared, lock, params};

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `POST /v1/refunds`.
    pub request: String,
    pub key: Option<String>,
    pub version: Option<String>,
    pub fields: Value,
}

pub async fn serve(listener: SeverableListener, shared: Arc<Shared>) {
    let routes = Router::new().fallback(answer).with_state(shared);
    let service = routes.into_make_service_with_connect_info::<Scissors>();
    axum::serve(listener, service).await.expect("the fake is served");
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = std::str::from_utf8(&body).expect("a form is text");
    let call = Call {
        request: format!("{method} {}", uri.path()),
        key: header("idempotency-key"),
        version: header("stripe-version"),
        fields: params::read(if method == Method::POST { text } else { uri.query().unwrap_or_default() }),
    };
    let number = {
        let mut calls = lock(&shared.calls);
        calls.push(call.clone());
        calls.len()
    };
    let respond = |answer: &Answer| response(answer, number, &[]);
    if header("authorization") != Some(format!("Bearer {SECRET_KEY}")) {
        return respond(&Answer::error(401, "invalid_request_error", "", "Invalid API Key provided"));
    }
    let fault = lock(&shared.script).next(&call.request);
    match fault {
        None => respond(&perform(&shared, &call, false)),
        Some(Fault::ArrivesTwice) => {
            perform(&shared, &call, false);
            respond(&perform(&shared, &call, false))
        }
        Some(Fault::AnswerTooLate) => {
            perform(&shared, &call, false);
            std::future::pending().await
        }
        Some(Fault::StillAtWork) => {
            if let Some(key) = &call.key {
                lock(&shared.keys).hold(key, &sameness(&call));
            }
            std::future::pending().await
        }
        Some(Fault::AnswerLost) => {
            let answer = perform(&shared, &call, false);
            scissors.cut();
            respond(&answer)
        }
        Some(Fault::ConnectionCut) => {
            scissors.cut();
            respond(&Answer::internal())
        }
        Some(Fault::AnswerCutShort) => cut_short(&perform(&shared, &call, false), number),
        Some(Fault::RateLimited { retry_after_s }) => {
            let answer = Answer::error(429, "invalid_request_error", "rate_limit", "Too many requests");
            response(&answer, number, &[("retry-after", &retry_after_s.to_string())])
        }
        Some(Fault::FailsBefore) => respond(&Answer::internal()),
        Some(Fault::FailsAfter) => respond(&perform(&shared, &call, true)),
        Some(Fault::FailsForGood) => response(&Answer::internal(), number, &[("stripe-should-retry", "false")]),
        Some(Fault::BadGateway) => {
            let page = Body::from("<html>Bad Gateway</html>");
            Response::builder().status(502).header("content-type", "text/html").body(page).expect("an answer")
        }
    }
}

/// Does what is asked unless the key was used before. `fails` makes the answer a 500 although it was done.
fn perform(shared: &Shared, call: &Call, fails: bool) -> Answer {
    let is_post = call.request.starts_with("POST ");
    let key = match (&call.key, is_post) {
        (Some(key), true) => key,
        (None, true) => return Answer::error(400, "invalid_request_error", "", "a POST without an Idempotency-Key"),
        (_, false) => return lock(&shared.objects).act(call),
    };
    let verdict = lock(&shared.keys).begin(key, &sameness(call));
    match verdict {
        Verdict::Again(answer) | Verdict::AtWork(answer) | Verdict::Other(answer) => answer,
        Verdict::First => finish(shared, call, key, fails),
        Verdict::Held(answer) => {
            // Whoever asks again has waited long enough; the first request is done now.
            finish(shared, call, key, fails);
            answer
        }
    }
}

fn finish(shared: &Shared, call: &Call, key: &str, fails: bool) -> Answer {
    let done = lock(&shared.objects).act(call);
    let answer = if fails { Answer::internal() } else { done };
    lock(&shared.keys).end(key, &answer);
    answer
}

fn sameness(call: &Call) -> String {
    format!("{} {}", call.request, call.fields)
}

fn response(answer: &Answer, number: usize, headers: &[(&str, &str)]) -> Response {
    let mut builder = Response::builder()
        .status(answer.status)
        .header("content-type", "application/json")
        .header("request-id", format!("req_{number}"));
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(answer.body.to_string())).expect("an answer")
}

/// Promises the whole body and ends after half of it.
fn cut_short(answer: &Answer, number: usize) -> Response {
    let text = answer.body.to_string();
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    let pieces = stream::iter([Ok(half), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]);
    let mut response = response(answer, number, &[("content-length", &text.len().to_string())]);
    *response.body_mut() = Body::from_stream(pieces);
    response
}
