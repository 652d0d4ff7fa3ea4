//! Placeholder.
use crate::app::App;
use crate::cli::CommandError;
pub async fn prepare(_app: &App) -> Result<(), CommandError> { Ok(()) }
