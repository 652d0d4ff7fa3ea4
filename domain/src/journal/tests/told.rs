//! What the billing engine did, told to the journal command by command.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::Balances;
use super::story::Story;
use crate::account::Account as CustomerAccount;
use crate::billing::tests::simulator::Sim;
use crate::command::Command;
use crate::event::LedgerEvent;
use crate::invoice::InvoiceStatus;
use crate::issued::{Decider, Issued};
use crate::usage::UsageLog;

#[derive(Debug, Default)]
pub struct Told {
    pub story: Story,
    pub accounts: BTreeMap<String, CustomerAccount>,
    usage: BTreeMap<String, UsageLog>,
    pub posted: Balances,
    read: usize,
}

impl Told {
    /// All that a customer's billing came to.
    pub fn of(sim: &Sim) -> Self {
        let mut told = Self::default();
        for (now, command) in &sim.log {
            told.tell(*now, command);
        }
        told
    }

    /// What was earned of usage that waits for an invoice, or for one to be finalized.
    pub fn unbilled_minor(&self) -> i64 {
        let drafts = self.story.invoices.values().filter_map(|invoice| invoice.snapshot());
        let drafts = drafts.filter(|invoice| invoice.status == InvoiceStatus::Draft);
        let waiting = self.accounts.values().flat_map(|account| &account.snapshot().pending);
        let lines = drafts.flat_map(|draft| &draft.lines).chain(waiting.map(|pending| &pending.line));
        let open = self.usage.values().filter_map(UsageLog::open_accrued).map(|accrued| accrued.amount_minor);
        lines.map(|line| line.accrued_minor).sum::<i64>() + open.sum::<i64>()
    }

    pub fn tell(&mut self, now: Timestamp, command: &Command) {
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
        if let Command::Usage(id, command) = command {
            let log = self.usage.entry(id.to_string()).or_default();
            for event in log.decide(&Issued { now, command: command.clone() }).unwrap() {
                log.evolve(&event);
                self.story.post(LedgerEvent::Usage(event));
            }
        }
        for entry in &self.story.posted[self.read..] {
            assert!(!entry.key.ends_with(":reversed"), "{} was posted and taken back", entry.key);
            self.posted.add_entry(entry);
        }
        self.read = self.story.posted.len();
    }
}
