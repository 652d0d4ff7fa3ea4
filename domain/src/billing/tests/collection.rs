//! How is an invoice paid: at once, by its customer, in part, over, late, or never?

use super::super::{Bill, bill_now, credit, receive_out_of_band, void_invoice, void_note, write_off};
use super::ends::notes;
use super::simulator::{Sim, every, new_subscription, plan, plan_each, tax, when};
use crate::account::AccountCommand;
use crate::credit_note::{LineCredit, Settle, Wanted};
use crate::id::InvoiceId;
use crate::invoice::Line;
use crate::money::Currency;
use crate::payment::PaymentStatus;
use crate::price::IntervalUnit;
use crate::proration::ProrationBehavior::AlwaysInvoice;
use crate::samples::{customer_id, subscription_id};
use crate::sandbox::Outcome;
use crate::subscription::{Collection, NewSubscription, PauseBehavior, PauseCollection, Status, SubscriptionCommand};
use crate::tax::Inclusion;

/// Ten days to pay.
fn sent() -> (Sim, InvoiceId) {
    let mut sim = Sim::new("2024-04-01");
    let new = new_subscription(vec![plan("plan", 3_000)]);
    let days_until_due = Some(10);
    let id = sim.create(&NewSubscription { collection: Collection::SendInvoice, days_until_due, ..new }).unwrap();
    (sim, id)
}

#[test]
fn an_invoice_that_is_sent_is_overdue_and_then_paid() {
    let (mut sim, id) = sent();
    assert_eq!(sim.status(), Status::Active, "who pays by themselves is served at once");
    sim.advance("2024-04-12");
    assert_eq!(sim.fired, ["2024-04-11 invoice_overdue"]);
    assert_eq!(sim.status(), Status::PastDue);
    sim.run(|desk| receive_out_of_band(desk, &id, Some(1_000))).unwrap();
    sim.check_invoices("in part", &["2024-04-01 create: 3000 = 3000 open 2000, open"]);
    assert!(sim.run(|desk| void_invoice(desk, &id)).is_err(), "what was paid in part cannot be voided");
    sim.run(|desk| receive_out_of_band(desk, &id, Some(2_500))).unwrap();
    assert_eq!((sim.status(), sim.balance()), (Status::Active, 500));
    sim.advance("2024-05-02");
    sim.check_invoices(
        "over",
        &["2024-04-01 create: 3000 = 3000, paid", "2024-05-01 cycle: 3000 = 3000 balance 500 open 2500, open"],
    );
    assert!(sim.desk.campaigns.is_empty(), "who pays by themselves is reminded, not dunned");
}

fn one_off(minor: i64) -> Line {
    Line { id: None, period: None, plan: None, interval: None, ..crate::samples::invoice::line(minor) }
}

#[test]
fn a_one_off_invoice_is_charged_with_what_waits() {
    let mut sim = Sim::new("2024-04-01");
    let waiting = crate::account::PendingLine {
        key: "w".to_owned(),
        currency: Currency::USD,
        subscription: None,
        line: one_off(250),
    };
    let lines = AccountCommand::AddLines { id: customer_id(), lines: vec![waiting] };
    sim.run(|desk| desk.on_account(lines)).unwrap();
    let bill = Bill {
        key: "k".to_owned(),
        currency: Currency::USD,
        lines: vec![one_off(1_000)],
        with_pending: true,
        due_in_days: None,
        finalize: true,
    };
    let id = sim.run(|desk| bill_now(desk, &bill)).unwrap();
    assert!(sim.run(|desk| bill_now(desk, &bill)).is_err(), "one key, one invoice");
    sim.pay(&id);
    sim.check_invoices("one-off", &["2024-04-01 manual: 1000 250 = 1250, paid"]);
    assert_eq!((sim.collected(), sim.desk.account.state.snapshot().pending.len()), (1_250, 0));
}

#[test]
fn a_payment_in_hand_settles_later() {
    let mut sim = Sim::new("2024-04-01");
    sim.script(&[Outcome::Processing]);
    let id = sim.subscribe(vec![plan("plan", 3_000)]).unwrap();
    assert_eq!(sim.status(), Status::Incomplete);
    sim.pay(&id);
    assert_eq!(sim.desk.payments.len(), 1, "one live attempt (B9)");
    sim.advance("2024-04-02");
    assert_eq!((sim.status(), sim.collected()), (Status::Active, 3_000));
    sim.check_invoices("in hand", &["2024-04-01 create: 3000 = 3000, paid"]);
}

/// What was in hand is canceled where the invoice was settled otherwise meanwhile, and takes what remained elsewhere.
#[test]
fn a_payment_in_hand_takes_nothing_twice() {
    let mut paid = Sim::new("2024-04-01");
    paid.script(&[Outcome::Processing]);
    let id = paid.subscribe(vec![plan("plan", 3_000)]).unwrap();
    let (mut part, mut voided) = (paid.clone(), paid.clone());
    paid.run(|desk| receive_out_of_band(desk, &id, None)).unwrap();
    paid.advance("2024-04-02");
    assert_eq!((paid.collected(), paid.balance(), paid.status()), (0, 0, Status::Active));
    voided.run(|desk| void_invoice(desk, &id)).unwrap();
    voided.advance("2024-04-01T20:00:00Z");
    assert_eq!((voided.collected(), voided.balance()), (0, 0));
    let payment = voided.desk.payments.values().next().unwrap().state.snapshot().unwrap();
    assert_eq!(payment.status, PaymentStatus::Canceled);
    part.run(|desk| receive_out_of_band(desk, &id, Some(1_000))).unwrap();
    part.advance("2024-04-02");
    assert_eq!((part.collected(), part.balance(), part.status()), (3_000, 1_000, Status::Active));
    part.check_invoices("in part", &["2024-04-01 create: 3000 = 3000, paid"]);
}

/// A void returns what was used of the balance, and what its lines gave back can be given back again.
#[test]
fn a_voided_invoice_returns_what_it_used() {
    let mut sim = Sim::new("2024-04-01");
    sim.subscribe(vec![plan("plan", 1_000)]);
    let adjust = AccountCommand::Adjust { id: customer_id(), currency: Currency::USD, amount_minor: 300, reason: None };
    sim.run(|desk| desk.on_account(adjust)).unwrap();
    sim.advance("2024-04-16");
    sim.script(&[Outcome::InsufficientFunds]);
    let id = sim.alter(vec![plan("plan", 2_000)], AlwaysInvoice).unwrap();
    assert_eq!(sim.invoices()[1], "2024-04-16 update: -500 1000 = 500 balance 300 open 200, open");
    assert_eq!((sim.status(), sim.balance()), (Status::PastDue, 0));
    sim.run(|desk| void_invoice(desk, &id)).unwrap();
    assert_eq!((sim.status(), sim.balance()), (Status::Active, 300));
    let terms = &sim.desk.subscription(&subscription_id()).unwrap().terms;
    let left: Vec<_> = terms.billed.iter().map(|billed| (billed.amount_minor, billed.adjusted.len())).collect();
    assert_eq!(left, [(1_000, 0)]);
    assert!(sim.desk.campaigns.values().all(|held| held.state.snapshot().unwrap().closed_at.is_some()));
}

#[test]
fn what_was_written_off_can_still_be_paid() {
    let mut sim = Sim::new("2024-04-01");
    sim.subscribe(vec![plan("plan", 3_000)]);
    sim.script(&[Outcome::InsufficientFunds]);
    sim.advance("2024-05-01");
    assert_eq!(sim.status(), Status::PastDue);
    let id = sim.invoice_ids().remove(1);
    sim.run(|desk| write_off(desk, &id)).unwrap();
    assert_eq!(sim.status(), Status::Active);
    assert_eq!(sim.invoices()[1], "2024-05-01 cycle: 3000 = 3000 open 3000, uncollectible");
    sim.pay(&id);
    assert_eq!(sim.invoices()[1], "2024-05-01 cycle: 3000 = 3000, paid");
    assert!(sim.run(|desk| super::super::pay(desk, &id, None)).is_err(), "paid once");
}

/// Collection paused: a draft, written off, or void; the subscription stays active (billing.md §3.1).
#[test]
fn paused_collection_collects_nothing() {
    let cases = [
        (PauseBehavior::KeepAsDraft, "2024-05-01 cycle: 3000 = 3000 open 3000, draft"),
        (PauseBehavior::MarkUncollectible, "2024-05-01 cycle: 3000 = 3000 open 3000, uncollectible"),
        (PauseBehavior::Void, "2024-05-01 cycle: 3000 = 3000 open 3000, void"),
    ];
    for (behavior, expected) in cases {
        let mut sim = Sim::new("2024-04-01");
        sim.subscribe(vec![plan("plan", 3_000)]);
        let pause = PauseCollection { behavior, resumes_at: Some(when("2024-05-20")) };
        let command = SubscriptionCommand::PauseCollection(pause);
        sim.run(|desk| desk.on_subscription(&subscription_id(), command)).unwrap();
        sim.advance("2024-06-02");
        assert_eq!(sim.status(), Status::Active, "{behavior:?}");
        sim.check_invoices(
            "collection",
            &["2024-04-01 create: 3000 = 3000, paid", expected, "2024-06-01 cycle: 3000 = 3000, paid"],
        );
        assert_eq!(sim.collected(), 6_000, "{behavior:?}");
    }
}

/// With the balance an invoice is paid even while collection is paused.
#[test]
fn the_balance_pays_what_is_not_collected() {
    let mut sim = Sim::new("2024-04-01");
    sim.subscribe(vec![plan("plan", 3_000)]);
    let buy = AccountCommand::Buy { id: customer_id(), currency: Currency::USD, amount_minor: 3_000, payment: None };
    sim.run(|desk| desk.on_account(buy)).unwrap();
    let pause = PauseCollection { behavior: PauseBehavior::MarkUncollectible, resumes_at: None };
    sim.run(|desk| desk.on_subscription(&subscription_id(), SubscriptionCommand::PauseCollection(pause))).unwrap();
    sim.advance("2024-05-02");
    assert_eq!(sim.invoices()[1], "2024-05-01 cycle: 3000 = 3000 balance 3000, paid");
}

#[test]
fn credit_notes_go_three_ways() {
    let mut paid = Sim::new("2024-04-01");
    paid.desk.rate = Some(tax("20", Inclusion::Exclusive));
    let id = paid.subscribe(vec![plan("plan", 10_000)]).unwrap();
    let half = [LineCredit { line: 0, amount_minor: 5_000 }];
    paid.run(|desk| credit(desk, &id, "cn_1", Wanted::Lines(&half), Settle::Refund, None)).unwrap();
    paid.run(|desk| credit(desk, &id, "cn_2", Wanted::Amount(1_200), Settle::ToBalance, None)).unwrap();
    let over = paid.run(|desk| credit(desk, &id, "cn_3", Wanted::Amount(4_801), Settle::ToBalance, None));
    assert!(over.is_err_and(|refusal| refusal.to_string().starts_with("amount")));
    assert_eq!(
        notes(&paid),
        ["5000 + 1000 = 6000: 0 off, 6000 back, 0 to balance", "1000 + 200 = 1200: 0 off, 0 back, 1200 to balance"]
    );
    assert_eq!((paid.collected(), paid.balance()), (6_000, 1_200));
    paid.run(|desk| void_note(desk, &id, "cn_2")).unwrap();
    paid.run(|desk| void_note(desk, &id, "cn_2")).unwrap();
    assert_eq!(paid.balance(), 0, "taken back once");
    assert!(paid.run(|desk| void_note(desk, &id, "cn_1")).is_err(), "the money is gone");
    paid.run(|desk| credit(desk, &id, "cn_4", Wanted::Rest, Settle::ToBalance, None)).unwrap();
    assert_eq!(paid.balance(), 6_000);

    let (mut open, id) = sent();
    open.run(|desk| credit(desk, &id, "cn_1", Wanted::Amount(1_000), Settle::BeforePayment, None)).unwrap();
    open.check_invoices("before payment", &["2024-04-01 create: 3000 = 3000 credited 1000 open 2000, open"]);
    open.run(|desk| void_note(desk, &id, "cn_1")).unwrap();
    open.check_invoices("voided", &["2024-04-01 create: 3000 = 3000 open 3000, open"]);
    open.run(|desk| credit(desk, &id, "cn_2", Wanted::Rest, Settle::BeforePayment, None)).unwrap();
    open.check_invoices("all of it", &["2024-04-01 create: 3000 = 3000 credited 3000, paid"]);
}

#[test]
fn an_old_invoice_that_falls_overdue_leaves_the_subscription_to_its_latest() {
    let mut sim = Sim::new("2024-01-01");
    let new = new_subscription(vec![plan_each("plan", 1_000, every(IntervalUnit::Week, 1))]);
    let new = NewSubscription { collection: Collection::SendInvoice, days_until_due: Some(10), ..new };
    let first = sim.create(&new).unwrap();
    sim.advance("2024-01-09");
    let latest = sim.invoice_ids().pop().unwrap();
    assert_ne!(latest, first);
    sim.pay(&latest);
    sim.advance("2024-01-12");
    assert_eq!(sim.fired.last().map(String::as_str), Some("2024-01-11 invoice_overdue"));
    let terms = &sim.desk.subscription(&subscription_id()).unwrap().terms;
    assert_eq!((sim.status(), terms.latest_invoice.as_ref()), (Status::Active, Some(&latest)));
}
