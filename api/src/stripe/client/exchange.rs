//! One request and its answer over HTTP: what is sent with each, how the answer is read, and which error it is at the
//! end. Every try of a request sends the same bytes under the same key.

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{StripeError, StripeErrorKind, Trace};
use super::form::Form;
use super::key::IdempotencyKey;
use super::retry::with_retries;
use super::trouble::{Answer, Trouble, request_id};
use super::{API_VERSION, StripeClient};

/// Bytes of an answer: a page of a hundred of the largest events fits.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// Letters of an id in a path, as everywhere in the ledger.
const MAX_ID_CHARS: usize = 255;

/// What is asked: parts of a path after `/v1`, and fields.
struct Asked<'a> {
    method: Method,
    path: &'a [&'a str],
    form: Form,
    key: Option<&'a IdempotencyKey>,
}

/// An answer as it came in.
#[derive(Debug)]
struct Answered {
    status: u16,
    request_id: Option<String>,
    body: Vec<u8>,
}

impl StripeClient {
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &impl Serialize,
    ) -> Result<T, StripeError> {
        self.ask(Method::GET, path, query, None).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        key: &IdempotencyKey,
        fields: &impl Serialize,
    ) -> Result<T, StripeError> {
        self.ask(Method::POST, path, fields, Some(key)).await
    }

    /// Deleting twice is deleting once, so Stripe takes no key for it.
    pub(crate) async fn delete<T: DeserializeOwned>(
        &self,
        path: &[&str],
        fields: &impl Serialize,
    ) -> Result<T, StripeError> {
        self.ask(Method::DELETE, path, fields, None).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        fields: &impl Serialize,
        key: Option<&IdempotencyKey>,
    ) -> Result<T, StripeError> {
        let what = format!("{method} /v1/{}", path.join("/"));
        let mut trace = Trace {
            method: method.to_string(),
            path: format!("/v1/{}", path.join("/")),
            key: key.cloned(),
            ..Trace::default()
        };
        let asked = match Form::of(fields) {
            Ok(form) => Asked { method, path, form, key },
            Err(error) => {
                return Err(StripeError::new(StripeErrorKind::Unsendable { reason: error.to_string() }, trace));
            }
        };
        let ended = with_retries(&self.0.timing, &what, || self.attempt(&asked)).await;
        let writes = asked.method != Method::GET;
        trace.tries = ended.tries;
        match ended.outcome {
            Ok(answered) => {
                (trace.status, trace.request_id) = (Some(answered.status), answered.request_id);
                let (request_id, tries) = (&trace.request_id, trace.tries);
                if writes {
                    tracing::info!(request = what, request_id, tries, "Stripe answered");
                } else {
                    tracing::debug!(request = what, request_id, tries, "Stripe answered");
                }
                serde_json::from_slice(&answered.body)
                    .map_err(|error| StripeError::new(unreadable(writes, &error), trace))
            }
            Err(trouble) => {
                if let Trouble::Answered(answer) = &trouble {
                    (trace.status, trace.request_id) = (Some(answer.status), answer.request_id.clone());
                }
                Err(StripeError::new(trouble.conclude(writes, ended.is_open), trace))
            }
        }
    }

    async fn attempt(&self, asked: &Asked<'_>) -> Result<Answered, Trouble> {
        let request = self.request(asked)?;
        let response = self.0.http.execute(request).await.map_err(|error| trouble(&error))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = read(response).await?;
        if status.is_success() {
            Ok(Answered { status: status.as_u16(), request_id: request_id(&headers), body })
        } else {
            Err(Trouble::Answered(Box::new(Answer::read(status.as_u16(), &headers, &body))))
        }
    }

    fn request(&self, asked: &Asked<'_>) -> Result<reqwest::Request, Trouble> {
        let unsendable = |error: &dyn std::error::Error| Trouble::Unsendable(error.to_string());
        let mut url = self.url(asked.path)?;
        let sends_body = asked.method == Method::POST;
        if !sends_body && !asked.form.pairs().is_empty() {
            url.query_pairs_mut().extend_pairs(asked.form.pairs());
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.0.account.secret_key.expose()))
            .map_err(|error| unsendable(&error))?;
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert("authorization", bearer);
        headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
        if let Some(key) = asked.key {
            let key = HeaderValue::from_str(key.as_str()).map_err(|error| unsendable(&error))?;
            headers.insert("idempotency-key", key);
        }
        let mut builder = self.0.http.request(asked.method.clone(), url).headers(headers);
        if sends_body {
            builder = builder.form(&asked.form);
        }
        builder.build().map_err(|error| unsendable(&error))
    }

    /// An id that is empty or has a slash would name something else than was meant.
    fn url(&self, path: &[&str]) -> Result<Url, Trouble> {
        let is_name = |part: &&str| {
            let fits = (1..=MAX_ID_CHARS).contains(&part.len()) && ![".", ".."].contains(part);
            fits && part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
        };
        if let Some(wrong) = path.iter().find(|part| !is_name(part)) {
            return Err(Trouble::Unsendable(format!("{wrong:?} is not an id")));
        }
        let mut url = self.0.account.base_url.clone();
        let base_cannot_be = |()| Trouble::Unsendable("the base URL takes no path".to_owned());
        url.path_segments_mut().map_err(base_cannot_be)?.pop_if_empty().push("v1").extend(path);
        Ok(url)
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| trouble(&error))? {
        if body.len().saturating_add(chunk.len()) > MAX_ANSWER_BYTES {
            return Err(Trouble::NoAnswer(format!("the answer is larger than {MAX_ANSWER_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn trouble(error: &reqwest::Error) -> Trouble {
    let mut reason = String::new();
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        // The outermost says the address, which the log has anyway; the innermost says why.
        reason = error.to_string();
        source = error.source();
    }
    if error.is_timeout() && !error.is_connect() {
        Trouble::NoAnswer("no answer in time".to_owned())
    } else if error.is_connect() {
        Trouble::NotSent(reason)
    } else if error.is_builder() {
        Trouble::Unsendable(reason)
    } else {
        Trouble::NoAnswer(reason)
    }
}

/// Stripe said yes in a form that is not understood.
fn unreadable(writes: bool, error: &serde_json::Error) -> StripeErrorKind {
    let reason = format!("the answer cannot be read: {error}");
    if writes { StripeErrorKind::OutcomeUnknown { reason } } else { StripeErrorKind::Unavailable { reason } }
}
