//! The billing engine at work: states are loaded onto a desk, `domain::billing` works out what is to be done, and the
//! funnel carries it out in one append. Nothing is decided here.

mod clock;
mod lane;
mod load;
mod run;
mod scheduler;

pub use clock::now_of;
pub(crate) use lane::carry_out_due;
pub(crate) use load::Loader;
pub(crate) use run::{Place, bill, try_out};
pub use scheduler::{NAME, Scheduler};
