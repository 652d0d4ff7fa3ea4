//! Where one customer's billing is worked out: the states it takes, and the commands that came of it so far. A command
//! is tried here first, so that the next step sees what the one before led to.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::rules::Rules;
use crate::account::{Account, AccountCommand};
use crate::command::{Command, SandboxStream};
use crate::customer::{Customer, CustomerCommand};
use crate::dunning::{Dunning, DunningCommand};
use crate::id::{CampaignId, CustomerId, InvoiceId, PaymentId, PaymentMethodId, SubscriptionId};
use crate::invoice::{Invoice, InvoiceCommand, InvoiceSnapshot};
use crate::issued::{Decider, Issued};
use crate::payment::{Payment, PaymentCommand};
use crate::refusal::Refusal;
use crate::sandbox::{Sandbox, SandboxCommand};
use crate::subscription::{Subscription, SubscriptionCommand, SubscriptionSnapshot};
use crate::tax::Rate;
use crate::usage::{UsageCommand, UsageLog};

/// A state with where its stream stands, and where it stood when the commands on the desk were begun.
#[derive(Debug, Clone)]
pub struct Held<A> {
    pub state: Arc<A>,
    sequence: i64,
    begun: i64,
}

impl<A: Decider> Default for Held<A> {
    fn default() -> Self {
        Self::at(Arc::new(A::default()), 0)
    }
}

impl<A: Decider> Held<A> {
    pub fn at(state: Arc<A>, sequence: i64) -> Self {
        Self { state, sequence, begun: sequence }
    }

    /// Whether the command led to anything.
    fn run(&mut self, now: Timestamp, command: A::Command) -> Result<bool, Refusal> {
        let events = self.state.decide(&Issued { now, command })?;
        if events.is_empty() {
            return Ok(false);
        }
        let state = Arc::make_mut(&mut self.state);
        for event in &events {
            state.evolve(event);
        }
        self.sequence += i64::try_from(events.len()).unwrap_or_default();
        Ok(true)
    }
}

/// A stream that commands were planned on, read or written, and where it stood then: where it stands elsewhere by now,
/// they are planned anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedOn {
    pub kind: &'static str,
    pub id: String,
    pub sequence: i64,
}

#[derive(Debug, Clone)]
pub struct Desk {
    pub now: Timestamp,
    pub rules: Rules,
    pub customer: CustomerId,
    pub party: Held<Customer>,
    pub account: Held<Account>,
    pub sandbox: Held<Sandbox>,
    pub subscriptions: BTreeMap<SubscriptionId, Held<Subscription>>,
    pub usage: BTreeMap<SubscriptionId, Held<UsageLog>>,
    pub invoices: BTreeMap<InvoiceId, Held<Invoice>>,
    pub payments: BTreeMap<PaymentId, Held<Payment>>,
    pub campaigns: BTreeMap<CampaignId, Held<Dunning>>,
    /// The tax rate of where the customer is.
    pub rate: Option<Rate>,
    commands: Vec<Command>,
    /// Invoices whose number the append gives, so that the state here is not what will be stored.
    numbered: Vec<InvoiceId>,
}

impl Desk {
    pub fn new(now: Timestamp, rules: Rules, customer: CustomerId, party: Held<Customer>) -> Self {
        Self {
            now,
            rules,
            customer,
            party,
            account: Held::default(),
            sandbox: Held::default(),
            subscriptions: BTreeMap::new(),
            usage: BTreeMap::new(),
            invoices: BTreeMap::new(),
            payments: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            rate: None,
            commands: Vec::new(),
            numbered: Vec::new(),
        }
    }

    /// What was worked out, with the streams it was worked out on; the desk is clear for the next.
    pub fn take(&mut self) -> (Vec<Command>, Vec<PlannedOn>) {
        let mut planned = Vec::new();
        note(&mut self.party, self.customer.as_str(), &mut planned);
        note(&mut self.account, self.customer.as_str(), &mut planned);
        note(&mut self.sandbox, self.customer.as_str(), &mut planned);
        note_all(&mut self.subscriptions, SubscriptionId::as_str, &mut planned);
        note_all(&mut self.usage, SubscriptionId::as_str, &mut planned);
        note_all(&mut self.invoices, InvoiceId::as_str, &mut planned);
        note_all(&mut self.payments, PaymentId::as_str, &mut planned);
        note_all(&mut self.campaigns, CampaignId::as_str, &mut planned);
        (std::mem::take(&mut self.commands), planned)
    }

    /// The invoices that got their numbers with what was taken last: their states here lack them and must be read again.
    pub fn take_numbered(&mut self) -> Vec<InvoiceId> {
        std::mem::take(&mut self.numbered)
    }

    pub fn has_commands(&self) -> bool {
        !self.commands.is_empty()
    }

    /// How many events the subscription has; it tells apart what is done at one instant of a clock that stands still.
    pub(super) fn sequence_of(&self, id: &SubscriptionId) -> i64 {
        self.subscriptions.get(id).map_or(0, |held| held.sequence)
    }

    pub fn subscription(&self, id: &SubscriptionId) -> Result<&SubscriptionSnapshot, Refusal> {
        let held = self.subscriptions.get(id);
        held.and_then(|held| held.state.snapshot()).ok_or_else(|| Refusal::not_found("subscription"))
    }

    pub fn invoice(&self, id: &InvoiceId) -> Result<&InvoiceSnapshot, Refusal> {
        let held = self.invoices.get(id);
        held.and_then(|held| held.state.snapshot()).ok_or_else(|| Refusal::not_found("invoice"))
    }

    /// That the customer lives and pays with a method of its own is decided with what is worked out here. It changes
    /// nothing, and is asked again when the rest is carried out.
    pub fn confirm_payer(&mut self, method: Option<PaymentMethodId>) -> Result<(), Refusal> {
        let command = CustomerCommand::ConfirmPayer { method };
        self.party.run(self.now, command.clone())?;
        self.commands.push(Command::Customer(self.customer.clone(), command));
        Ok(())
    }

    pub(super) fn on_customer(&mut self, command: CustomerCommand) -> Result<(), Refusal> {
        if self.party.run(self.now, command.clone())? {
            self.commands.push(Command::Customer(self.customer.clone(), command));
        }
        Ok(())
    }

    pub(super) fn on_account(&mut self, command: AccountCommand) -> Result<(), Refusal> {
        if self.account.run(self.now, command.clone())? {
            self.commands.push(Command::Account(self.customer.clone(), command));
        }
        Ok(())
    }

    pub(super) fn on_sandbox(&mut self, command: SandboxCommand) -> Result<(), Refusal> {
        if self.sandbox.run(self.now, command.clone())? {
            self.commands.push(Command::Sandbox(SandboxStream::Customer(self.customer.clone()), command));
        }
        Ok(())
    }

    pub fn on_subscription(&mut self, id: &SubscriptionId, command: SubscriptionCommand) -> Result<(), Refusal> {
        if run(&mut self.subscriptions, id, self.now, command.clone())? {
            self.commands.push(Command::Subscription(id.clone(), command));
            // What no last invoice took is billed by none.
            if self.usage.contains_key(id) && self.subscription(id)?.standing.is_terminal() {
                self.on_usage(id, UsageCommand::Drop)?;
            }
        }
        Ok(())
    }

    pub(super) fn on_usage(&mut self, id: &SubscriptionId, command: UsageCommand) -> Result<(), Refusal> {
        if run(&mut self.usage, id, self.now, command.clone())? {
            self.commands.push(Command::Usage(id.clone(), command));
        }
        Ok(())
    }

    pub fn on_invoice(&mut self, id: &InvoiceId, command: InvoiceCommand) -> Result<(), Refusal> {
        let gives_number = matches!(
            command,
            InvoiceCommand::Issue { .. } | InvoiceCommand::Finalize { .. } | InvoiceCommand::IssueNote { .. }
        );
        if run(&mut self.invoices, id, self.now, command.clone())? {
            self.commands.push(Command::Invoice(id.clone(), command));
            if gives_number {
                self.numbered.push(id.clone());
            }
        }
        Ok(())
    }

    pub fn on_payment(&mut self, id: &PaymentId, command: PaymentCommand) -> Result<(), Refusal> {
        if run(&mut self.payments, id, self.now, command.clone())? {
            self.commands.push(Command::Payment(id.clone(), command));
        }
        Ok(())
    }

    pub(super) fn on_campaign(&mut self, id: &CampaignId, command: DunningCommand) -> Result<(), Refusal> {
        if run(&mut self.campaigns, id, self.now, command.clone())? {
            self.commands.push(Command::Dunning(id.clone(), command));
        }
        Ok(())
    }
}

fn run<K: Ord + Clone, A: Decider>(
    held: &mut BTreeMap<K, Held<A>>,
    id: &K,
    now: Timestamp,
    command: A::Command,
) -> Result<bool, Refusal> {
    match held.get_mut(id) {
        Some(held) => held.run(now, command),
        None => held.entry(id.clone()).or_default().run(now, command),
    }
}

fn note<A: Decider>(held: &mut Held<A>, id: &str, planned: &mut Vec<PlannedOn>) {
    planned.push(PlannedOn { kind: A::TYPE, id: id.to_owned(), sequence: held.begun });
    held.begun = held.sequence;
}

fn note_all<K, A: Decider>(held: &mut BTreeMap<K, Held<A>>, text: fn(&K) -> &str, planned: &mut Vec<PlannedOn>) {
    for (id, held) in held {
        note(held, text(id), planned);
    }
}
