//! The dunning campaign: what is done to collect a failed invoice, or to renew a card before it expires.

mod command;
mod configuration;
mod decide;
mod event;
mod state;
mod wording;

#[cfg(test)]
mod tests;

pub use command::{CaseFacts, DunningCommand, Settlement, SettlementOutcome};
pub use configuration::{Channel, Configuration, Offer, PlannedStep};
pub use event::{ActionTaken, CampaignSnapshot, CampaignStatus, CampaignType, DunningChange, DunningEvent};
pub use state::Dunning;
pub use wording::Wording;
