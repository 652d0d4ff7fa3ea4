//! What a command does to a tenant's settings.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use jiff::Timestamp;

use super::command::TenantSettingsCommand;
use super::event::{TenantSettingsChange, TenantSettingsEvent};
use super::settings::Settings;
use super::state::TenantSettings;
use crate::catalogue::Changes;
use crate::event::EVENT_VERSION;
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

impl DomainEvent for TenantSettingsEvent {
    fn event_type(&self) -> String {
        self.change.name().to_owned()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

impl Aggregate for TenantSettings {
    const TYPE: &'static str = <Self as Decider>::TYPE;
    type Command = Issued<TenantSettingsCommand>;
    type Event = TenantSettingsEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(&mut self, command: Self::Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.evolve(&event);
    }
}
