//! Why a request was not answered as asked, before any surface has put it in its own words. Each surface has one match
//! from this to a status, a code and a body.

use domain::refusal::Refusal;
use store::{ExecuteError, StoreError};

/// Seconds after which a client may try again when the database is away or the queue full: long enough for a restart
/// to finish, short enough not to be felt.
pub const RETRY_AFTER_S: u32 = 2;

/// Its text is what a client may read; surfaces add their own words around it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The request is wrong in a field.
    #[error("The field {field} is invalid: {expected}")]
    Invalid { field: String, value: Option<String>, expected: String },
    /// The request is wrong as a whole: not JSON, not UTF-8.
    #[error("{reason}")]
    Malformed { reason: String },
    /// A webhook was not accepted.
    #[error("{reason}")]
    Webhook { code: &'static str, reason: String },
    #[error("The body is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
    #[error("The body must be application/json")]
    UnsupportedMediaType,
    #[error("The method is not allowed here")]
    MethodNotAllowed,
    /// No credentials.
    #[error("An API key is required")]
    Unauthenticated,
    /// Credentials that are not valid.
    #[error("The API key is invalid")]
    WrongCredentials,
    #[error("The API key lacks the scope {needed}")]
    Forbidden { needed: &'static str },
    #[error("The requested {what} does not exist")]
    NotFound { what: String },
    #[error("{what}")]
    Conflict { what: String },
    /// The state machine has no such transition.
    #[error("{reason}")]
    Illegal { reason: String },
    /// A charge did not succeed; the attempt is in the ledger.
    #[error("The payment failed: {decline_code}")]
    PaymentFailed { decline_code: String, payment_id: Option<String> },
    #[error("The service is temporarily unavailable")]
    Unavailable,
    /// Our own fault; the reason goes to the log and not to the client.
    #[error("A server error occurred")]
    Internal { reason: String },
}

impl Failure {
    pub fn invalid(field: &str, value: Option<&str>, expected: &str) -> Self {
        Self::Invalid { field: field.to_owned(), value: value.map(str::to_owned), expected: expected.to_owned() }
    }

    pub fn not_found(what: &str) -> Self {
        Self::NotFound { what: what.to_owned() }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let reason = refusal.to_string();
        match refusal {
            Refusal::NotFound { what } => Self::NotFound { what },
            Refusal::AlreadyExists { what } => Self::Conflict { what: format!("{what} already exists") },
            // Whoever sends it again is answered on what is so then.
            Refusal::Superseded { .. } => Self::Unavailable,
            Refusal::Taken { claim } => Self::Conflict { what: format!("{claim} is already taken") },
            Refusal::IllegalTransition { .. } => Self::Illegal { reason },
            Refusal::Invalid { field, reason } => Self::Invalid { field, value: None, expected: reason },
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Overloaded => Self::Unavailable,
            StoreError::Unstorable(reason) => Self::Malformed { reason },
            StoreError::Database(_) | StoreError::Corrupt { .. } | StoreError::Configuration(_) => {
                Self::Internal { reason: error.to_string() }
            }
        }
    }
}

impl From<ExecuteError> for Failure {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::IdempotencyMismatch => {
                Self::Conflict { what: "this Idempotency-Key was used with another request".to_owned() }
            }
            ExecuteError::Contention => Self::Unavailable,
            ExecuteError::Store(error) => error.into(),
        }
    }
}
