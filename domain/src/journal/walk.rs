//! What does each thing that happened post? One step after the other, with what is left of the invoice carried along;
//! every row of revenue.md §3.3 is one arm here or in `late`.

use std::collections::BTreeMap;

use super::chart::Account as A;
use super::entry::{Entry, Lines};
use super::invoice_facts::{Issued, NoteFacts};
use super::payment_facts::DisputeFacts;
use super::share::{Left, LineNow, Shares};
use super::steps::{Moment, Step};
use crate::money::Currency;
use crate::recognition::{Ruler, Schedule};
use crate::tenant_settings::DisputePolicy;

/// An invoice that was written off, as far as it was not recovered.
#[derive(Debug, Default)]
pub(super) struct WrittenOff {
    /// It was, and has not been voided since.
    pub holds: bool,
    pub left_minor: i64,
    /// On bad debt, tax included.
    pub bad_minor: i64,
    pub taxes: Vec<(String, i64)>,
}

/// What an entry took from where, so that taking it back restores it.
#[derive(Debug, Default)]
pub(super) struct GivenBack<'b> {
    pub shares: Shares,
    pub open_minor: i64,
    /// Of what was written off, and of that on bad debt.
    pub off: (i64, i64),
    pub spare: Option<(&'b str, i64)>,
}

#[derive(Debug)]
pub(super) struct Walk<'b> {
    pub ruler: &'b Ruler,
    pub disputes: DisputePolicy,
    pub issued: Option<&'b Issued>,
    pub notes: &'b [NoteFacts],
    pub left: Left,
    /// What is receivable.
    pub open_minor: i64,
    /// Of the customer's balance, for this invoice.
    pub applied_minor: i64,
    pub off: WrittenOff,
    /// Of each payment, what no invoice took.
    pub spare: BTreeMap<&'b str, i64>,
    /// What was given back, by the key of its entry, as long as it may be taken back.
    pub given_back: BTreeMap<String, GivenBack<'b>>,
    pub entries: Vec<Entry>,
}

impl<'b> Walk<'b> {
    pub fn new(ruler: &'b Ruler, disputes: DisputePolicy, issued: Option<&'b Issued>, notes: &'b [NoteFacts]) -> Self {
        Self {
            ruler,
            disputes,
            issued,
            notes,
            left: Left::default(),
            open_minor: 0,
            applied_minor: 0,
            off: WrittenOff::default(),
            spare: BTreeMap::new(),
            given_back: BTreeMap::new(),
            entries: Vec::new(),
        }
    }

    pub fn take(&mut self, moment: &Moment<'b>) {
        let tick = self.ruler.tick(moment.at);
        let lines = match &moment.step {
            Step::Finalized => self.finalize(),
            Step::BalanceApplied(minor) => self.apply_balance(*minor),
            Step::Noted(note) => self.note(note, &moment.key, tick),
            Step::NoteVoided(note) => self.take_back(&format!("{}:issued", note.id), tick),
            Step::Settled { payment, minor } => self.settle(payment, *minor, moment.currency),
            Step::Fee { minor } => Lines::default().debit(A::ProcessingFees, *minor).credit(A::PspClearing, *minor),
            Step::Received { from, minor, excess_minor } => self.receive(*from, *minor, *excess_minor),
            Step::ExcessCredited { payment, minor } => self.credit_excess(*payment, *minor),
            Step::Refunded { payment, refund, minor, through } => {
                let lines = self.refund(payment, refund, *minor, &moment.key, tick, moment.currency);
                lines.credit(*through, *minor)
            }
            Step::RefundPaidOut { minor } => {
                Lines::default().debit(A::RefundsPayable, *minor).credit(A::PspClearing, *minor)
            }
            Step::RefundFailed { of } => self.take_back(of, tick),
            Step::Withdrawn { payment, dispute } => self.withdraw(payment, dispute, &moment.key, tick, moment.currency),
            Step::Reinstated { minor } => self.reinstate(*minor),
            Step::FeeReturned { minor } => {
                Lines::default().debit(A::PspClearing, *minor).credit(A::DisputeFees, *minor)
            }
            Step::Lost { payment, minor } => {
                let lost = self.money_back(payment, *minor, A::Chargebacks, &moment.key, tick, moment.currency);
                lost.credit(A::DisputedFunds, *minor)
            }
            Step::WrittenOff => self.write_off(tick),
            Step::Voided => self.void(tick),
        };
        self.entries.extend(Entry::new(moment.key.clone(), moment.at, moment.currency, lines));
    }

    /// J1, J6 to J9 and J18: what takes time to earn is deferred, even where some of that time has passed.
    fn finalize(&mut self) -> Lines {
        let Some(issued) = self.issued else { return Lines::default() };
        let (total_minor, applied_minor) = (issued.total_minor(), issued.applied_minor);
        let mut lines = if total_minor < 0 {
            Lines::default().debit(A::Receivable, total_minor - applied_minor).debit(A::CustomerBalance, applied_minor)
        } else {
            let applied = Lines::default().debit(A::Receivable, total_minor).debit(A::CustomerBalance, applied_minor);
            applied.credit(A::Receivable, applied_minor)
        };
        for line in &issued.lines {
            let now = match line.period {
                Some(period) if !line.usage => {
                    lines = lines.credit(A::Deferred, line.net_minor);
                    let (start, end) = self.ruler.span(period);
                    LineNow { schedule: Some(Schedule::straight(line.net_minor, start, end)), ..LineNow::default() }
                }
                Some(_) | None => {
                    let revenue = if line.usage { A::UsageRevenue } else { A::OneTimeRevenue };
                    lines = lines.credit(A::Unbilled, line.accrued_minor);
                    lines = lines.credit(revenue, line.net_minor.saturating_sub(line.accrued_minor));
                    LineNow { direct_minor: line.net_minor, ..LineNow::default() }
                }
            };
            self.left.lines.push(now);
        }
        self.left.taxes.clone_from(&issued.taxes);
        self.open_minor = total_minor - applied_minor;
        self.applied_minor = applied_minor;
        lines.credit_tax(&issued.taxes)
    }

    fn apply_balance(&mut self, minor: i64) -> Lines {
        self.applied_minor = self.applied_minor.saturating_add(minor);
        self.pay(minor).debit(A::CustomerBalance, minor)
    }

    /// J2: what the invoice is owed first, and what is more stays unapplied (J22).
    fn settle(&mut self, payment: &'b str, minor: i64, currency: Currency) -> Lines {
        if !self.is_in(currency) {
            self.spare.insert(payment, minor);
            return Lines::default().debit(A::PspClearing, minor).credit(A::UnappliedCash, minor);
        }
        let taken = minor.min(self.open_minor.max(0) + self.off.left_minor);
        self.spare.insert(payment, minor - taken);
        self.pay(minor).debit(A::PspClearing, minor)
    }

    fn receive(&mut self, from: A, minor: i64, excess_minor: i64) -> Lines {
        let received = if from == A::ExternalPayments { minor + excess_minor } else { minor };
        self.pay(received).debit(from, received)
    }

    fn credit_excess(&mut self, payment: Option<&'b str>, minor: i64) -> Lines {
        if let Some(spare) = payment.and_then(|payment| self.spare.get_mut(payment)) {
            *spare = spare.saturating_sub(minor).max(0);
        }
        Lines::default().debit(A::UnappliedCash, minor).credit(A::CustomerBalance, minor)
    }

    /// Credits what is receivable, then what was written off (J17), and leaves the rest unapplied.
    fn pay(&mut self, minor: i64) -> Lines {
        let on_open = minor.min(self.open_minor.max(0));
        self.open_minor -= on_open;
        let (recovered, lines) = self.recover(minor - on_open);
        lines.credit(A::Receivable, on_open).credit(A::UnappliedCash, minor - on_open - recovered)
    }

    /// J13 and J13b; what a written-off invoice is credited turns bad debt into the note.
    fn note(&mut self, note: &NoteFacts, key: &str, tick: i64) -> Lines {
        if note.due_minor > 0 && self.off.left_minor > 0 {
            return self.note_on_written_off(note, key, tick);
        }
        let shares = match note.net_minor {
            Some(net_minor) => self.left.give_back_net(net_minor, &note.taxes, tick),
            None => self.left.give_back_lines(&note.nets, &note.taxes, tick),
        };
        let on_open = note.due_minor.min(self.open_minor.max(0));
        self.open_minor -= on_open;
        let lines = shares.debited(A::CreditNotes);
        let given_back = GivenBack { shares, open_minor: on_open, ..GivenBack::default() };
        self.given_back.insert(key.to_owned(), given_back);
        lines
            .credit(A::Receivable, on_open)
            .credit(A::UnappliedCash, note.due_minor - on_open)
            .credit(A::RefundsPayable, note.refund_minor)
            .credit(A::CustomerBalance, note.balance_minor)
            .credit(A::ExternalPayments, note.external_minor)
    }

    /// A voided note or a failed refund: the entry the other way round, and what it took is there again.
    fn take_back(&mut self, key: &str, tick: i64) -> Lines {
        let posted = self.entries.iter().find(|entry| entry.key == key);
        let (Some(taken), Some(posted)) = (self.given_back.remove(key), posted) else { return Lines::default() };
        let lines = Lines::of(posted).turned();
        self.left.restore(&taken.shares, tick);
        self.open_minor += taken.open_minor;
        self.off.left_minor += taken.off.0;
        self.off.bad_minor += taken.off.1;
        if let Some((payment, minor)) = taken.spare {
            *self.spare.entry(payment).or_default() += minor;
        }
        // What an invoice that is written off is owed again is no better than the rest.
        if self.off.holds { lines.and(self.write_off(tick)) } else { lines }
    }

    /// J10, J11 and J12: what a credit note gave back already is paid out, the rest is given back now.
    fn refund(
        &mut self,
        payment: &'b str,
        refund: &str,
        minor: i64,
        key: &str,
        tick: i64,
        currency: Currency,
    ) -> Lines {
        let noted = self.notes.iter().find(|note| note.voided_at.is_none() && note.refund.as_deref() == Some(refund));
        let noted_minor = noted.map_or(0, |note| note.refund_minor.min(minor));
        self.money_back(payment, minor - noted_minor, A::Refunds, key, tick, currency)
            .debit(A::RefundsPayable, noted_minor)
    }

    /// J15a, J15s.
    fn withdraw(
        &mut self,
        payment: &'b str,
        dispute: &DisputeFacts,
        key: &str,
        tick: i64,
        currency: Currency,
    ) -> Lines {
        let minor = dispute.withdrawn_minor;
        let lines = match self.disputes {
            DisputePolicy::Withhold => Lines::default().debit(A::DisputedFunds, minor),
            DisputePolicy::Stripe => self.money_back(payment, minor, A::Chargebacks, key, tick, currency),
        };
        lines.debit(A::DisputeFees, dispute.fee_minor).credit(A::PspClearing, minor.saturating_add(dispute.fee_minor))
    }

    fn reinstate(&self, minor: i64) -> Lines {
        let to = match self.disputes {
            DisputePolicy::Withhold => A::DisputedFunds,
            DisputePolicy::Stripe => A::Recoveries,
        };
        Lines::default().debit(A::PspClearing, minor).credit(to, minor)
    }

    /// Money of a payment that is gone: first what no invoice took, then what the invoice was paid with.
    fn money_back(&mut self, payment: &'b str, minor: i64, to: A, key: &str, tick: i64, currency: Currency) -> Lines {
        let spare = self.spare.get(payment).copied().unwrap_or(0);
        let from_spare = if self.is_in(currency) { minor.min(spare) } else { minor };
        if let Some(spare) = self.spare.get_mut(payment) {
            *spare = spare.saturating_sub(from_spare);
        }
        let shares =
            if minor == from_spare { Shares::default() } else { self.left.give_back(minor - from_spare, tick) };
        let lines = shares.debited(to).debit(A::UnappliedCash, from_spare);
        let given_back = GivenBack { shares, spare: Some((payment, from_spare)), ..GivenBack::default() };
        self.given_back.insert(key.to_owned(), given_back);
        lines
    }

    fn is_in(&self, currency: Currency) -> bool {
        self.issued.is_some_and(|issued| issued.currency == currency)
    }
}
