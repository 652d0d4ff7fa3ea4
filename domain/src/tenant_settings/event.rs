//! What can have happened to a tenant's settings.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::settings::Settings;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSettingsEvent {
    /// Business time.
    pub at: Timestamp,
    pub change: TenantSettingsChange,
    /// The settings after the event.
    pub after: Settings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TenantSettingsChange {
    /// The tenant's file said them.
    TenantSettingsLoaded {},
    /// Somebody changed them.
    TenantSettingsChanged {},
}
