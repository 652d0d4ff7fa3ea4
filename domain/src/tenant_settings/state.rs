//! A tenant's settings as their events leave them.

use serde::{Deserialize, Serialize};

use super::event::{TenantSettingsChange, TenantSettingsEvent};
use super::settings::Settings;

/// A tenant has one stream of settings, and this is its id.
pub const SETTINGS_ID: &str = "settings";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSettings {
    current: Option<Settings>,
    /// What the tenant's file said when it last said something new.
    loaded: Option<Settings>,
}

impl TenantSettings {
    /// The settings in force; `None` before the tenant's file was loaded.
    pub fn current(&self) -> Option<&Settings> {
        self.current.as_ref()
    }

    pub(super) fn loaded(&self) -> Option<&Settings> {
        self.loaded.as_ref()
    }

    pub(super) fn apply(&mut self, event: &TenantSettingsEvent) {
        self.current = Some(event.after.clone());
        match event.change {
            TenantSettingsChange::TenantSettingsLoaded {} => self.loaded = Some(event.after.clone()),
            TenantSettingsChange::TenantSettingsChanged {} => {}
        }
    }
}
