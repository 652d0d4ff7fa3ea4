//! What follows from what happened: events in, commands out, pure. The reactor runs these and nothing else reacts.

pub mod collection;
pub mod dunning;
pub mod stripe;
