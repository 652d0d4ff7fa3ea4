//! Does the journal agree with the billing engine in any history: what is receivable, what customers have in advance, and
//! that nothing of its own is ever posted twice?

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::super::{Account, Balances};
use super::story::Story;
use crate::account::Account as CustomerAccount;
use crate::billing::tests::histories::{History, histories};
use crate::command::Command;
use crate::event::LedgerEvent;
use crate::invoice::InvoiceStatus;
use crate::issued::{Decider, Issued};
use crate::money::Currency;

#[derive(Debug, Default)]
struct Told {
    story: Story,
    accounts: BTreeMap<String, CustomerAccount>,
    posted: Balances,
    read: usize,
}

impl Told {
    fn tell(&mut self, now: Timestamp, command: &Command) {
        let when = now.to_string();
        if let Command::Invoice(id, command) = command {
            self.story.tell_invoice(id.as_str(), &when, command.clone()).unwrap();
        }
        if let Command::Payment(id, command) = command {
            self.story.tell_payment(id.as_str(), &when, command.clone()).unwrap();
        }
        if let Command::Account(id, command) = command {
            let account = self.accounts.entry(id.to_string()).or_default();
            for event in account.decide(&Issued { now, command: command.clone() }).unwrap() {
                account.evolve(&event);
                self.story.post(LedgerEvent::Account(event));
            }
        }
        for entry in &self.story.posted[self.read..] {
            assert!(!entry.key.ends_with(":reversed"), "{} was posted and taken back", entry.key);
            self.posted.add_entry(entry);
        }
        self.read = self.story.posted.len();
    }

    /// What the books and the aggregates say of the same.
    fn check(&self, currency: Currency, when: Timestamp) {
        let of = |account| self.posted.of(currency, account).balance_minor();
        let invoices = self.story.invoices.values().filter_map(|invoice| invoice.snapshot());
        let open = invoices.filter(|invoice| invoice.status == InvoiceStatus::Open);
        let remaining: i64 = open.map(|invoice| invoice.amount_remaining_minor).sum();
        assert_eq!(of(Account::Receivable), remaining, "receivable at {when}");
        let balances = self.accounts.values().map(|account| account.snapshot().balance(currency));
        let held: i64 = balances.map(|balance| balance.credit_minor() + balance.prepaid_minor()).sum();
        // A draft has its part of the balance already, and posts nothing before it is finalized.
        let drafts = self.story.invoices.values().filter_map(|invoice| invoice.snapshot());
        let drafts = drafts.filter(|invoice| invoice.status == InvoiceStatus::Draft);
        let drafted: i64 = drafts.map(|draft| draft.applied_credit_minor + draft.applied_prepaid_minor).sum();
        assert_eq!(-of(Account::CustomerBalance), held + drafted, "customers' balances at {when}");
        assert_eq!(of(Account::UnappliedCash), 0, "all cash is applied at {when}");
        assert_eq!(self.posted.sum_minor(currency), 0, "trial balance at {when}");
    }
}

fn agree(history: &History) {
    let mut sim = history.begin();
    for (days, second, op) in &history.ops {
        sim.advance_days(*days);
        history.perform(&mut sim, *second, op);
    }
    sim.advance_days(70);
    let mut told = Told::default();
    for (place, (now, command)) in sim.log.iter().enumerate() {
        told.tell(*now, command);
        if sim.log.get(place + 1).is_none_or(|(next, _)| next != now) {
            told.check(history.currency, *now);
        }
    }
    let at_last = told.story.at(date(2040, 1, 1));
    assert_eq!((at_last.get(&2000), at_last.get(&1110)), (None, None), "all is earned in the end");
    assert_eq!(at_last.values().sum::<i64>(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn journal_and_billing_agree(history in histories()) {
        agree(&history);
    }
}
