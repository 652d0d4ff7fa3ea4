//! What can be reported about a payout.

use super::event::PayoutReport;
use crate::stamp::Stamp;

#[derive(Debug, Clone)]
pub enum PayoutCommand {
    // A fact: recorded, never refused.
    Report { stamp: Stamp, payout: PayoutReport },
}
