//! What is posted when an invoice is not paid after all: written off, voided, or recovered in the end. Part of `walk`.

use super::chart::Account as A;
use super::entry::Lines;
use super::invoice_facts::NoteFacts;
use super::share::Shares;
use super::walk::{GivenBack, Walk};
use crate::money::{allocate, round_ratio};

impl Walk<'_> {
    /// J16: what was earned, and the tax, which stays owed, is bad debt; what was not yet earned never will be.
    pub(super) fn write_off(&mut self, tick: i64) -> Lines {
        let gross_minor = self.open_minor.max(0);
        self.off.holds = true;
        if gross_minor == 0 {
            return Lines::default();
        }
        let shares = self.left.give_back(gross_minor, tick);
        let bad_minor = shares.earned_minor().saturating_add(shares.tax_minor());
        self.open_minor -= gross_minor;
        self.off.left_minor += gross_minor;
        self.off.bad_minor += bad_minor;
        self.off.taxes.extend(shares.taxes.iter().cloned());
        Lines::default()
            .debit(A::BadDebt, bad_minor)
            .debit(A::Deferred, shares.deferred_minor())
            .credit(A::Receivable, gross_minor)
    }

    /// J17: bad debt is taken back, and what was never earned is a gain. Answers how much of the sum was needed.
    pub(super) fn recover(&mut self, minor: i64) -> (i64, Lines) {
        let (recovered, bad_minor) = self.less_off(minor);
        let lines = Lines::default().credit(A::BadDebt, bad_minor).credit(A::Recoveries, recovered - bad_minor);
        (recovered, lines)
    }

    /// The bad debt becomes a credit note; what was not earned is off the books already.
    pub(super) fn note_on_written_off(&mut self, note: &NoteFacts, key: &str, tick: i64) -> Lines {
        let note_tax: i64 = note.taxes.iter().map(|tax| tax.1).fold(0, i64::saturating_add);
        let (taken, bad_minor) = self.less_off(note.due_minor);
        let on_open = (note.due_minor - taken).min(self.open_minor.max(0));
        self.open_minor -= on_open;
        let taxes = part_of(&note.taxes, note_tax.min(bad_minor));
        let tax_minor: i64 = taxes.iter().map(|tax| tax.1).sum();
        let given_back = note.refund_minor.saturating_add(note.balance_minor).saturating_add(note.external_minor);
        let others = given_back.saturating_add(note.due_minor - taken);
        let shares = if others > 0 { self.left.give_back(others, tick) } else { Shares::default() };
        let lines = shares.debited(A::CreditNotes);
        let given_back = GivenBack { shares, open_minor: on_open, off: (taken, bad_minor), spare: None };
        self.given_back.insert(key.to_owned(), given_back);
        lines
            .debit_tax(&taxes)
            .debit(A::CreditNotes, bad_minor - tax_minor)
            .credit(A::BadDebt, bad_minor)
            .credit(A::Receivable, on_open)
            .credit(A::UnappliedCash, note.due_minor - taken - on_open)
            .credit(A::RefundsPayable, note.refund_minor)
            .credit(A::CustomerBalance, note.balance_minor)
            .credit(A::ExternalPayments, note.external_minor)
    }

    /// J14: all that is still owed, and what of the customer's balance it used goes back to it. One that was written off
    /// is no bad debt any more, and its tax is not owed.
    pub(super) fn void(&mut self, tick: i64) -> Lines {
        let off = std::mem::take(&mut self.off);
        let off_tax: i64 = off.taxes.iter().map(|tax| tax.1).fold(0, i64::saturating_add);
        let taxes = part_of(&off.taxes, off_tax.min(off.bad_minor));
        let tax_minor: i64 = taxes.iter().map(|tax| tax.1).sum();
        let (open_minor, applied_minor) =
            (std::mem::take(&mut self.open_minor), std::mem::take(&mut self.applied_minor));
        let gross_minor = open_minor.saturating_add(applied_minor);
        let shares = if gross_minor == 0 { Shares::default() } else { self.left.give_back(gross_minor, tick) };
        shares
            .debited(A::Voids)
            .credit(A::Receivable, open_minor)
            .credit(A::CustomerBalance, applied_minor)
            .debit_tax(&taxes)
            .debit(A::Voids, off.bad_minor - tax_minor)
            .credit(A::BadDebt, off.bad_minor)
    }

    /// Takes a sum off what is written off; also how much of that is bad debt.
    fn less_off(&mut self, minor: i64) -> (i64, i64) {
        let taken = minor.clamp(0, self.off.left_minor.max(0));
        let exact = i128::from(taken) * i128::from(self.off.bad_minor);
        let bad_minor = round_ratio(exact, i128::from(self.off.left_minor)).unwrap_or(0);
        self.off.left_minor -= taken;
        self.off.bad_minor -= bad_minor;
        (taken, bad_minor)
    }
}

fn part_of(taxes: &[(String, i64)], minor: i64) -> Vec<(String, i64)> {
    let weights: Vec<u64> = taxes.iter().map(|tax| tax.1.max(0).unsigned_abs()).collect();
    taxes.iter().zip(allocate(minor, &weights)).map(|(tax, part)| (tax.0.clone(), part)).collect()
}
