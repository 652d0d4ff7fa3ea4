//! How a tenant bills where it has a choice: its time zone, its proration and anchors, who keeps access, how dunning
//! ends. The file of the tenant says how it begins; every change after that is an event.

mod command;
mod decide;
mod event;
mod policies;
mod settings;
mod state;

#[cfg(test)]
mod tests;

pub use command::TenantSettingsCommand;
pub use event::{TenantSettingsChange, TenantSettingsEvent};
pub use policies::{AccessPolicy, CreditAs, DisputePolicy, DunningExhausted, Policies};
pub use settings::Settings;
pub use state::{SETTINGS_ID, TenantSettings};
