//! What must hold of any customer's billing, after every step and at the end?

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::{Desk, Subject, fire};
use super::simulator::Sim;
use crate::account::{Account, AccountChange};
use crate::command::Command;
use crate::customer::Customer;
use crate::dunning::Dunning;
use crate::id::{InvoiceId, SubscriptionId};
use crate::invoice::{Invoice, InvoiceChange, InvoiceSnapshot, InvoiceStatus};
use crate::invoice_totals::LineTotals;
use crate::issued::{Decider, Issued};
use crate::payment::Payment;
use crate::sandbox::Sandbox;
use crate::subscription::{Subscription, SubscriptionCommand};
use crate::usage::UsageLog;

/// What a step touched keeps its identities.
pub fn check_step(sim: &Sim, since: usize) {
    for (_, command) in &sim.log[since..] {
        if let Command::Invoice(id, _) = command {
            check_invoice(id, sim.desk.invoice(id).unwrap());
        }
        if let Command::Subscription(id, _) = command {
            check_billed(&sim.desk, id);
        }
    }
}

/// Decision B5, worked out anew from the lines.
fn check_invoice(id: &InvoiceId, invoice: &InvoiceSnapshot) {
    let sum = |of: fn(&LineTotals) -> i64| invoice.lines.iter().map(|line| of(&line.totals())).sum::<i64>();
    let subtotal = sum(|line| line.amount_minor);
    let discount = sum(|line| line.discount_minor);
    let tax = sum(LineTotals::exclusive_tax_minor);
    let shares: i64 = invoice.discounts.iter().map(|share| share.amount_minor).sum();
    let applied = invoice.applied_credit_minor + invoice.applied_prepaid_minor;
    let total = subtotal - discount + tax;
    let due = total - applied - invoice.credited_before_payment_minor;
    let remaining = due - invoice.amount_paid_minor;
    let said = [
        invoice.subtotal_minor,
        invoice.discount_minor,
        shares,
        invoice.tax_minor,
        invoice.total_minor,
        invoice.amount_due_minor,
        invoice.amount_remaining_minor,
    ];
    assert_eq!(said, [subtotal, discount, discount, tax, total, due, remaining], "{id}");
    assert!(due >= 0 && remaining >= 0, "{id}: {due} due, {remaining} remaining");
    assert!(remaining > 0 || invoice.status != InvoiceStatus::Open, "{id} is open with nothing to pay");
    assert!(invoice.status != InvoiceStatus::Paid || remaining == 0, "{id} is paid with {remaining} remaining");
    let credited: i64 = invoice.standing_notes().iter().map(|note| note.figures().total_minor).sum();
    assert!(credited <= total.max(0), "{id}: {credited} credited of {total}");
    let numbered = !matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Deleted);
    assert_eq!(invoice.number.is_some(), numbered, "{id}");
}

/// No more is given back of a line than was billed, and what is over is not carried along.
fn check_billed(desk: &Desk, id: &SubscriptionId) {
    let terms = &desk.subscription(id).unwrap().terms;
    for billed in &terms.billed {
        let given: i64 = billed.adjusted.iter().map(|adjusted| adjusted.amount_minor).sum();
        assert!(given <= billed.amount_minor, "{id}: {given} given back of {billed:?}");
        assert!(billed.adjusted.iter().all(|adjusted| adjusted.amount_minor >= 0), "{id}: {billed:?}");
    }
}

/// Firing what is not due does nothing, and twice does no more than once.
pub fn check_quiet(desk: &mut Desk, subject: &Subject) {
    if desk.due(subject).is_none_or(|due| due.at > desk.now) {
        fire(desk, subject).unwrap();
        assert!(!desk.has_commands(), "{subject:?}");
    }
}

/// The states that the commands lead to on streams that know nothing yet.
#[derive(Default)]
struct Replayed {
    party: Customer,
    account: Account,
    sandbox: Sandbox,
    subscriptions: BTreeMap<String, Subscription>,
    usage: BTreeMap<String, UsageLog>,
    invoices: BTreeMap<String, Invoice>,
    payments: BTreeMap<String, Payment>,
    campaigns: BTreeMap<String, Dunning>,
    /// By currency.
    balance: BTreeMap<&'static str, i64>,
    finalized: BTreeMap<String, usize>,
}

fn step<D: Decider>(state: &mut D, now: Timestamp, command: &D::Command) -> Vec<D::Event> {
    let events = state.decide(&Issued { now, command: command.clone() }).unwrap();
    for event in &events {
        state.evolve(event);
    }
    events
}

impl Replayed {
    fn run(&mut self, now: Timestamp, command: &Command) {
        match command {
            Command::Customer(_, command) => drop(step(&mut self.party, now, command)),
            Command::Account(_, command) => {
                for event in step(&mut self.account, now, command) {
                    self.book(&event.change);
                }
            }
            Command::Sandbox(_, command) => drop(step(&mut self.sandbox, now, command)),
            Command::Subscription(id, command) => {
                let subscription = self.subscriptions.entry(id.to_string()).or_default();
                if let SubscriptionCommand::Renew { period, .. } = command {
                    let ended = subscription.snapshot().unwrap().terms.period.unwrap();
                    assert_eq!(ended.end, period.start, "{id}: a gap or an overlap");
                    assert!(period.start < period.end, "{id}");
                }
                step(subscription, now, command);
            }
            Command::Usage(id, command) => {
                step(self.usage.entry(id.to_string()).or_default(), now, command);
            }
            Command::Invoice(id, command) => {
                for event in step(self.invoices.entry(id.to_string()).or_default(), now, command) {
                    if matches!(event.change, InvoiceChange::InvoiceFinalized {}) {
                        *self.finalized.entry(id.to_string()).or_default() += 1;
                    }
                }
            }
            Command::Payment(id, command) => {
                step(self.payments.entry(id.to_string()).or_default(), now, command);
            }
            Command::Dunning(id, command) => {
                step(self.campaigns.entry(id.to_string()).or_default(), now, command);
            }
            Command::StripeEvent(..)
            | Command::CatalogueEntry(..)
            | Command::TenantSettings(_)
            | Command::ProcessorCall(..)
            | Command::Payout(..) => panic!("{command:?} is none of billing's"),
        }
    }

    fn book(&mut self, change: &AccountChange) {
        use AccountChange as E;
        let (currency, minor) = match change {
            E::BalanceCredited { currency, amount_minor, .. }
            | E::BalanceBought { currency, amount_minor, .. }
            | E::BalanceAdjusted { currency, amount_minor, .. } => (currency, *amount_minor),
            E::PrepaidRefunded { currency, amount_minor, .. } => (currency, -amount_minor),
            E::BalanceUsed { currency, applied, .. } => (currency, -applied.credit_minor - applied.prepaid_minor),
            E::BalanceReturned { currency, applied, .. } => (currency, applied.credit_minor + applied.prepaid_minor),
            E::LinesAdded { .. } | E::LinesBilled { .. } | E::LineDropped { .. } => return,
        };
        let balance = self.balance.entry(currency.code()).or_default();
        *balance += minor;
        assert!(*balance >= 0, "a balance below zero after {change:?}");
    }
}

fn same<K: ToString, D: Decider>(
    held: &BTreeMap<K, super::super::Held<D>>,
    replayed: &BTreeMap<String, D>,
    what: &str,
) {
    for (id, held) in held {
        let fresh = D::default();
        assert_eq!(*held.state, *replayed.get(&id.to_string()).unwrap_or(&fresh), "{what} {}", id.to_string());
    }
}

/// The log alone leads to the same states, and all that is said of the history as a whole holds.
pub fn check_history(sim: &Sim) {
    let mut replayed = Replayed::default();
    for (now, command) in &sim.log {
        replayed.run(*now, command);
    }
    assert_eq!(*sim.desk.party.state, replayed.party);
    assert_eq!(*sim.desk.account.state, replayed.account);
    assert_eq!(*sim.desk.sandbox.state, replayed.sandbox);
    same(&sim.desk.subscriptions, &replayed.subscriptions, "subscription");
    same(&sim.desk.usage, &replayed.usage, "usage");
    same(&sim.desk.invoices, &replayed.invoices, "invoice");
    same(&sim.desk.payments, &replayed.payments, "payment");
    same(&sim.desk.campaigns, &replayed.campaigns, "campaign");
    let booked: i64 = replayed.balance.values().sum();
    assert_eq!(sim.balance(), booked);
    for (id, held) in &sim.desk.invoices {
        let finalized = replayed.finalized.get(id.as_str()).copied().unwrap_or_default();
        let status = held.state.snapshot().unwrap().status;
        assert_eq!(finalized, usize::from(!matches!(status, InvoiceStatus::Draft | InvoiceStatus::Deleted)), "{id}");
    }
    check_periods(sim);
}

/// No period of a subscription is on two invoices, and none overlaps another unless a change of plan made it end early.
fn check_periods(sim: &Sim) {
    let mut periods: BTreeMap<&SubscriptionId, Vec<crate::time::Period>> = BTreeMap::new();
    for held in sim.desk.invoices.values() {
        let invoice = held.state.snapshot().unwrap();
        let cycle = invoice.billing_reason.as_deref() == Some("subscription_cycle");
        if let (Some(subscription), Some(period), true) = (&invoice.subscription, invoice.period, cycle) {
            periods.entry(subscription).or_default().push(period);
        }
    }
    for (id, mut periods) in periods {
        periods.sort();
        let changed = |command: &Command| matches!(command, Command::Subscription(of, SubscriptionCommand::ChangeItems { .. }) if of == id);
        let changed = sim.log.iter().any(|(_, command)| changed(command));
        for pair in periods.windows(2) {
            assert!(pair[0].start < pair[1].start, "{id}: {pair:?}");
            assert!(changed || pair[0].end <= pair[1].start, "{id}: {pair:?}");
        }
    }
}
