//! When is revenue earned? Amounts spread evenly over the days of their periods (revenue.md §3.1), computed at any date
//! and never stored; which accounts it moves between is `journal`'s. Nothing here knows of invoices or payments.

mod ruler;
mod schedule;
mod waterfall;

#[cfg(test)]
mod tests;

pub use ruler::{Granularity, Ruler};
pub use schedule::{Schedule, Segment};
pub use waterfall::{Month, waterfall};
