//! The read model of the catalogue: the newest version of each plan, coupon and tax rate, for lists and for what is
//! looked up by another thing than its id. Older versions are in the streams.

mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use fold::CatalogueFold;
pub use read::{STATEMENTS, list_catalogue_entries};
pub use row::{CatalogueRow, EntryKind};
