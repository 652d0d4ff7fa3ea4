//! What does business look like as double entry? From the events of invoices, payments, payouts and accounts follow
//! balanced entries, one for each object and transition (decision B7, revenue.md §3.3). Nothing here posts the earning of
//! revenue: it is computed from schedules at any date (decision B14), and `accounts_at` puts it beside what was posted.

mod balances;
mod book;
mod chart;
mod derive;
mod direct;
mod entry;
mod hledger;
mod invoice_facts;
mod late;
mod payment_facts;
mod post;
mod rules;
mod share;
mod steps;
mod walk;

#[cfg(test)]
mod tests;

pub use balances::{AccountBalance, Balances, accounts_at};
pub use book::{Book, BookKey};
pub use chart::{Account, Side};
pub use derive::{Derived, Earning};
pub use entry::{Entry, Lines, Posting};
pub use hledger::hledger;
pub use post::{Holds, Posted, Stretch, books, home, post};
pub use rules::Rules;
