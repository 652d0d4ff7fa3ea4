//! A customer's account with the business: what it has in advance, and what waits for its next invoice. Debts are open
//! invoices and not here.

mod command;
mod decide;
mod event;
mod state;

#[cfg(test)]
mod tests;

pub use command::AccountCommand;
pub use event::{AccountChange, AccountEvent, AccountSnapshot, BalanceIn, CreditSource, PendingLine};
pub use state::Account;
