//! What was used of a subscription's metered prices and is not billed yet (decision B15). What it costs is priced
//! elsewhere.

mod command;
mod decide;
mod event;
mod state;

#[cfg(test)]
mod tests;

pub use command::{Rates, UsageCommand};
pub use decide::MAX_RECORDS;
pub use event::{Accrued, Recorded, UsageChange, UsageEvent};
pub use state::UsageLog;
