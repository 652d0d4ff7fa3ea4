//! The read model of the journal: entries as they were posted, how revenue is earned, and what stands on each account.
//! Which entries there are is `domain::journal`'s; this keeps its books and answers questions.

mod balance_row;
mod book_row;
mod entry_row;
mod fold;
mod read;
mod schedule_row;
#[cfg(test)]
mod sql_tests;
#[cfg(test)]
pub(super) mod tests;

pub use balance_row::BalanceRow;
pub use book_row::BookRow;
pub use entry_row::EntryRow;
pub use fold::JournalFold;
pub use read::{Asked, Filter, STATEMENTS, Until, accounts_at, entries, entries_on, hledger_text, position_booked_by};
pub use schedule_row::ScheduleRow;
