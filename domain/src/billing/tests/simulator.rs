//! What does a customer's billing come to over time? One desk, its timers fired one after another as they fall due, every
//! command kept, so that tests read invoices and balances instead of calling the engine's parts.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::super::{Alteration, Desk, Held, Rules, Subject, alter, create, fire, pay};
use super::checks::{check_quiet, check_step};
use super::shown::shown;
use crate::command::Command;
use crate::customer::{CustomerCommand, PaymentMethod, PaymentMethodKind, Profile};
use crate::id::{InvoiceId, PaymentMethodId};
use crate::money::{Currency, Money};
use crate::price::{Interval, Item, Price};
use crate::pricing::Billing;
use crate::proration::{Counting, ProrationBehavior};
use crate::refusal::Refusal;
use crate::samples::{at, customer_id, method_id, plan_id, subscription_id};
use crate::sandbox::{Outcome, SandboxCommand};
use crate::subscription::{AfterDunning, NewSubscription, Status};
use crate::tax::{Inclusion, Rate};
use crate::time::{AnchorRule, zone_named};

/// Steps of one advance; more is a timer that does not go away.
const MAX_STEPS: usize = 5_000;

/// A date, or an instant, as tests write them.
pub fn when(text: &str) -> Timestamp {
    if text.contains('T') { at(text) } else { at(&format!("{text}T00:00:00Z")) }
}

pub fn rules(mode: &str, zone: &str) -> Rules {
    let zone_name = zone.to_owned();
    let zone = zone_named(zone);
    Rules {
        counting: Counting { mode: mode.parse().unwrap(), zone: zone.clone() },
        zone,
        zone_name,
        anchor: AnchorRule::Clamp,
        after_dunning: AfterDunning::Cancel,
        high_value_mrr: Money::from_minor(100_000, Currency::USD),
    }
}

pub fn every(unit: crate::price::IntervalUnit, count: u32) -> Interval {
    Interval { unit, count }
}

pub fn plan(name: &str, minor: i64) -> Item {
    plan_each(name, minor, Interval::MONTHLY)
}

pub fn plan_each(name: &str, minor: i64, interval: Interval) -> Item {
    Item {
        id: None,
        plan: plan_id(name),
        name: Some(name.to_owned()),
        price: Price::per_unit(minor, Currency::USD, Some(interval)),
        quantity: 1,
        version: Some(1),
        billing: Billing::InAdvance,
        metric: None,
    }
}

pub fn seats(item: Item, quantity: u64) -> Item {
    Item { quantity, ..item }
}

pub fn tax(percent: &str, inclusion: Inclusion) -> Rate {
    Rate::new("tax_1", "US-CA", percent.parse::<Decimal>().unwrap(), inclusion).unwrap()
}

pub fn new_subscription(items: Vec<Item>) -> NewSubscription {
    let currency = items.first().map_or(Currency::USD, |item| item.price.currency);
    NewSubscription { items, ..NewSubscription::of(subscription_id(), customer_id(), currency) }
}

pub fn card(id: &str, expires: Option<(u8, u16)>) -> PaymentMethod {
    PaymentMethod {
        id: method_id(id),
        kind: PaymentMethodKind::Card,
        brand: Some("visa".to_owned()),
        last4: None,
        exp_month: expires.map(|(month, _)| month),
        exp_year: expires.map(|(_, year)| year),
        attached: true,
    }
}

/// A customer with everything that is billed to them.
#[derive(Debug, Clone)]
pub struct Sim {
    pub desk: Desk,
    /// Every command with the time at which it was issued.
    pub log: Vec<(Timestamp, Command)>,
    pub fired: Vec<String>,
    /// Of what is due at one instant the last goes first.
    pub reversed: bool,
}

impl Sim {
    pub fn new(now: &str) -> Self {
        Self::with(now, rules("second", "UTC"))
    }

    /// By local days.
    pub fn by_day(now: &str) -> Self {
        Self::with(now, rules("day_half_open", "UTC"))
    }

    pub fn with(now: &str, rules: Rules) -> Self {
        let desk = Desk::new(when(now), rules, customer_id(), Held::default());
        let mut sim = Self { desk, log: Vec::new(), fired: Vec::new(), reversed: false };
        let profile = Box::new(Profile::default());
        let method = Some(card("pm_card_visa", None));
        sim.run(|desk| desk.on_customer(CustomerCommand::Create { id: customer_id(), profile, method })).unwrap();
        sim
    }

    /// Does something now; a refusal leaves everything as it was.
    pub fn run<T>(&mut self, act: impl FnOnce(&mut Desk) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut tried = self.desk.clone();
        let done = act(&mut tried)?;
        self.desk = tried;
        self.keep();
        Ok(done)
    }

    fn keep(&mut self) {
        let now = self.desk.now;
        let (commands, _) = self.desk.take();
        self.desk.take_numbered();
        self.log.extend(commands.into_iter().map(|command| (now, command)));
    }

    pub fn subscribe(&mut self, items: Vec<Item>) -> Option<InvoiceId> {
        self.create(&new_subscription(items))
    }

    pub fn create(&mut self, new: &NewSubscription) -> Option<InvoiceId> {
        self.run(|desk| create(desk, new)).unwrap()
    }

    pub fn alter(&mut self, items: Vec<Item>, behavior: ProrationBehavior) -> Option<InvoiceId> {
        let wanted = Alteration { items, behavior, proration_date: None };
        self.run(|desk| alter(desk, &subscription_id(), &wanted)).unwrap()
    }

    pub fn script(&mut self, outcomes: &[Outcome]) {
        let outcomes = outcomes.to_vec();
        self.run(|desk| desk.on_sandbox(SandboxCommand::Script { outcomes })).unwrap();
    }

    pub fn attach(&mut self, method: PaymentMethod) -> PaymentMethodId {
        let id = method.id.clone();
        self.run(|desk| desk.on_customer(CustomerCommand::AttachPaymentMethod { method, make_default: true })).unwrap();
        id
    }

    pub fn pay(&mut self, invoice: &InvoiceId) {
        self.run(|desk| pay(desk, invoice, None)).unwrap();
    }

    /// Everything that could be due.
    pub fn subjects(&self) -> Vec<Subject> {
        let desk = &self.desk;
        let cards = desk.party.state.methods().map(|method| Subject::Card(method.id.clone()));
        let subscriptions = desk.subscriptions.keys().cloned().map(Subject::Subscription);
        let invoices = desk.invoices.keys().cloned().map(Subject::Invoice);
        let payments = desk.payments.keys().cloned().map(Subject::Payment);
        let campaigns = desk.campaigns.keys().cloned().map(Subject::Campaign);
        subscriptions.chain(invoices).chain(payments).chain(campaigns).chain(cards).collect()
    }

    /// Lets time pass; everything that falls due happens at its own time.
    pub fn advance(&mut self, until: &str) {
        self.advance_to(when(until));
    }

    pub fn advance_to(&mut self, until: Timestamp) {
        for step in 0.. {
            assert!(step < MAX_STEPS, "{:?} does not end", self.fired.last());
            let due = self.subjects().into_iter().filter_map(|subject| Some((self.desk.due(&subject)?, subject)));
            let due = due.filter(|(due, _)| due.at <= until);
            let first = if self.reversed {
                due.min_by(|(a, x), (b, y)| a.at.cmp(&b.at).then_with(|| (b, y).cmp(&(a, x))))
            } else {
                due.min()
            };
            let Some((due, subject)) = first else { break };
            self.desk.now = self.desk.now.max(due.at);
            self.fired.push(format!("{} {}", shown_time(due.at), due.kind.as_str()));
            let before = self.log.len();
            fire(&mut self.desk, &subject).unwrap_or_else(|refusal| panic!("{subject:?} {due:?}: {refusal}"));
            self.keep();
            assert!(self.log.len() > before || self.desk.due(&subject) != Some(due), "{subject:?} {due:?} stays due");
            check_step(self, before);
            check_quiet(&mut self.desk, &subject);
        }
        self.desk.now = self.desk.now.max(until);
    }

    pub fn advance_days(&mut self, days: i64) {
        self.advance_to(self.desk.now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap());
    }

    pub fn status(&self) -> Status {
        self.desk.subscription(&subscription_id()).unwrap().standing.status()
    }

    pub fn period(&self) -> String {
        let period = self.desk.subscription(&subscription_id()).unwrap().terms.period.unwrap();
        format!("{} to {}", shown_time(period.start), shown_time(period.end))
    }

    /// Every invoice in order of time, as one line each.
    pub fn invoices(&self) -> Vec<String> {
        let held = self.desk.invoices.values().filter_map(|held| held.state.snapshot());
        let mut invoices: Vec<_> = held.collect();
        let order = |reason: &Option<String>| reason.as_deref() != Some("subscription_create");
        invoices.sort_by_key(|invoice| {
            (invoice.created_at, order(&invoice.billing_reason), self.place_of_first(invoice.period))
        });
        invoices.into_iter().map(shown).collect()
    }

    fn place_of_first(&self, period: Option<crate::time::Period>) -> Timestamp {
        period.map_or(self.desk.now, |period| period.start)
    }

    /// The ids of all invoices in order of time.
    pub fn invoice_ids(&self) -> Vec<InvoiceId> {
        let mut ids: Vec<(Timestamp, InvoiceId)> = Vec::new();
        for (id, held) in &self.desk.invoices {
            ids.push((held.state.snapshot().unwrap().created_at, id.clone()));
        }
        ids.sort();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// What the customer has in advance.
    pub fn balance(&self) -> i64 {
        let snapshot = self.desk.account.state.snapshot();
        snapshot.balances.iter().map(|held| held.balance.credit_minor() + held.balance.prepaid_minor()).sum()
    }

    /// Money that the processor took and has not given back.
    pub fn collected(&self) -> i64 {
        let payments = self.desk.payments.values().filter_map(|held| held.state.snapshot());
        let settled = payments.filter(|payment| payment.succeeded_at.is_some());
        settled.map(|payment| payment.amount_minor - payment.refunded_minor).sum()
    }

    pub fn check_invoices(&self, what: &str, expected: &[&str]) {
        assert_eq!(self.invoices(), expected, "{what}");
    }
}

/// An instant without what is zero of it.
pub fn shown_time(instant: Timestamp) -> String {
    let text = instant.to_string();
    text.strip_suffix("T00:00:00Z").unwrap_or(&text).to_owned()
}
