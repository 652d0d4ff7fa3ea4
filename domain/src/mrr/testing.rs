//! Short constructors for the tests of this module: snapshots from a few words, timelines event by event.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::policy::MrrPolicy;
use super::timeline::{Observed, Order, Reason, Timeline};
use super::{Movement, balances, movements, mrr_at};
use crate::id::{CustomerId, PlanId, SubscriptionId};
use crate::money::Currency;
use crate::origin::Origin;
use crate::price::{Discount, Duration, Interval, IntervalUnit, Item, Off, Price};
use crate::stamp::Stamp;
use crate::subscription::{CancelReason, Collection, CycleMove, Standing, SubscriptionSnapshot, Terms};
use crate::time::Period;

/// `2024-01-31` at midnight UTC, or a whole instant.
pub fn at(text: &str) -> Timestamp {
    if text.len() == 10 { format!("{text}T00:00:00Z").parse().unwrap() } else { text.parse().unwrap() }
}

pub fn every(count: u32, unit: IntervalUnit) -> Interval {
    Interval { unit, count }
}

pub fn item(plan: &str, minor: i64, interval: impl Into<Option<Interval>>, quantity: u64) -> Item {
    item_in(Currency::USD, plan, minor, interval, quantity)
}

pub fn item_in(
    currency: Currency,
    plan: &str,
    minor: i64,
    interval: impl Into<Option<Interval>>,
    quantity: u64,
) -> Item {
    let price = Price::per_unit(minor, currency, interval.into());
    Item {
        id: Some(format!("si_{plan}")),
        plan: PlanId::parse(plan).unwrap(),
        name: None,
        price,
        quantity,
        version: None,
        billing: crate::pricing::Billing::InAdvance,
        metric: None,
    }
}

pub fn monthly(minor: i64) -> Vec<Item> {
    vec![item("plan", minor, Interval::MONTHLY, 1)]
}

pub fn yearly(minor: i64) -> Vec<Item> {
    vec![item("plan", minor, Interval::YEARLY, 1)]
}

pub fn percent_off(percent: i64, duration: Duration, start: &str, end: Option<&str>) -> Discount {
    Discount {
        coupon: format!("OFF{percent}"),
        off: Off::Percent(Decimal::from(percent)),
        duration,
        start: at(start),
        end: end.map(at),
    }
}

pub fn amount_off(minor: i64) -> Discount {
    let off = Off::Amount { minor, currency: Currency::USD };
    Discount { coupon: "LESS".to_owned(), off, duration: Duration::Forever, start: at("2000-01-01"), end: None }
}

pub fn snapshot(standing: Standing, items: Vec<Item>) -> SubscriptionSnapshot {
    let start = at("2000-01-01");
    SubscriptionSnapshot {
        customer: CustomerId::parse("cus_1").unwrap(),
        origin: Origin::Daybook,
        standing,
        terms: Terms {
            currency: items.first().map_or(Currency::USD, |item| item.price.currency),
            items,
            created_at: start,
            started_at: start,
            anchor: start,
            period: None,
            trial: None,
            discounts: Vec::new(),
            cancel_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            collection: Collection::default(),
            pause_collection: None,
            payment_method: None,
            latest_invoice: None,
            metadata: None,
            anchor_rule: None,
            zone: None,
            billed: Vec::new(),
            scheduled: None,
            trial_end_announced: false,
            days_until_due: None,
            cycle_move: CycleMove::default(),
        },
    }
}

pub fn active(items: Vec<Item>) -> SubscriptionSnapshot {
    snapshot(Standing::Active {}, items)
}

pub fn discounted(items: Vec<Item>, discounts: Vec<Discount>) -> SubscriptionSnapshot {
    let mut snapshot = active(items);
    snapshot.terms.discounts = discounts;
    snapshot
}

pub fn trialing(items: Vec<Item>) -> SubscriptionSnapshot {
    snapshot(Standing::Trialing { trial: Period { start: at("2000-01-01"), end: at("2000-01-08") } }, items)
}

pub fn paused(items: Vec<Item>) -> SubscriptionSnapshot {
    snapshot(Standing::Paused { since: at("2000-01-01"), resumes_at: None, past_due_since: None }, items)
}

pub fn canceled(on: &str, items: Vec<Item>) -> SubscriptionSnapshot {
    canceled_by(CancelReason::Requested, on, items)
}

pub fn canceled_by(reason: CancelReason, on: &str, items: Vec<Item>) -> SubscriptionSnapshot {
    snapshot(Standing::Canceled { at: at(on), reason }, items)
}

/// A timeline told event by event; the n-th event is `e<n>` at position n.
#[derive(Default)]
pub struct History {
    pub timeline: Timeline,
    told: i64,
}

impl History {
    pub fn under(policy: MrrPolicy) -> Self {
        Self { timeline: Timeline::new(policy), told: 0 }
    }

    pub fn told(mut self, subscription: &str, on: &str, snapshot: SubscriptionSnapshot) -> Self {
        let order = self.next_order();
        self.tell(subscription, on, &snapshot, order, None, None);
        self
    }

    /// As a processor's report, whose second is its instant.
    pub fn reported(mut self, subscription: &str, on: &str, snapshot: SubscriptionSnapshot) -> Self {
        let event = format!("evt_{:03}", self.told);
        let order = Order::Reported(Stamp { phase: 0, created: at(on), rank: 0, event, digest: 0, before: None });
        self.tell(subscription, on, &snapshot, order, None, None);
        self
    }

    pub fn because(mut self, subscription: &str, on: &str, snapshot: SubscriptionSnapshot, cause: Reason) -> Self {
        let order = self.next_order();
        self.tell(subscription, on, &snapshot, order, None, Some(cause));
        self
    }

    pub fn in_step(mut self, step: &str, subscription: &str, on: &str, snapshot: SubscriptionSnapshot) -> Self {
        let order = self.next_order();
        self.tell(subscription, on, &snapshot, order, Some(step), None);
        self
    }

    fn next_order(&self) -> Order {
        Order::Recorded { sequence: self.told.unsigned_abs() + 1 }
    }

    fn tell(
        &mut self,
        subscription: &str,
        on: &str,
        snapshot: &SubscriptionSnapshot,
        order: Order,
        step_key: Option<&str>,
        cause: Option<Reason>,
    ) {
        self.told += 1;
        let observed = Observed {
            subscription: &SubscriptionId::parse(subscription).unwrap(),
            snapshot,
            effective_at: at(on),
            order,
            position: self.told,
            event_id: &format!("e{}", self.told),
            step_key,
            cause,
        };
        self.timeline.record(&observed).unwrap();
    }

    pub fn movements(&self) -> Vec<Movement> {
        movements(&self.timeline)
    }

    /// The movements as short lines: `2024-01-01 new 100.00 USD`, with the reason and the change of customers.
    pub fn story(&self) -> Vec<String> {
        self.movements().iter().map(line).collect()
    }

    pub fn mrr_on(&self, on: &str) -> i64 {
        mrr_at(&balances(&self.timeline), at(on)).get(&Currency::USD).copied().unwrap_or(0)
    }

    pub fn trial_on(&self, on: &str) -> i64 {
        let all = balances(&self.timeline);
        all.iter().filter(|balance| balance.holds_at(at(on))).map(|balance| balance.trial_minor).sum()
    }
}

fn line(movement: &Movement) -> String {
    let amount = crate::money::Money::from_minor(movement.amount_minor, movement.currency);
    let day = movement.effective_at.to_string();
    let mut line = format!("{} {} {amount}", day.get(..10).unwrap(), movement.kind.as_str());
    for word in
        [movement.reason.map(Reason::as_str), movement.logo.map(super::LogoChange::as_str)].into_iter().flatten()
    {
        line.push(' ');
        line.push_str(word);
    }
    line
}
