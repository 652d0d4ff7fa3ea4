//! Does the engine bill what was agreed, to the cent and to the second? The cases of billing.md §5 by name, and what must
//! hold of any history.

mod anchors;
pub(crate) mod arrears;
mod cases;
mod changes;
mod checks;
mod collection;
mod cycle;
mod dunning;
mod ends;
pub(crate) mod histories;
mod pauses;
mod properties;
mod shown;
pub(crate) mod simulator;
mod trials;
