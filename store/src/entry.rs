//! One stored event with its envelope (rule L5).

use domain::event::{DecodeError, LedgerEvent};
use domain::id::TenantId;
use uuid::Uuid;

/// A row of the `events` table. Instants are microseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1..n without gaps, over all tenants.
    pub position: i64,
    pub tenant: TenantId,
    pub aggregate_type: String,
    /// Without the tenant; the stored column is `tenant/id`.
    pub aggregate_id: String,
    /// Within the stream, from 1.
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    pub event_id: Uuid,
    /// JSON exactly as stored.
    pub payload: String,
    /// JSON exactly as stored: actor, request_id, cause, command.
    pub metadata: String,
    pub recorded_at: i64,
    pub booked_at: i64,
    pub effective_at: i64,
    /// SHA-256 of the canonical bytes of all other columns.
    pub entry_hash: [u8; 32],
}

impl Entry {
    pub fn decode(&self) -> Result<LedgerEvent, DecodeError> {
        LedgerEvent::decode(&self.aggregate_type, &self.event_type, &self.event_version, &self.payload)
    }
}
