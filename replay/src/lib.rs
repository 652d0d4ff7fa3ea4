//! Placeholder.
#[derive(Debug, clap::Subcommand)] pub enum Replay { Status }
#[derive(Debug, clap::Subcommand)] pub enum Audit { Verify }
#[derive(Debug, thiserror::Error)] #[error("x")] pub struct ReplayError;
pub async fn run(_: &store::Ledger, _: Replay) -> Result<(), ReplayError> { Ok(()) }
pub async fn audit(_: &store::Ledger, _: Audit) -> Result<(), ReplayError> { Ok(()) }
