//! The reasons for which the domain says no, as types that a surface can translate.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Refusal {
    #[error("{what} does not exist")]
    NotFound { what: String },
    #[error("{what} already exists")]
    AlreadyExists { what: String },
    /// The state machine has no such transition.
    #[error("cannot {action} {what} that is {state}")]
    IllegalTransition { what: String, state: String, action: String },
    #[error("{field}: {reason}")]
    Invalid { field: String, reason: String },
    /// A name that must be unique, such as an e-mail address, belongs to something else.
    #[error("{claim} is already taken")]
    Taken { claim: String },
    /// The request was made from what is no longer so; made anew, it may be accepted.
    #[error("{what} has changed meanwhile")]
    Superseded { what: String },
}

impl Refusal {
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), reason: reason.into() }
    }

    pub fn illegal(what: &str, state: &str, action: &str) -> Self {
        Self::IllegalTransition { what: what.to_owned(), state: state.to_owned(), action: action.to_owned() }
    }

    pub fn not_found(what: &str) -> Self {
        Self::NotFound { what: what.to_owned() }
    }

    /// The stable code under which a refusal is recorded.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::AlreadyExists { .. } => "already_exists",
            Self::IllegalTransition { .. } => "illegal_transition",
            Self::Invalid { .. } => "invalid",
            Self::Taken { .. } => "taken",
            Self::Superseded { .. } => "superseded",
        }
    }
}
