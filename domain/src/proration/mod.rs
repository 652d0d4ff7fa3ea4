//! What does a part of a period cost, and what is owed when something changes within it (decision B3)? Plain values in,
//! lines out: nothing here knows an aggregate, an invoice or a clock, and tax is the invoice's own business except where
//! money already billed with its tax is given back.

mod billed;
mod change;
mod charge;
mod counting;
mod fraction;
mod mode;
mod termination;

pub use billed::{Adjusted, Billed, Credit};
pub use change::{Arrangement, Change, LineKind, Proration, ProrationLine, Rules, Settlement, proration_instant};
pub use charge::Charge;
pub use counting::Counting;
pub use fraction::{Fraction, prorate};
pub use mode::{CreditBasis, ProrationBehavior, ProrationMode};
pub use termination::{InvoiceStanding, Termination, TerminationPolicy, terminate};

#[cfg(test)]
mod tests;
