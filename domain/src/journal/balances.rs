//! What stands on each account at the end of a date? What was posted until then, and beside it what was earned until
//! then, which no entry says before the period is closed (decision B14); the balance is both together.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::chart::Account;
use super::derive::{Derived, earned};
use super::entry::Entry;
use super::post::{Holds, Stretch};
use crate::money::Currency;

/// The sums of one account in one currency. Above zero is a debit where nothing else is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountBalance {
    pub debit_minor: i64,
    pub credit_minor: i64,
    /// What earning revenue moved, that no entry says yet.
    pub recognized_minor: i64,
}

impl AccountBalance {
    pub fn posted_minor(&self) -> i64 {
        self.debit_minor.saturating_sub(self.credit_minor)
    }

    pub fn balance_minor(&self) -> i64 {
        self.posted_minor().saturating_add(self.recognized_minor)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balances(BTreeMap<(Currency, Account), AccountBalance>);

impl Balances {
    /// By currency and account.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, Account, AccountBalance)> {
        self.0.iter().map(|((currency, account), balance)| (*currency, *account, *balance))
    }

    pub fn of(&self, currency: Currency, account: Account) -> AccountBalance {
        self.0.get(&(currency, account)).copied().unwrap_or_default()
    }

    pub fn add_entry(&mut self, entry: &Entry) {
        for line in entry.lines() {
            self.add_posted(entry.currency, line.account, line.debit_minor(), line.credit_minor());
        }
    }

    pub fn add_posted(&mut self, currency: Currency, account: Account, debit_minor: i64, credit_minor: i64) {
        let balance = self.0.entry((currency, account)).or_default();
        balance.debit_minor = balance.debit_minor.saturating_add(debit_minor);
        balance.credit_minor = balance.credit_minor.saturating_add(credit_minor);
    }

    /// Revenue earned by a tick, of a line that was invoiced in the tick `billed`.
    pub fn add_earned(&mut self, currency: Currency, account: Account, billed: i64, minor: i64, tick: i64) {
        for (account, minor) in earned(account, billed, minor, tick) {
            let balance = self.0.entry((currency, account)).or_default();
            balance.recognized_minor = balance.recognized_minor.saturating_add(minor);
        }
    }

    pub fn add_stretch(&mut self, stretch: &Stretch, holds: Holds, tick: i64) {
        let minor = stretch.segment.recognized(tick);
        let minor = match holds {
            Holds::FromNow => minor,
            Holds::NoMore => minor.saturating_neg(),
        };
        self.add_earned(stretch.currency, stretch.account, stretch.billed, minor, tick);
    }

    /// Debits less credits of a currency; zero, or a book is wrong.
    pub fn sum_minor(&self, currency: Currency) -> i128 {
        let of_currency = self.0.iter().filter(|((known, _), _)| *known == currency);
        of_currency.map(|(_, balance)| i128::from(balance.balance_minor())).sum()
    }
}

/// What books come to when everything before an instant has happened and time has gone on to a tick.
pub fn accounts_at<'d>(books: impl IntoIterator<Item = &'d Derived>, before: Timestamp, tick: i64) -> Balances {
    let mut balances = Balances::default();
    for derived in books {
        for entry in derived.entries.iter().filter(|entry| entry.effective_at < before) {
            balances.add_entry(entry);
        }
        for earning in &derived.earnings {
            let minor = earning.schedule.recognized(tick);
            balances.add_earned(earning.currency, earning.account, earning.billed, minor, tick);
        }
    }
    balances
}
