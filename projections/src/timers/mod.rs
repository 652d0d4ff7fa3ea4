//! The read model of what falls due: for each object its next timer. The scheduler reads it; what is really due it asks
//! of the object.

mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use fold::TimerFold;
pub use read::{STATEMENTS, due_timers, timers_due};
pub use row::TimerRow;
