//! Which entries does a book come to, and how is its revenue earned? Always anew from all that it knows, so that what is
//! posted depends on what happened and never on when it was heard of.

use jiff::civil::Date;

use super::book::{Book, BookKey, PayoutFacts};
use super::chart::Account;
use super::entry::{Entry, Lines};
use super::invoice_facts::LineFacts;
use super::steps::moments;
use super::walk::Walk;
use crate::money::Currency;
use crate::recognition::Schedule;

/// What a book comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// In order of business time.
    pub entries: Vec<Entry>,
    pub earnings: Vec<Earning>,
    /// What is receivable.
    pub open_minor: i64,
}

/// How one line of an invoice is earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earning {
    /// Counted from zero.
    pub line: usize,
    pub account: Account,
    pub currency: Currency,
    /// Until this tick is over it is earned before it is invoiced, and so an unbilled receivable; afterwards it is
    /// taken from deferred revenue.
    pub billed: i64,
    pub schedule: Schedule,
}

impl Book {
    pub fn derive(&self, key: &BookKey) -> Derived {
        match key {
            BookKey::Invoice(id) => self.derive_group(id.as_str()),
            BookKey::Payment(id) => self.derive_group(id.as_str()),
            BookKey::Payout(id) => {
                let entries = self.payout.as_ref().map(|payout| payout.entries(id)).unwrap_or_default();
                Derived { entries, ..Derived::default() }
            }
            BookKey::Account(_) | BookKey::Usage(_) => Derived::default(),
        }
    }

    /// What of the invoice is earned by the end of a local date.
    pub fn recognized_minor(&self, key: &BookKey, date: Date) -> i64 {
        let tick = self.rules().ruler().end_of(date);
        self.derive(key).earnings.iter().map(|earning| earning.schedule.recognized(tick)).sum()
    }

    /// What of it is still to be earned after a local date, whether it was invoiced by then or not.
    pub fn deferred_minor(&self, key: &BookKey, date: Date) -> i64 {
        let tick = self.rules().ruler().end_of(date);
        self.derive(key).earnings.iter().map(|earning| earning.schedule.remaining(tick)).sum()
    }

    fn derive_group(&self, id: &str) -> Derived {
        if self.invoice.issued.is_none() && self.payments.values().all(|payment| payment.taken.is_none()) {
            return Derived::default();
        }
        let rules = self.rules();
        let days = rules.ruler();
        let issued = self.invoice.issued.as_ref();
        let mut walk = Walk::new(&days, rules.disputes, issued, &self.invoice.notes);
        for moment in moments(self, id, rules.disputes) {
            walk.take(&moment);
        }
        let Some(issued) = issued else { return Derived { entries: walk.entries, ..Derived::default() } };
        let billed = days.tick(issued.at);
        let earnings = issued.lines.iter().zip(walk.left.lines).enumerate();
        let earnings = earnings.filter_map(|(line, (facts, now))| {
            let account = revenue_account(facts);
            now.schedule.map(|schedule| Earning { line, account, currency: issued.currency, billed, schedule })
        });
        Derived { earnings: earnings.collect(), entries: walk.entries, open_minor: walk.open_minor }
    }
}

impl Earning {
    /// What was earned by the tick, as it moves between accounts; it balances.
    pub fn postings(&self, tick: i64) -> [(Account, i64); 2] {
        earned(self.account, self.billed, self.schedule.recognized(tick), tick)
    }
}

/// Earned revenue at a tick: credited to its account, debited to what it is taken from.
pub(super) fn earned(account: Account, billed: i64, minor: i64, tick: i64) -> [(Account, i64); 2] {
    let from = if tick > billed { Account::Deferred } else { Account::Unbilled };
    [(from, minor), (account, minor.saturating_neg())]
}

impl PayoutFacts {
    /// J4, and back again where the bank did not take it.
    fn entries(&self, id: &str) -> Vec<Entry> {
        let Some(paid_at) = self.paid_at else { return Vec::new() };
        let lines = Lines::default().debit(Account::Bank, self.minor).credit(Account::PspClearing, self.minor);
        let paid = Entry::new(format!("{id}:paid"), paid_at, self.currency, lines.clone());
        let returned = self
            .returned_at
            .and_then(|at| Entry::new(format!("{id}:failed"), at.max(paid_at), self.currency, lines.turned()));
        paid.into_iter().chain(returned).collect()
    }
}

fn revenue_account(line: &LineFacts) -> Account {
    if line.usage { Account::UsageRevenue } else { Account::SubscriptionRevenue }
}
