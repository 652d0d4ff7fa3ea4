//! An entry of a tenant's price catalogue: a plan, a coupon or a tax rate, with every version it ever had. The file
//! of the tenant says how it begins; each change after that is a new version, and no version is ever changed.

mod command;
mod decide;
mod entry_id;
mod event;
mod state;

#[cfg(test)]
mod tests;

pub use command::CatalogueEntryCommand;
pub use entry_id::EntryId;
pub use event::{CatalogueEntryChange, CatalogueEntryEvent, Source};
pub use state::{CatalogueEntry, Definition, Version};
