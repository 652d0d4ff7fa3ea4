//! What a command does to a dunning campaign. A campaign follows its invoice: it is opened by the first failed
//! attempt, closed by the invoice's fate, and the same facts in any order leave the same campaign.

use jiff::Timestamp;

use super::command::{CaseFacts, DunningCommand, Settlement, SettlementOutcome};
use super::configuration::{Channel, Configuration, PlannedStep};
use super::event::{ActionTaken, CampaignSnapshot, CampaignStatus, CampaignType, DunningChange, DunningEvent};
use super::state::Dunning;
use super::wording::Wording;
use crate::id::CampaignId;
use crate::invoice::FailedAttempt;
use crate::issued::{Decider, EventForm, Issued};
use crate::origin::Origin;
use crate::refusal::Refusal;

impl EventForm for DunningEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

/// Steps that were planned by hand are numbered from here, beyond those of any configuration.
const BY_HAND_FROM: u32 = 101;
/// Steps that may be planned by hand; whoever needs more has not looked at what is planned.
const MAX_BY_HAND: usize = 50;

type Decision = Result<Vec<DunningEvent>, Refusal>;

impl Decider for Dunning {
    const TYPE: &'static str = "dunning";
    type Command = DunningCommand;
    type Event = DunningEvent;

    fn decide(&self, issued: &Issued<DunningCommand>) -> Decision {
        let now = issued.now;
        match &issued.command {
            DunningCommand::TakeAction { step, action, success, wording } => {
                let (step, action, success, wording) = (*step, *action, *success, wording.clone());
                self.take_action(ActionTaken { step, action, executed_at: now, success, wording })
            }
            DunningCommand::PlanAction { at, action, wording } => self.plan_action(now, *at, *action, wording),
            DunningCommand::Cancel { reason } => {
                let (id, snapshot) = self.active("cancel")?;
                let after = closed(snapshot, CampaignStatus::Canceled, now, 0);
                Ok(vec![event(now, id, DunningChange::DunningCanceled { reason: reason.clone() }, after)])
            }
            DunningCommand::Reconcile { id, facts } => Ok(self.reconcile(id, facts)),
            DunningCommand::OpenForCard { id, at, customer, method, origin, amount_at_risk_minor, currency } => {
                if self.snapshot.is_some() {
                    return Ok(Vec::new());
                }
                let after = CampaignSnapshot {
                    origin: *origin,
                    customer: Some(customer.clone()),
                    payment_method: Some(method.clone()),
                    ..opened(
                        CampaignType::CardExpiring,
                        Configuration::StandardCustomer,
                        *at,
                        *amount_at_risk_minor,
                        *currency,
                    )
                };
                Ok(vec![event(*at, id, DunningChange::DunningOpened {}, after)])
            }
            DunningCommand::CardReplaced { at } => Ok(self.close_quietly(*at, CampaignStatus::Recovered)),
            DunningCommand::Exhaust { at } => Ok(self.close_quietly(*at, CampaignStatus::Exhausted)),
        }
    }

    fn evolve(&mut self, event: &DunningEvent) {
        self.apply(event);
    }
}

impl Dunning {
    fn take_action(&self, taken: ActionTaken) -> Decision {
        let (id, snapshot) = self.active("act on")?;
        taken.wording.check()?;
        if let Some(number) = taken.step {
            let next = snapshot.next_step().map(|step| step.number);
            if next != Some(number) {
                return Err(Refusal::invalid("step", format!("is {number}, but the next step is {next:?}")));
            }
        }
        let mut after = snapshot.clone();
        after.actions.push(taken.clone());
        Ok(vec![event(taken.executed_at, id, DunningChange::DunningActionTaken { action: taken }, after)])
    }

    fn plan_action(&self, now: Timestamp, at: Timestamp, action: Channel, wording: &Wording) -> Decision {
        let (id, snapshot) = self.active("act on")?;
        wording.check()?;
        if at <= now {
            return Err(Refusal::invalid("schedule_at", "lies in the past"));
        }
        let by_hand = steps_by_hand(snapshot);
        if by_hand.iter().any(|step| step.due_at == at && step.channel == action && step.wording == *wording) {
            return Ok(Vec::new());
        }
        if by_hand.len() >= MAX_BY_HAND {
            return Err(Refusal::invalid("schedule_at", format!("{MAX_BY_HAND} actions were planned by hand already")));
        }
        let number = by_hand.iter().map(|step| step.number + 1).max().unwrap_or(BY_HAND_FROM);
        let mut after = snapshot.clone();
        after.steps.push(PlannedStep { number, due_at: at, channel: action, offer: None, wording: wording.clone() });
        after.steps.sort_by_key(|step| step.due_at);
        Ok(vec![event(now, id, DunningChange::DunningRevised {}, after)])
    }

    fn reconcile(&self, id: &CampaignId, facts: &CaseFacts) -> Vec<DunningEvent> {
        let (failures, settlement) = standing_facts(facts);
        let Some(first) = failures.first() else { return Vec::new() };
        let mut events: Vec<DunningEvent> = Vec::new();
        let mut current = if let Some(known) = &self.snapshot {
            known.as_ref().clone()
        } else {
            let after = case(facts, first.at);
            events.push(event(first.at, id, DunningChange::DunningOpened {}, after.clone()));
            after
        };
        for failure in &failures {
            if !current.attempts.iter().any(|known| known.key == failure.key) {
                current = with_attempt(&current, failure);
                let change = DunningChange::DunningAttemptFailed { attempt: failure.clone() };
                events.push(event(failure.at, id, change, current.clone()));
            }
        }
        let wanted = CampaignSnapshot {
            attempts: failures.clone(),
            actions: current.actions.clone(),
            status: current.status,
            closed_at: current.closed_at,
            recovered_minor: current.recovered_minor,
            ..case(facts, first.at)
        };
        let wanted = with_steps(wanted, steps_by_hand(&current));
        if wanted != current {
            current = wanted;
            events.push(event(first.at, id, DunningChange::DunningRevised {}, current.clone()));
        }
        events.extend(settlement.and_then(|settlement| settle(id, &current, settlement)));
        events
    }

    fn close_quietly(&self, at: Timestamp, status: CampaignStatus) -> Vec<DunningEvent> {
        let Ok((id, snapshot)) = self.active("close") else { return Vec::new() };
        let change = match status {
            CampaignStatus::Recovered => DunningChange::DunningRecovered {},
            CampaignStatus::Exhausted => DunningChange::DunningExhausted {},
            CampaignStatus::Canceled | CampaignStatus::Active => DunningChange::DunningCanceled { reason: None },
        };
        vec![event(at, id, change, closed(snapshot, status, at, 0))]
    }

    fn active(&self, action: &str) -> Result<(&CampaignId, &CampaignSnapshot), Refusal> {
        let (Some(id), Some(snapshot)) = (&self.id, self.snapshot.as_deref()) else {
            return Err(Refusal::not_found("dunning campaign"));
        };
        if snapshot.status != CampaignStatus::Active {
            return Err(Refusal::illegal("a dunning campaign", snapshot.status.as_str(), action));
        }
        Ok((id, snapshot))
    }
}

fn steps_by_hand(campaign: &CampaignSnapshot) -> Vec<PlannedStep> {
    campaign.steps.iter().filter(|step| step.number >= BY_HAND_FROM).cloned().collect()
}

/// What was planned by hand stays planned, whatever else comes to light.
fn with_steps(mut campaign: CampaignSnapshot, by_hand: Vec<PlannedStep>) -> CampaignSnapshot {
    campaign.steps.extend(by_hand);
    campaign.steps.sort_by_key(|step| step.due_at);
    campaign
}

fn opened(
    kind: CampaignType,
    configuration: Configuration,
    at: Timestamp,
    amount_at_risk_minor: i64,
    currency: crate::money::Currency,
) -> CampaignSnapshot {
    CampaignSnapshot {
        origin: Origin::default(),
        kind,
        configuration,
        status: CampaignStatus::Active,
        customer: None,
        subscription: None,
        invoice: None,
        payment_method: None,
        amount_at_risk_minor,
        currency,
        opened_at: at,
        closed_at: None,
        recovered_minor: 0,
        steps: configuration.plan(at),
        actions: Vec::new(),
        attempts: Vec::new(),
    }
}

/// The campaign of a case as it opens.
fn case(facts: &CaseFacts, opened_at: Timestamp) -> CampaignSnapshot {
    CampaignSnapshot {
        origin: facts.origin,
        customer: facts.customer.clone(),
        subscription: facts.subscription.clone(),
        invoice: Some(facts.invoice.clone()),
        ..opened(
            CampaignType::FailedPayment,
            facts.configuration,
            opened_at,
            facts.amount_at_risk_minor,
            facts.currency,
        )
    }
}

/// The failures that count, by time, and what settles them. A failure after the settlement is stale (decision B9);
/// where all are, the campaign is canceled as soon as it opened, whichever was known first.
fn standing_facts(facts: &CaseFacts) -> (Vec<FailedAttempt>, Option<Settlement>) {
    let mut failures = facts.failures.clone();
    failures.sort_by(|a, b| (a.at, a.count, &a.key).cmp(&(b.at, b.count, &b.key)));
    let Some(settlement) = facts.settlement else { return (failures, None) };
    let counted: Vec<_> = failures.iter().filter(|failure| failure.at <= settlement.at).cloned().collect();
    match failures.first() {
        Some(first) if counted.is_empty() => {
            let moot = Settlement { at: first.at, outcome: SettlementOutcome::Voided, amount_minor: 0 };
            (failures, Some(moot))
        }
        Some(_) | None => (counted, Some(settlement)),
    }
}

/// Adds a failed attempt in its place by time.
fn with_attempt(current: &CampaignSnapshot, failure: &FailedAttempt) -> CampaignSnapshot {
    let mut after = current.clone();
    after.attempts.push(failure.clone());
    after.attempts.sort_by(|a, b| (a.at, a.count, &a.key).cmp(&(b.at, b.count, &b.key)));
    after
}

fn settle(id: &CampaignId, current: &CampaignSnapshot, settlement: Settlement) -> Option<DunningEvent> {
    let (status, change, recovered_minor) = match settlement.outcome {
        SettlementOutcome::Paid => {
            (CampaignStatus::Recovered, DunningChange::DunningRecovered {}, settlement.amount_minor)
        }
        SettlementOutcome::Voided => (CampaignStatus::Canceled, DunningChange::DunningCanceled { reason: None }, 0),
        SettlementOutcome::Uncollectible => (CampaignStatus::Exhausted, DunningChange::DunningExhausted {}, 0),
    };
    let after = closed(current, status, settlement.at, recovered_minor);
    (after != *current).then(|| event(settlement.at, id, change, after))
}

fn closed(
    snapshot: &CampaignSnapshot,
    status: CampaignStatus,
    at: Timestamp,
    recovered_minor: i64,
) -> CampaignSnapshot {
    CampaignSnapshot { status, closed_at: Some(at), recovered_minor, ..snapshot.clone() }
}

fn event(at: Timestamp, campaign: &CampaignId, change: DunningChange, after: CampaignSnapshot) -> DunningEvent {
    DunningEvent { at, campaign: campaign.clone(), change, after: Box::new(after) }
}
