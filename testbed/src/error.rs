//! What can go wrong while a throw-away server is found, made, started or asked for a database?

use std::io;
use std::path::PathBuf;

/// Carries the tool's own output, because a failed start is otherwise a riddle on a machine one cannot log in to.
#[derive(Debug, thiserror::Error)]
pub enum TestbedError {
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    #[error("no PostgreSQL {oldest} or newer found; searched: {searched}; set PG_BIN or run scripts/install-postgres")]
    NoBinaries { oldest: u32, searched: String },
    #[error("initdb refuses root, and this machine has neither a user postgres nor nobody")]
    NoUser,
    #[error("{tool} failed: {output}")]
    Tool { tool: PathBuf, output: String },
    #[error("the server ended before it accepted connections; its log: {log}")]
    Ended { log: String },
    #[error("the server did not accept connections within {seconds} s; its log: {log}")]
    Deadline { seconds: u64, log: String },
}

impl TestbedError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
