//! Going over the log again: rebuilding projections from it, looking at a stream's past, and checking that the log is
//! what it was. The `daybook replay` and `daybook audit` commands are these functions with a progress bar; nothing here
//! appends to the log.

mod as_of;
mod command;
mod error;
mod printing;
mod progress;
mod rebuild;
mod status;
mod verify;

pub use as_of::{Moment, Stream, StreamState, as_of};
pub use command::{AsOfArguments, Audit, RebuildArguments, Replay, audit, run};
pub use error::ReplayError;
pub use progress::{Phase, Progress};
pub use rebuild::{DEFAULT_MEMORY_BYTES, RebuildOptions, Rebuilt, Report, rebuild, rebuild_projections};
