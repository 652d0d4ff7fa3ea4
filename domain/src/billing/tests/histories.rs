//! Which histories can a customer have? Random plans, settings and operations over up to two years; what is refused
//! changes nothing and is part of life.

use proptest::prelude::*;

use super::super::{
    Alteration, Bill, Cancellation, Desk, Rules, alter, bill_now, cancel, collect, create, credit, line_of_sum, pause,
    pay, receive_out_of_band, resume, usage_rates, void_invoice, void_note, write_off,
};
use super::arrears::used_item;
use super::simulator::{Sim, new_subscription, plan_each, rules, tax};
use crate::account::AccountCommand;
use crate::credit_note::{Settle, Wanted};
use crate::id::{InvoiceId, SubscriptionId};
use crate::invoice::InvoiceStatus;
use crate::money::Currency;
use crate::price::{Discount, Duration, Interval, IntervalUnit, Item, Off, Scheme};
use crate::pricing::{Billing, Metric};
use crate::proration::{ProrationBehavior, TerminationPolicy};
use crate::refusal::Refusal;
use crate::samples::customer_id;
use crate::sandbox::{Outcome, SandboxCommand};
use crate::subscription::{
    AfterDunning, CancelReason, Collection, NewSubscription, PauseBehavior, PauseCollection, SubscriptionCommand,
};
use crate::tax::Inclusion;
use crate::time::AnchorRule;
use crate::usage::UsageCommand;

#[derive(Debug, Clone)]
pub enum Op {
    Create { kind: u8, trial: u16, anchor_days: i64, sent: bool, discount: u8, start_days: i64 },
    Alter { kind: u8, behavior: ProrationBehavior },
    Schedule { kind: u8 },
    ExtendTrial { days: i64 },
    Pause { days: i64, behavior: ProrationBehavior },
    Resume { behavior: ProrationBehavior },
    Cancel { policy: TerminationPolicy },
    CancelAtPeriodEnd,
    Reactivate,
    PauseCollection { behavior: PauseBehavior, days: i64 },
    Discount { discount: u8 },
    Use { quantity: u64, days_ago: i64 },
    OnInvoices(InvoiceOp),
}

/// What is done with one of the latest invoices, or what is due for them.
#[derive(Debug, Clone)]
pub enum InvoiceOp {
    Pay { nth: usize },
    Receive { nth: usize, percent: i64 },
    Credit { nth: usize, percent: i64, settle: Settle },
    VoidNote { nth: usize },
    Void { nth: usize },
    WriteOff { nth: usize },
    Script { outcomes: Vec<Outcome> },
    Adjust { minor: i64 },
    OneOff { minor: i64 },
}

#[derive(Debug, Clone)]
pub struct History {
    pub currency: Currency,
    pub mode: &'static str,
    pub zone: &'static str,
    pub rule: AnchorRule,
    pub tax: Option<(&'static str, Inclusion)>,
    pub after: AfterDunning,
    pub start_hour: u8,
    pub start_day: u8,
    /// After so many days and hours, which of two subscriptions does what.
    pub ops: Vec<(i64, bool, Op)>,
}

fn behaviors() -> impl Strategy<Value = ProrationBehavior> {
    use ProrationBehavior as B;
    prop::sample::select(vec![B::CreateProrations, B::AlwaysInvoice, B::None])
}

fn outcomes() -> impl Strategy<Value = Vec<Outcome>> {
    use Outcome as O;
    let each = prop::sample::select(vec![
        O::Succeed,
        O::Succeed,
        O::InsufficientFunds,
        O::GenericDecline,
        O::ExpiredCard,
        O::Processing,
        O::AuthenticationRequired,
    ]);
    prop::collection::vec(each, 0..8)
}

fn creations() -> impl Strategy<Value = Op> {
    (0..12_u8, prop::sample::select(vec![0, 0, 3, 14, 45]), 0..40_i64, any::<bool>(), 0..4_u8, 0..80_i64).prop_map(
        |(kind, trial, anchor_days, sent, discount, start_days)| Op::Create {
            kind,
            trial,
            anchor_days,
            sent,
            discount,
            start_days,
        },
    )
}

fn invoice_ops() -> impl Strategy<Value = InvoiceOp> {
    let settles = prop::sample::select(vec![Settle::BeforePayment, Settle::Refund, Settle::ToBalance]);
    prop_oneof![
        2 => (0..8_usize).prop_map(|nth| InvoiceOp::Pay { nth }),
        2 => (0..8_usize, 1..150_i64).prop_map(|(nth, percent)| InvoiceOp::Receive { nth, percent }),
        3 => (0..8_usize, 1..110_i64, settles).prop_map(|(nth, percent, settle)| InvoiceOp::Credit { nth, percent, settle }),
        1 => (0..8_usize).prop_map(|nth| InvoiceOp::VoidNote { nth }),
        2 => (0..8_usize).prop_map(|nth| InvoiceOp::Void { nth }),
        1 => (0..8_usize).prop_map(|nth| InvoiceOp::WriteOff { nth }),
        3 => outcomes().prop_map(|outcomes| InvoiceOp::Script { outcomes }),
        1 => (-500..5_000_i64).prop_map(|minor| InvoiceOp::Adjust { minor }),
        1 => (1..9_000_i64).prop_map(|minor| InvoiceOp::OneOff { minor }),
    ]
}

fn ops() -> impl Strategy<Value = Op> {
    use TerminationPolicy as T;
    let policies = prop::sample::select(vec![T::Credit, T::Refund, T::Skip]);
    let collection =
        prop::sample::select(vec![PauseBehavior::KeepAsDraft, PauseBehavior::MarkUncollectible, PauseBehavior::Void]);
    prop_oneof![
        3 => creations(),
        6 => (0..12_u8, behaviors()).prop_map(|(kind, behavior)| Op::Alter { kind, behavior }),
        2 => (0..12_u8).prop_map(|kind| Op::Schedule { kind }),
        1 => (1..60_i64).prop_map(|days| Op::ExtendTrial { days }),
        3 => (1..70_i64, behaviors()).prop_map(|(days, behavior)| Op::Pause { days, behavior }),
        2 => behaviors().prop_map(|behavior| Op::Resume { behavior }),
        2 => policies.prop_map(|policy| Op::Cancel { policy }),
        16 => invoice_ops().prop_map(Op::OnInvoices),
        1 => Just(Op::CancelAtPeriodEnd),
        1 => Just(Op::Reactivate),
        2 => (collection, 1..50_i64).prop_map(|(behavior, days)| Op::PauseCollection { behavior, days }),
        1 => (0..4_u8).prop_map(|discount| Op::Discount { discount }),
        3 => (1..500_u64, 0..40_i64).prop_map(|(quantity, days_ago)| Op::Use { quantity, days_ago }),
    ]
}

pub fn histories() -> impl Strategy<Value = History> {
    let settings = (
        prop::sample::select(vec![Currency::USD, Currency::JPY, Currency::parse("KWD").unwrap()]),
        prop::sample::select(vec!["second", "day_half_open", "day_inclusive", "fixed_days(30)"]),
        prop::sample::select(vec!["UTC", "America/Los_Angeles", "Europe/Paris", "Asia/Kolkata"]),
        prop::sample::select(vec![AnchorRule::Clamp, AnchorRule::StickyEndOfMonth, AnchorRule::Calendar]),
        prop::sample::select(vec![
            None,
            Some(("8.75", Inclusion::Exclusive)),
            Some(("20", Inclusion::Inclusive)),
            Some(("23.33", Inclusion::Exclusive)),
        ]),
        prop::sample::select(vec![AfterDunning::Cancel, AfterDunning::LeaveUnpaid, AfterDunning::LeavePastDue]),
        0..24_u8,
        1..32_u8,
    );
    let steps = prop::collection::vec((0..70_i64, any::<bool>(), ops()), 1..12);
    (settings, creations(), steps).prop_map(|(settings, first, steps)| {
        let (currency, mode, zone, rule, tax, after, start_hour, start_day) = settings;
        let first = (0, false, first);
        let ops = std::iter::once(first).chain(steps).collect();
        History { currency, mode, zone, rule, tax, after, start_hour, start_day, ops }
    })
}

impl History {
    pub fn begin(&self) -> Sim {
        let start = format!("2024-01-{:02}T{:02}:00:00Z", self.start_day, self.start_hour);
        let rules = Rules { after_dunning: self.after, anchor: self.rule, ..rules(self.mode, self.zone) };
        let mut sim = Sim::with(&start, rules);
        sim.desk.rate = self.tax.map(|(percent, inclusion)| tax(percent, inclusion));
        sim
    }

    /// Does what happens next, if it may; a refusal changes nothing.
    pub fn perform(&self, sim: &mut Sim, second: bool, op: &Op) -> bool {
        let id = SubscriptionId::parse(if second { "sub_2" } else { "sub_1" }).unwrap();
        let done = sim.run(|desk| self.act(desk, &id, op));
        if let (Err(_), Op::Create { .. }) = (&done, op) {
            // One that is there makes room for another.
            let again = SubscriptionId::parse(&format!("{id}_{}", sim.desk.subscriptions.len())).unwrap();
            return sim.run(|desk| self.act(desk, &again, op)).is_ok();
        }
        done.is_ok()
    }

    fn act(&self, desk: &mut Desk, id: &SubscriptionId, op: &Op) -> Result<(), Refusal> {
        let now = desk.now;
        let later = |days: i64| crate::samples::at(&now.to_string()) + jiff::SignedDuration::from_hours(24 * days);
        let on = |desk: &mut Desk, command| desk.on_subscription(id, command);
        match op.clone() {
            Op::Create { kind, trial, anchor_days, sent, discount, start_days } => {
                let items = self.items(kind);
                let collection = if sent { Collection::SendInvoice } else { Collection::ChargeAutomatically };
                let new = NewSubscription {
                    id: id.clone(),
                    currency: self.currency,
                    trial_days: Some(trial),
                    anchor: (anchor_days > 20).then(|| later(anchor_days - 20)),
                    start: (start_days > 40).then(|| later(40 - start_days)),
                    anchor_rule: self.rule,
                    zone: Some(self.zone.to_owned()),
                    collection,
                    discounts: self.discount(discount, now).into_iter().collect(),
                    ..new_subscription(items)
                };
                create(desk, &new).map(|_| ())
            }
            Op::Alter { kind, behavior } => {
                let items = self.items(kind);
                alter(desk, id, &Alteration { items, behavior, proration_date: None }).map(|_| ())
            }
            Op::Schedule { kind } => {
                let at = desk.subscription(id)?.terms.period.unwrap().end;
                on(desk, SubscriptionCommand::ScheduleChange { at, items: self.items(kind) })
            }
            Op::ExtendTrial { days } => on(desk, SubscriptionCommand::ExtendTrial { until: later(days) }),
            Op::Pause { days, behavior } => {
                let until = (days < 50).then(|| later(days));
                pause(desk, id, until, None, false, behavior)
            }
            Op::Resume { behavior } => resume(desk, id, behavior),
            Op::Cancel { policy } => {
                let cause = CancelReason::Requested;
                cancel(desk, id, &Cancellation { cause, termination: policy, reason: None, feedback: None })
            }
            Op::CancelAtPeriodEnd => on(desk, SubscriptionCommand::CancelAtPeriodEnd { reason: None, feedback: None }),
            Op::Reactivate => on(desk, SubscriptionCommand::WithdrawCancellation),
            Op::PauseCollection { behavior, days } => {
                let pause = PauseCollection { behavior, resumes_at: Some(later(days)) };
                on(desk, SubscriptionCommand::PauseCollection(pause))
            }
            Op::Discount { discount } => match self.discount(discount, now) {
                Some(discount) => on(desk, SubscriptionCommand::ApplyDiscount { discount }),
                None => Ok(()),
            },
            Op::Use { quantity, days_ago } => {
                let subscription = desk.subscription(id)?;
                let (metric, used_at) = (Metric::parse("calls").unwrap(), later(-days_ago));
                let key = now.to_string();
                let rates = usage_rates(subscription, &metric);
                desk.on_usage(id, UsageCommand::Record { id: id.clone(), key, metric, quantity, used_at, rates })
            }
            Op::OnInvoices(op) => self.act_on_invoices(desk, op),
        }
    }

    fn act_on_invoices(&self, desk: &mut Desk, op: InvoiceOp) -> Result<(), Refusal> {
        let now = desk.now;
        let nth = |desk: &Desk, nth: usize| {
            let finalized = |status| !matches!(status, InvoiceStatus::Draft | InvoiceStatus::Void);
            let mut ids: Vec<&InvoiceId> = desk.invoices.keys().collect();
            ids.retain(|id| desk.invoice(id).is_ok_and(|invoice| finalized(invoice.status)));
            ids.sort_by_key(|id| std::cmp::Reverse(desk.invoice(id).unwrap().created_at));
            ids.get(nth % ids.len().max(1)).copied().cloned().ok_or_else(|| Refusal::not_found("any"))
        };
        let (customer, currency) = (customer_id(), self.currency);
        match op {
            InvoiceOp::Pay { nth: place } => {
                let id = nth(desk, place)?;
                pay(desk, &id, None)
            }
            InvoiceOp::Receive { nth: place, percent } => {
                let id = nth(desk, place)?;
                let remaining = desk.invoice(&id)?.amount_remaining_minor;
                receive_out_of_band(desk, &id, Some(remaining * percent / 100))
            }
            InvoiceOp::Credit { nth: place, percent, settle } => {
                let id = nth(desk, place)?;
                let amount = desk.invoice(&id)?.total_minor * percent / 100;
                let key = format!("cn_{}", now.as_second());
                credit(desk, &id, &key, Wanted::Amount(amount), settle, None)
            }
            InvoiceOp::VoidNote { nth: place } => {
                let id = nth(desk, place)?;
                let note = desk.invoice(&id)?.notes.last().map(|note| note.id.clone()).unwrap_or_default();
                void_note(desk, &id, &note)
            }
            InvoiceOp::Void { nth: place } => {
                let id = nth(desk, place)?;
                void_invoice(desk, &id)
            }
            InvoiceOp::WriteOff { nth: place } => {
                let id = nth(desk, place)?;
                write_off(desk, &id)
            }
            InvoiceOp::Script { outcomes } => desk.on_sandbox(SandboxCommand::Script { outcomes }),
            InvoiceOp::Adjust { minor } => {
                let id = customer;
                desk.on_account(AccountCommand::Adjust { id, currency, amount_minor: minor, reason: None })
            }
            InvoiceOp::OneOff { minor } => {
                let line = line_of_sum(minor, "once", None);
                let key = format!("o{}", now.as_second());
                let lines = vec![line];
                let bill = Bill { key, currency, lines, with_pending: true, due_in_days: None, finalize: true };
                let id = bill_now(desk, &bill)?;
                collect(desk, &id, None)
            }
        }
    }

    fn discount(&self, kind: u8, start: jiff::Timestamp) -> Option<Discount> {
        let end = start + jiff::SignedDuration::from_hours(24 * 91);
        let (off, duration, end) = match kind {
            1 => (Off::Percent("33.3".parse().unwrap()), Duration::Repeating { months: 3 }, Some(end)),
            2 => (Off::Amount { minor: 700, currency: self.currency }, Duration::Forever, None),
            3 => (Off::Percent(20.into()), Duration::Once, None),
            _ => return None,
        };
        Some(Discount { coupon: format!("C{kind}"), off, duration, start, end })
    }

    /// Items that share an interval: monthly ones mostly, some weekly, quarterly and yearly.
    fn items(&self, kind: u8) -> Vec<Item> {
        let month = |count| Interval { unit: IntervalUnit::Month, count };
        let week = Interval { unit: IntervalUnit::Week, count: 1 };
        let of = |name: &str, minor: i64, interval: Interval, quantity: u64| {
            let mut item = plan_each(name, minor, interval);
            item.price.currency = self.currency;
            Item { quantity, ..item }
        };
        let used = |minor: i64| {
            let mut item = used_item("calls", "calls", Scheme::PerUnit(minor.into()));
            item.price.currency = self.currency;
            item
        };
        let arrears = |minor| Item { billing: Billing::InArrears, ..of("later", minor, month(1), 1) };
        match kind {
            0 => vec![of("base", 2_999, month(1), 1)],
            1 => vec![of("base", 4_999, month(1), 1)],
            2 => vec![of("base", 2_999, month(1), 1), of("seat", 777, month(1), 5)],
            3 => vec![of("base", 2_999, month(1), 1), of("seat", 777, month(1), 9)],
            4 => vec![of("base", 120_001, month(1), 1)],
            5 => vec![of("base", 29_999, Interval::YEARLY, 1)],
            6 => vec![of("base", 7_999, month(3), 1)],
            7 => vec![of("base", 999, week, 3)],
            8 => vec![of("base", 1_000, month(1), 1), used(3)],
            9 => vec![of("base", 1_000, month(1), 1), used(7)],
            10 => vec![arrears(3_100)],
            _ => vec![of("base", 0, month(1), 1), arrears(6_200)],
        }
    }
}
