//! What one try came to where it was no success: whether another may follow, and what all of them together mean. Nothing
//! here sends or waits.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;

use super::error::{Decline, Invalid, StripeErrorKind};
use super::reference::Reference;

/// Stripe's word for "the request that had this key first is still at work".
const KEY_IN_USE: &str = "idempotency_key_in_use";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection came about, so nothing was sent.
    NotSent(String),
    /// Something may have been sent, and no whole answer came back.
    NoAnswer(String),
    Answered(Box<Answer>),
    /// The request is not one that HTTP can carry.
    Unsendable(String),
}

/// An answer that is no success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub request_id: Option<String>,
    retry_after: Option<Duration>,
    /// Stripe's own word on whether to try again.
    should_retry: Option<bool>,
    said: Said,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Said {
    #[serde(rename = "type", default)]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    advice_code: Option<String>,
    message: Option<String>,
    param: Option<String>,
    charge: Option<Reference>,
    payment_intent: Option<Reference>,
}

#[derive(Deserialize)]
struct Body {
    error: Said,
}

impl Answer {
    pub fn read(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let seconds = header(RETRY_AFTER.as_str()).and_then(|value| value.trim().parse().ok());
        Self {
            status,
            request_id: request_id(headers),
            retry_after: seconds.map(Duration::from_secs),
            should_retry: header("stripe-should-retry").and_then(|value| value.parse().ok()),
            // A proxy in between may answer in words of its own; the status still says enough.
            said: serde_json::from_slice::<Body>(body).map(|body| body.error).unwrap_or_default(),
        }
    }

    fn is_in_use(&self) -> bool {
        self.status == 409 && self.said.code.as_deref() == Some(KEY_IN_USE)
    }

    fn may_be_tried_again(&self) -> bool {
        let is_passing = self.status == 429 || self.status >= 500 || self.is_in_use();
        is_passing && self.should_retry != Some(false)
    }

    /// What the answer alone means.
    fn meaning(self, writes: bool) -> StripeErrorKind {
        let reason = || format!("status {}", self.status);
        match self.status {
            401 | 403 => StripeErrorKind::Authentication { message: self.said.message.unwrap_or_default() },
            429 => StripeErrorKind::RateLimited { retry_after: self.retry_after },
            // Stripe asks to take these as neither done nor not done.
            500.. if writes => StripeErrorKind::OutcomeUnknown { reason: reason() },
            500.. => StripeErrorKind::Unavailable { reason: reason() },
            _ if self.is_in_use() => StripeErrorKind::OutcomeUnknown {
                reason: "the first request with this key is still at work".to_owned(),
            },
            _ if self.said.kind == "idempotency_error" => StripeErrorKind::KeyReused,
            402 => StripeErrorKind::Declined(self.decline()),
            _ if self.said.kind == "card_error" => StripeErrorKind::Declined(self.decline()),
            status => StripeErrorKind::Invalid(Invalid {
                status,
                code: self.said.code,
                param: self.said.param,
                message: self.said.message,
            }),
        }
    }

    fn decline(self) -> Decline {
        Decline {
            code: self.said.code.unwrap_or_else(|| "card_declined".to_owned()),
            decline_code: self.said.decline_code,
            advice_code: self.said.advice_code,
            message: self.said.message,
            payment_intent: self.said.payment_intent.map(|intent| intent.id),
            charge: self.said.charge.map(|charge| charge.id),
        }
    }
}

impl Trouble {
    pub fn may_be_tried_again(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::NoAnswer(_) => true,
            Self::Answered(answer) => answer.may_be_tried_again(),
            Self::Unsendable(_) => false,
        }
    }

    /// Whether Stripe may have done what this try asked for.
    pub fn leaves_open(&self) -> bool {
        match self {
            Self::NoAnswer(_) => true,
            Self::Answered(answer) => answer.status >= 500 || answer.is_in_use(),
            Self::NotSent(_) | Self::Unsendable(_) => false,
        }
    }

    /// How long Stripe asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Answered(answer) = self { answer.retry_after } else { None }
    }

    /// What it means as the end of all tries. Where an earlier one was left open, only an answer that the request itself
    /// was given settles it: Stripe repeats under one key what it answered first.
    pub fn conclude(self, writes: bool, is_open: bool) -> StripeErrorKind {
        let kind = match self {
            Self::NoAnswer(reason) if writes => StripeErrorKind::OutcomeUnknown { reason },
            Self::NotSent(reason) | Self::NoAnswer(reason) => StripeErrorKind::Unavailable { reason },
            Self::Answered(answer) => answer.meaning(writes),
            Self::Unsendable(reason) => StripeErrorKind::Unsendable { reason },
        };
        let says_all = matches!(
            kind,
            StripeErrorKind::Declined(_) | StripeErrorKind::Invalid(_) | StripeErrorKind::OutcomeUnknown { .. }
        );
        if writes && is_open && !says_all { StripeErrorKind::OutcomeUnknown { reason: kind.to_string() } } else { kind }
    }
}

pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("request-id").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotSent(reason) | Self::NoAnswer(reason) | Self::Unsendable(reason) => f.write_str(reason),
            Self::Answered(answer) => write!(f, "status {}", answer.status),
        }
    }
}

#[cfg(test)]
#[path = "trouble_tests.rs"]
mod tests;
