//! What can be asked of a tenant's settings.

use super::settings::Settings;
use crate::catalogue::Changes;

#[derive(Debug, Clone)]
pub enum TenantSettingsCommand {
    /// What the tenant's file says. It counts where the file says it for the first time, so a start with the same
    /// file undoes no change made since.
    Load { settings: Box<Settings> },
    /// Changes what the caller names, on the settings as they stand when this is decided.
    Change { changes: Changes },
}
