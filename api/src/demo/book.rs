//! What is written down of one customer's life, step by step: the commands of each moment, and what follows from them
//! as the reactor would have it. Aggregates are folded beside, so that a story knows where it stands without asking a
//! ledger; nothing is written here.

use domain::command::Command;
use domain::customer::CustomerCommand;
use domain::dunning::{Dunning, DunningCommand, PlannedStep};
use domain::id::{CustomerId, InvalidId, InvoiceId, PaymentId, SubscriptionId};
use domain::invoice::{Invoice, InvoiceCommand};
use domain::issued::{Decider, Issued};
use domain::payment::{Payment, PaymentCommand};
use domain::policy;
use domain::refusal::Refusal;
use domain::subscription::{Subscription, SubscriptionCommand, Terms};
use jiff::Timestamp;
use store::Claim;

/// What happens at one moment, all of it or none (rule L11).
#[derive(Debug, Clone)]
pub struct Step {
    pub at: Timestamp,
    pub commands: Vec<Command>,
    pub claims: Vec<Claim>,
}

/// Why a story stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It has reached the present.
    ThePresent,
    /// The domain said no, which a story must not bring about.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<InvalidId> for Stop {
    fn from(invalid: InvalidId) -> Self {
        Self::Refused(Refusal::invalid("id", invalid.to_string()))
    }
}

/// The latest invoice with all that hangs on it.
#[derive(Debug, Clone)]
pub struct Bill {
    pub id: InvoiceId,
    pub payment_id: PaymentId,
    pub invoice: Invoice,
    pub payment: Payment,
    pub campaign: Dunning,
}

#[derive(Debug)]
pub struct Book {
    pub customer: CustomerId,
    pub subscription_id: Option<SubscriptionId>,
    pub bill: Option<Bill>,
    subscription: Subscription,
    at: Timestamp,
    present: Timestamp,
    commands: Vec<Command>,
    claims: Vec<Claim>,
    steps: Vec<Step>,
}

impl Book {
    pub fn new(customer: CustomerId, present: Timestamp) -> Self {
        Self {
            customer,
            subscription_id: None,
            bill: None,
            subscription: Subscription::default(),
            at: Timestamp::MIN,
            present,
            commands: Vec::new(),
            claims: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Ends the present moment and begins another, which is never earlier.
    pub fn open(&mut self, at: Timestamp) -> Result<(), Stop> {
        self.close();
        self.at = at.max(self.at);
        if self.at > self.present { Err(Stop::ThePresent) } else { Ok(()) }
    }

    /// Everything that was written.
    pub fn into_steps(mut self) -> Vec<Step> {
        self.close();
        self.steps
    }

    fn close(&mut self) {
        let commands = std::mem::take(&mut self.commands);
        let claims = std::mem::take(&mut self.claims);
        if !commands.is_empty() {
            self.steps.push(Step { at: self.at, commands, claims });
        }
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub fn present(&self) -> Timestamp {
        self.present
    }

    /// The subscription's terms as they stand.
    pub fn terms(&self) -> Result<&Terms, Stop> {
        let snapshot = self.subscription.snapshot().ok_or_else(|| Refusal::not_found("subscription"))?;
        Ok(&snapshot.terms)
    }

    /// The next step that the bill's dunning campaign plans; `None` where it is over.
    pub fn next_dunning_step(&self) -> Option<PlannedStep> {
        self.bill.as_ref()?.campaign.snapshot()?.next_step().cloned()
    }

    pub fn claim(&mut self, claim: Claim) {
        self.claims.push(claim);
    }

    pub fn customer(&mut self, command: CustomerCommand) {
        self.commands.push(Command::Customer(self.customer.clone(), command));
    }

    /// From here on the story is about a new subscription.
    pub fn begin_subscription(&mut self, id: SubscriptionId) {
        self.subscription_id = Some(id);
        self.subscription = Subscription::default();
        self.bill = None;
    }

    pub fn subscription(&mut self, command: SubscriptionCommand) -> Result<(), Stop> {
        let id = self.subscription_id.clone().ok_or_else(|| Refusal::not_found("subscription"))?;
        if !happen(&mut self.subscription, self.at, &command)?.is_empty() {
            self.commands.push(Command::Subscription(id, command));
        }
        Ok(())
    }

    /// What is done with the latest invoice, and what follows from it for its subscription and its campaign.
    pub fn invoice(&mut self, command: InvoiceCommand) -> Result<(), Stop> {
        let bill = self.bill.as_mut().ok_or_else(|| Refusal::not_found("invoice"))?;
        let events = happen(&mut bill.invoice, self.at, &command)?;
        let campaign = policy::dunning::reconcile(&bill.id, &bill.invoice);
        self.commands.push(Command::Invoice(bill.id.clone(), command));
        for event in &events {
            if let Some(Command::Subscription(_, command)) = policy::collection::react(event) {
                self.subscription(command)?;
            }
        }
        match campaign {
            Some(Command::Dunning(_, command)) => self.dunning(command),
            Some(_) | None => Ok(()),
        }
    }

    pub fn payment(&mut self, command: PaymentCommand) -> Result<(), Stop> {
        let bill = self.bill.as_mut().ok_or_else(|| Refusal::not_found("payment"))?;
        if !happen(&mut bill.payment, self.at, &command)?.is_empty() {
            self.commands.push(Command::Payment(bill.payment_id.clone(), command));
        }
        Ok(())
    }

    pub fn dunning(&mut self, command: DunningCommand) -> Result<(), Stop> {
        let bill = self.bill.as_mut().ok_or_else(|| Refusal::not_found("dunning campaign"))?;
        let id = policy::dunning::campaign_of_invoice(&bill.id).ok_or(InvalidId)?;
        if !happen(&mut bill.campaign, self.at, &command)?.is_empty() {
            self.commands.push(Command::Dunning(id, command));
        }
        Ok(())
    }
}

/// Decides and evolves, as the ledger will.
pub fn happen<A: Decider>(state: &mut A, now: Timestamp, command: &A::Command) -> Result<Vec<A::Event>, Refusal> {
    let events = state.decide(&Issued { now, command: command.clone() })?;
    for event in &events {
        state.evolve(event);
    }
    Ok(events)
}
