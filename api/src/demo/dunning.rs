//! How a declined charge of a story goes on: the campaign's steps are taken as planned, most customers pay at one of
//! the retries, the others lose their subscription, and what failed lately is still open at the end.

use domain::command::Command;
use domain::customer::CustomerCommand;
use domain::dunning::{Channel, DunningCommand, PlannedStep};
use domain::invoice::{FailedAttempt, InvoiceCommand};
use domain::policy;
use domain::refusal::Refusal;
use domain::subscription::{AfterDunning, SubscriptionCommand};
use jiff::{SignedDuration, Timestamp};

use super::book::{Stop, happen};
use super::chance::later;
use super::life::Life;

/// Times in a thousand that a campaign ends with the money.
const RECOVERED: u64 = 700;
/// Campaigns younger than this are still running in the present; the shorter plan lasts fourteen days.
const RECENT: SignedDuration = SignedDuration::from_hours(10 * 24);
const DECLINES: [(&str, u64); 5] = [
    ("insufficient_funds", 45),
    ("generic_decline", 25),
    ("expired_card", 15),
    ("processing_error", 8),
    ("do_not_honor", 7),
];

/// What a campaign will come to.
struct Fate {
    code: &'static str,
    /// The retry that collects, from 1; `None` where none does.
    collects_at: Option<usize>,
}

impl Life<'_> {
    /// Whether the latest invoice was paid in the end, where its first charge is declined now.
    pub(super) fn chase(&mut self) -> Result<bool, Stop> {
        let code = self.chance.weighted(&DECLINES, |code| code.1).map_or("generic_decline", |code| code.0);
        let planned = self.plan()?;
        self.decline(code, next_retry(&planned, self.book.at()))?;
        let fate = self.fate(code, &planned);
        let mut retries = 0;
        while let Some(step) = self.book.next_dunning_step() {
            let at = later(step.due_at, self.chance.minutes(0, 4));
            self.book.open(at)?;
            if step.channel == Channel::PaymentRetry {
                retries += 1;
                if self.retry(&step, &fate, retries)? {
                    return Ok(true);
                }
            } else {
                self.book.dunning(action(&step, true))?;
            }
        }
        self.give_up()?;
        Ok(false)
    }

    fn fate(&mut self, code: &'static str, planned: &[PlannedStep]) -> Fate {
        let retries = planned.iter().filter(|step| step.channel == Channel::PaymentRetry).count();
        let recent = self.book.present().duration_since(self.book.at()) < RECENT;
        let recovers = self.chance.permille(RECOVERED);
        let early = usize::try_from(self.chance.below(u64::try_from(retries).unwrap_or(1))).unwrap_or(0) + 1;
        Fate { code, collects_at: recovers.then_some(if recent { retries } else { early }) }
    }

    /// The charge is tried again; a card that had expired was replaced by then.
    fn retry(&mut self, step: &PlannedStep, fate: &Fate, number: usize) -> Result<bool, Stop> {
        let collects = fate.collects_at == Some(number);
        self.book.dunning(action(step, collects))?;
        if !collects {
            let campaign = self.book.bill.as_ref().and_then(|bill| bill.campaign.snapshot());
            let planned = campaign.map(|campaign| campaign.steps.clone()).unwrap_or_default();
            let next = next_retry(&planned, step.due_at);
            self.decline(fate.code, next)?;
            return Ok(false);
        }
        if fate.code == "expired_card" {
            self.card = self.new_card()?;
            self.book.customer(CustomerCommand::AttachPaymentMethod { method: self.card.clone(), make_default: true });
        }
        self.pay()?;
        Ok(true)
    }

    /// A day after the last step the subscription ends and the invoice is written off, which exhausts the campaign.
    fn give_up(&mut self) -> Result<(), Stop> {
        let at = later(self.book.at(), SignedDuration::from_hours(24));
        self.book.open(at)?;
        let bill = self.book.bill.as_ref().ok_or_else(|| Refusal::not_found("invoice"))?;
        let exhausted =
            SubscriptionCommand::NoteDunningExhausted { invoice: bill.id.clone(), then: AfterDunning::Cancel };
        self.book.subscription(exhausted)?;
        self.book.invoice(InvoiceCommand::MarkUncollectible)
    }

    /// The steps that a failure now would lead to, asked of the policy itself.
    fn plan(&self) -> Result<Vec<PlannedStep>, Stop> {
        let bill = self.book.bill.as_ref().ok_or_else(|| Refusal::not_found("invoice"))?;
        let at = self.book.at();
        let attempt = FailedAttempt { key: String::new(), count: 1, at, next_attempt_at: None, decline_code: None };
        let mut supposed = bill.invoice.clone();
        happen(&mut supposed, at, &InvoiceCommand::RecordFailedAttempt { attempt })?;
        match policy::dunning::reconcile(&bill.id, &supposed) {
            Some(Command::Dunning(_, DunningCommand::Reconcile { facts, .. })) => Ok(facts.configuration.plan(at)),
            Some(_) | None => Ok(Vec::new()),
        }
    }
}

fn action(step: &PlannedStep, success: bool) -> DunningCommand {
    DunningCommand::TakeAction { step: Some(step.number), action: step.channel, success }
}

fn next_retry(planned: &[PlannedStep], after: Timestamp) -> Option<Timestamp> {
    planned.iter().find(|step| step.channel == Channel::PaymentRetry && step.due_at > after).map(|step| step.due_at)
}
