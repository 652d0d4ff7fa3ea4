//! What a command does to a tenant's settings.

use jiff::Timestamp;

use super::command::TenantSettingsCommand;
use super::event::{TenantSettingsChange, TenantSettingsEvent};
use super::settings::Settings;
use super::state::TenantSettings;
use crate::catalogue::Changes;
use crate::issued::{Decider, EventForm, Issued};
use crate::refusal::Refusal;

impl EventForm for TenantSettingsEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

impl Decider for TenantSettings {
    const TYPE: &'static str = "tenant_settings";
    type Command = TenantSettingsCommand;
    type Event = TenantSettingsEvent;

    fn decide(&self, issued: &Issued<TenantSettingsCommand>) -> Result<Vec<TenantSettingsEvent>, Refusal> {
        match &issued.command {
            TenantSettingsCommand::Load { settings } => Ok(self.load(issued.now, settings)),
            TenantSettingsCommand::Change { changes } => self.change(issued.now, changes),
        }
    }

    fn evolve(&mut self, event: &TenantSettingsEvent) {
        self.apply(event);
    }
}

impl TenantSettings {
    fn load(&self, at: Timestamp, settings: &Settings) -> Vec<TenantSettingsEvent> {
        if self.loaded() == Some(settings) {
            return Vec::new();
        }
        let change = TenantSettingsChange::TenantSettingsLoaded {};
        vec![TenantSettingsEvent { at, change, after: settings.clone() }]
    }

    fn change(&self, at: Timestamp, changes: &Changes) -> Result<Vec<TenantSettingsEvent>, Refusal> {
        let current = self.current().ok_or_else(|| Refusal::not_found("settings"))?;
        let after = current.with(changes)?;
        if after == *current {
            return Ok(Vec::new());
        }
        Ok(vec![TenantSettingsEvent { at, change: TenantSettingsChange::TenantSettingsChanged {}, after }])
    }
}
