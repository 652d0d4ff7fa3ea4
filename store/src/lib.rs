//! The append-only log: how commands become events in it, how they are read back, and how it is checked. It knows no
//! HTTP and no read model's meaning; what a command decides is `domain`'s business.
//!
//! `Ledger::execute` is the one way in (rule A2). The parts, outermost first: `ledger` (the handle), `funnel` (load,
//! decide, append, on conflict again), `appender` (group commit), `batch` (what of a batch may be written), `engine`
//! (the SQL of each database).

mod append;
mod appender;
mod batch;
mod cache;
mod clock;
mod cqrs;
mod engine;
mod entry;
mod error;
mod facts;
mod funnel;
mod hash;
pub mod ids;
mod intake;
mod keyring;
mod ledger;
mod placeholder;
mod presumption;
mod read_models;
mod reading;
mod request;
mod rows;
mod seal;
mod step;
mod verify;
mod work;

pub use clock::Clock;
pub use cqrs::{CqrsContext, CqrsStore};
pub use engine::read::Stretch;
pub use entry::Entry;
pub use error::{ExecuteError, StoreError};
pub use intake::{Delivery, Intake};
pub use keyring::Keyring;
pub use ledger::{Engine, Ledger, Options};
pub use read_models::{Checkpoint, Failure};
pub use reading::{AsOf, Loaded, Page};
pub use request::{Claim, EventIds, Idempotency, Receipt, Request};
pub use rows::{CheckpointMove, Column, ColumnType, Lookup, Table, TableWrite, Value, Values, Written};
pub use seal::SubjectSealer;
pub use verify::{Verified, VerifyError};
