//! What the funnel hands to the appender, and what the appender answers: one member of a batch.

use std::sync::Arc;

use domain::id::TenantId;
use uuid::Uuid;

use crate::cache::StreamKey;
use crate::hash::{Content, ContentHash};
use crate::placeholder::Placeholder;
use crate::request::{Claim, Idempotency};

/// All that one request writes, or nothing of it (rule L11).
#[derive(Debug)]
pub struct Append {
    pub tenant: TenantId,
    /// Each stream that was decided on, with the sequence it stood at.
    pub streams: Vec<Expectation>,
    pub drafts: Vec<Draft>,
    /// The first event's id follows from the request's cause, so that it may exist already (rule L4).
    pub derived: bool,
    pub claims: Vec<Claim>,
    pub releases: Vec<Claim>,
    pub idempotency: Option<Idempotency>,
    pub keys: Vec<NewKey>,
    pub placeholders: Vec<Placeholder>,
    pub refused: Option<RefusedCommand>,
    /// The tenant's time.
    pub now: i64,
    /// Size of all payloads and metadata.
    pub bytes: usize,
}

#[derive(Debug, Clone)]
pub struct Expectation {
    pub key: StreamKey,
    pub sequence: i64,
}

/// An event without its place.
#[derive(Debug, Clone)]
pub struct Draft {
    pub key: StreamKey,
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    pub event_id: Uuid,
    pub payload: String,
    pub metadata: Arc<str>,
    pub booked_at: i64,
    pub effective_at: i64,
    /// The hash up to the place, made by the caller's task so that the lock is not held for it.
    pub content: ContentHash,
}

/// A subject's key that is stored with the first append that uses it (rule L10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    pub subject: String,
    pub wrapped: String,
}

/// An intent that the domain refused.
#[derive(Debug, Clone)]
pub struct RefusedCommand {
    pub id: Uuid,
    pub stream: String,
    pub command: String,
    pub code: &'static str,
    pub refusal: String,
    pub actor: String,
    pub request_id: Option<String>,
    pub cause: Option<i64>,
}

/// What became of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Written; with no events, `first` is the position after the head.
    Written {
        first: i64,
    },
    /// It had been written by an attempt whose outcome was unknown (rule L3).
    Resolved {
        first: i64,
    },
    /// A stream stands elsewhere, or another member of the batch takes the same name: decide again.
    Conflict,
    /// Events with these derived ids are in the log already.
    Done {
        position: i64,
    },
    /// The idempotency key was used before.
    Repeated {
        request_hash: String,
        result: String,
        position: i64,
    },
    Taken {
        kind: String,
    },
    /// Another process stored another key for this subject; what was sealed cannot be kept.
    KeyLost {
        subject: String,
    },
    Unavailable(String),
    Failed(String),
}

/// Whether a JSON text holds a NUL character, which PostgreSQL cannot store: `\u0000` after an even number of backslashes.
pub fn holds_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let before = json.as_bytes().get(..at).unwrap_or_default();
        before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
    })
}

impl Draft {
    /// Takes the columns into the hash; call it when a column was set.
    pub fn prepare(&mut self, tenant: &TenantId) {
        let event_id = text_id(self.event_id);
        self.content = ContentHash::of(&Content {
            tenant: tenant.as_str(),
            aggregate_type: self.key.kind,
            stored_id: &self.key.stored_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
            event_id: &event_id,
            payload: &self.payload,
            metadata: &self.metadata,
            booked_at: self.booked_at,
            effective_at: self.effective_at,
        });
    }
}

/// An event id as it is stored.
pub fn text_id(id: Uuid) -> String {
    id.hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_told_from_a_text_that_looks_like_one() {
        let of = |text: &str| holds_nul(&serde_json::to_string(text).unwrap());
        let cases =
            [("", false), ("plain", false), ("a\0b", true), ("\\u0000", false), ("\\\0", true), ("\\\\u0000", false)];
        for (text, expected) in cases {
            assert_eq!(of(text), expected, "{text:?}");
        }
    }
}
