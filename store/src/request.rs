//! What is asked of the funnel, and what it answers.

use domain::command::Command;
use domain::id::TenantId;
use jiff::Timestamp;
use uuid::Uuid;

/// One request to the ledger: commands that happen together or not at all (rule L11).
#[derive(Debug, Clone)]
pub struct Request {
    pub tenant: TenantId,
    /// Who asks: `key:<id>`, `user:<sub>`, `stripe`, `reactor`, `cli`.
    pub actor: String,
    pub request_id: Option<String>,
    /// The position whose event led to this.
    pub cause: Option<i64>,
    /// The tenant's time; it becomes `booked_at`.
    pub now: Timestamp,
    pub commands: Vec<Command>,
    /// Names that must be free, taken in the same transaction.
    pub claims: Vec<Claim>,
    /// Names that are given back in the same transaction.
    pub releases: Vec<Claim>,
    pub event_ids: EventIds,
    pub idempotency: Option<Idempotency>,
    /// The streams are believed to be new, so the first try decides on empty states without loading. A wrong belief
    /// costs a conflict and a reload, nothing else.
    pub expect_new: bool,
}

/// A unique name and the stream that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// `email`, `coupon:<code>`.
    pub kind: String,
    pub name: String,
    /// `customer/cus_…`.
    pub holder: String,
}

/// Where event ids come from (rule L4).
#[derive(Debug, Clone)]
pub enum EventIds {
    /// New UUIDv7s.
    Fresh,
    /// Derived from this seed and the index of the event, so that a repetition writes nothing.
    Derived(String),
}

/// An `Idempotency-Key` with the hash of its request, and what the caller needs to answer a repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    pub key: String,
    pub request_hash: String,
    /// Kept with the key and handed back on a repetition: the ids the first request made, as JSON.
    pub result: String,
}

/// What an executed request wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The position of the last event written, or, where nothing was, the head when it was decided.
    pub position: i64,
    pub events: Vec<Uuid>,
    /// The kept result where an idempotency key or derived event ids showed that this was done before.
    pub repeated: Option<String>,
}
