//! Why Stripe did not do what it was asked, and above all whether it may have done it all the same.

use std::time::Duration;

use super::key::IdempotencyKey;

/// An error with the request it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeError {
    pub kind: Box<StripeErrorKind>,
    pub trace: Box<Trace>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeErrorKind {
    /// The payment was refused; asking again with the same key gives the same refusal.
    #[error("the payment was declined: {0}")]
    Declined(Decline),
    /// The request is wrong, or names what is not there.
    #[error("the request is invalid: {0}")]
    Invalid(Invalid),
    /// The key was used with other fields: a mistake of ours, and nothing was done now.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    #[error("the secret key is not accepted: {message}")]
    Authentication { message: String },
    /// Nothing was done.
    #[error("too many requests")]
    RateLimited { retry_after: Option<Duration> },
    /// Nothing was done: Stripe was never reached, or was only to be read.
    #[error("Stripe is unavailable: {reason}")]
    Unavailable { reason: String },
    /// It may have been done. The same request with the same key tells, and does nothing twice.
    #[error("it is unknown whether Stripe did it: {reason}")]
    OutcomeUnknown { reason: String },
    /// The request could not be put into words; nothing was sent.
    #[error("the request cannot be sent: {reason}")]
    Unsendable { reason: String },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decline {
    /// Stripe's code, such as `card_declined`, `expired_card`, `authentication_required`.
    pub code: String,
    /// The issuer's reason, such as `insufficient_funds`.
    pub decline_code: Option<String>,
    /// What Stripe advises: `try_again_later`, `do_not_try_again`, `confirm_card_data`.
    pub advice_code: Option<String>,
    pub message: Option<String>,
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invalid {
    pub status: u16,
    pub code: Option<String>,
    /// The field that is wrong, in Stripe's spelling.
    pub param: Option<String>,
    pub message: Option<String>,
}

/// What is needed to find the request again, in our log and in Stripe's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    pub method: String,
    pub path: String,
    pub key: Option<IdempotencyKey>,
    /// Of the last answer.
    pub status: Option<u16>,
    /// Stripe's `Request-Id` of the last answer.
    pub request_id: Option<String>,
    pub tries: u32,
}

impl StripeError {
    pub(super) fn new(kind: StripeErrorKind, trace: Trace) -> Self {
        Self { kind: Box::new(kind), trace: Box::new(trace) }
    }

    pub fn decline(&self) -> Option<&Decline> {
        if let StripeErrorKind::Declined(decline) = &*self.kind { Some(decline) } else { None }
    }

    /// Whether what was asked for certainly did not happen.
    pub fn is_certain(&self) -> bool {
        !matches!(*self.kind, StripeErrorKind::OutcomeUnknown { .. })
    }

    /// Whether the object that was named is not there.
    pub fn is_missing(&self) -> bool {
        matches!(&*self.kind, StripeErrorKind::Invalid(invalid) if invalid.is_missing())
    }
}

impl Invalid {
    pub fn is_missing(&self) -> bool {
        self.status == 404 || self.code.as_deref() == Some("resource_missing")
    }
}

impl Decline {
    /// Whether the customer must confirm the payment, which is no refusal of the card.
    pub fn requires_action(&self) -> bool {
        matches!(
            self.code.as_str(),
            "authentication_required"
                | "invoice_payment_intent_requires_action"
                | "subscription_payment_intent_requires_action"
        )
    }

    /// The most exact word for why: the issuer's, else Stripe's.
    pub fn reason(&self) -> &str {
        self.decline_code.as_deref().unwrap_or(&self.code)
    }
}

impl std::error::Error for StripeError {}

impl std::fmt::Display for StripeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.kind, self.trace)
    }
}

impl std::fmt::Display for Decline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (param, code) = (self.param.as_deref(), self.code.as_deref());
        let said = self.message.as_deref().unwrap_or("no reason was given");
        for (name, value) in [("param", param), ("code", code)] {
            if let Some(value) = value {
                write!(f, "{name} {value}: ")?;
            }
        }
        f.write_str(said)
    }
}

impl std::fmt::Display for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(f, ", request {request_id}")?;
        }
        write!(f, ", tries {}", self.tries)
    }
}
