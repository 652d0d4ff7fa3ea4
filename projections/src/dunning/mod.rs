//! The read model of dunning campaigns.

mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use fold::CampaignFold;
pub use read::{CampaignFilter, Recovery, STATEMENTS, find_campaign, list_campaigns, recovery_by_kind};
pub use row::CampaignRow;
