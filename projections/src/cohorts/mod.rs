//! The customers who began in the same month, and what became of them (revenue.md §1.10). Read off movements and
//! collected money; there are no rows of its own to keep.

mod read;
#[cfg(test)]
mod tests;

pub use read::{CohortFigures, Horizon, STATEMENTS, newest_cohorts};
