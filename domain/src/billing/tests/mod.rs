//! Does the engine bill what was agreed, to the cent and to the second? The cases of billing.md §5 by name, and what must
//! hold of any history.

mod anchors;
mod arrears;
mod changes;
mod collection;
mod dunning;
mod ends;
mod pauses;
mod shown;
mod simulator;
mod trials;
