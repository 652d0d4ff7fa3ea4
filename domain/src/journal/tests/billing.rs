//! Does the journal agree with the billing engine in any history: what is receivable, what customers have in advance, and
//! that nothing of its own is ever posted twice?

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::super::Account;
use super::told::Told;
use crate::billing::tests::histories::{History, histories};
use crate::invoice::InvoiceStatus;
use crate::money::Currency;

impl Told {
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
    assert_eq!(at_last.get(&2000), None, "all is earned in the end");
    assert_eq!(at_last.get(&1110).copied().unwrap_or_default(), told.unbilled_minor(), "all else is billed in the end");
    assert_eq!(at_last.values().sum::<i64>(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn journal_and_billing_agree(history in histories()) {
        agree(&history);
    }
}
