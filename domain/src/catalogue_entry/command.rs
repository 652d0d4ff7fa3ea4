//! What can be asked of an entry of a catalogue.

use super::entry_id::EntryId;
use super::state::Definition;
use crate::catalogue::Changes;

#[derive(Debug, Clone)]
pub enum CatalogueEntryCommand {
    /// What the tenant's file says. It counts where the file says it for the first time, so a start with the same
    /// file undoes no change made since.
    Load { definition: Box<Definition> },
    /// Makes the entry, or a version of it in which what the caller names is changed. Decided on the entry as it
    /// stands then.
    Change { id: EntryId, changes: Changes },
}
