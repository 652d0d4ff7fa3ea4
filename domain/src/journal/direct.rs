//! What do events post that stand by themselves: a customer's balance, and usage as it is used? Their streams are our own,
//! so each of them comes once and nothing is compared with what was posted before.

use std::collections::BTreeMap;

use super::book::{Book, BookKey};
use super::chart::Account;
use super::entry::{Entry, Lines};
use super::post::Posted;
use crate::account::{AccountChange, AccountEvent};
use crate::usage::{UsageChange, UsageEvent};

pub(super) fn book_of_account(event: &AccountEvent) -> Option<BookKey> {
    match &event.change {
        AccountChange::BalanceBought { .. }
        | AccountChange::BalanceAdjusted { .. }
        | AccountChange::PrepaidRefunded { .. } => Some(BookKey::Account(event.customer.clone())),
        AccountChange::BalanceCredited { .. }
        | AccountChange::BalanceUsed { .. }
        | AccountChange::BalanceReturned { .. }
        | AccountChange::LinesAdded { .. }
        | AccountChange::LinesBilled { .. }
        | AccountChange::LineDropped { .. } => None,
    }
}

pub(super) fn book_of_usage(event: &UsageEvent) -> Option<BookKey> {
    match &event.change {
        UsageChange::UsageRecorded { recorded } => recorded.accrued.map(|_| BookKey::Usage(event.subscription.clone())),
        UsageChange::UsageDropped { accrued } => accrued.map(|_| BookKey::Usage(event.subscription.clone())),
        UsageChange::UsageBilled { .. } => None,
    }
}

/// Money bought in advance (J19) or refunded, and what was given out of goodwill. All else that moves a balance is
/// posted by the invoice or note that caused it.
pub(super) fn post_account(shelf: &mut BTreeMap<BookKey, Book>, event: &AccountEvent) -> Posted {
    let customer = &event.customer;
    let facts = &mut shelf.entry(BookKey::Account(customer.clone())).or_default().account;
    let to_balance = |from, minor| Lines::default().debit(from, minor).credit(Account::CustomerBalance, minor);
    let (key, currency, lines) = match &event.change {
        AccountChange::BalanceBought { currency, amount_minor, payment: Some(payment) } => {
            if !facts.bought_with.insert(payment.clone()) {
                return Posted::default();
            }
            let lines = to_balance(Account::UnappliedCash, *amount_minor);
            (format!("{customer}:bought:{payment}"), *currency, lines)
        }
        AccountChange::BalanceBought { currency, amount_minor, payment: None } => {
            facts.count += 1;
            let lines = to_balance(Account::PspClearing, *amount_minor);
            (format!("{customer}:bought:{}", facts.count), *currency, lines)
        }
        // What the payment itself gives back is taken from cash that no invoice took, as this puts there.
        AccountChange::PrepaidRefunded { currency, amount_minor, payment: _, refund } => {
            let name = if *amount_minor < 0 { "refund_failed" } else { "refunded" };
            let lines = to_balance(Account::UnappliedCash, amount_minor.saturating_neg());
            (format!("{customer}:{name}:{refund}"), *currency, lines)
        }
        AccountChange::BalanceAdjusted { currency, amount_minor, reason: _ } => {
            facts.count += 1;
            let lines = to_balance(Account::CreditNotes, *amount_minor);
            (format!("{customer}:adjusted:{}", facts.count), *currency, lines)
        }
        AccountChange::BalanceCredited { .. }
        | AccountChange::BalanceUsed { .. }
        | AccountChange::BalanceReturned { .. }
        | AccountChange::LinesAdded { .. }
        | AccountChange::LinesBilled { .. }
        | AccountChange::LineDropped { .. } => return Posted::default(),
    };
    let entries = Entry::new(key, event.at, currency, lines).into_iter().collect();
    Posted { book: Some(BookKey::Account(customer.clone())), entries, earned: Vec::new() }
}

/// J18: earned as it is used, and a receivable that is not billed yet; the invoice that bills it credits that. What no
/// invoice will bill was not earned after all.
pub(super) fn post_usage(event: &UsageEvent) -> Posted {
    let (name, accrued, sign) = match &event.change {
        UsageChange::UsageRecorded { recorded } => (format!("used:{}", recorded.key), recorded.accrued, 1),
        UsageChange::UsageDropped { accrued } => (format!("dropped:{}", event.at.as_microsecond()), *accrued, -1),
        UsageChange::UsageBilled { .. } => return Posted::default(),
    };
    let Some(accrued) = accrued else { return Posted::default() };
    let minor = accrued.amount_minor.saturating_mul(sign);
    let lines = Lines::default().debit(Account::Unbilled, minor).credit(Account::UsageRevenue, minor);
    let key = format!("{}:{name}", event.subscription);
    let entries = Entry::new(key, event.at, accrued.currency, lines).into_iter().collect();
    Posted { book: Some(BookKey::Usage(event.subscription.clone())), entries, earned: Vec::new() }
}
