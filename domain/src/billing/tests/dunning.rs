//! What happens when nothing can be collected, attempt by attempt, until it is or nobody tries any more?

use super::super::Subject;
use super::simulator::{Sim, card, new_subscription, plan, rules, shown_time};
use crate::dunning::CampaignStatus;
use crate::sandbox::Outcome::{self, ExpiredCard, GenericDecline, InsufficientFunds, Processing, Succeed};
use crate::subscription::{AfterDunning, NewSubscription, Status};

/// What the campaign of the latest invoice did, and how it ended.
fn told(sim: &Sim) -> Vec<String> {
    let campaign = sim.desk.campaigns.values().filter_map(|held| held.state.snapshot()).max_by_key(|c| c.opened_at);
    let campaign = campaign.unwrap();
    let mut told: Vec<String> = campaign
        .actions
        .iter()
        .map(|action| {
            let failed = if action.success { "" } else { ", failed" };
            format!("{} {}{failed}", shown_time(action.executed_at), action.action.as_str())
        })
        .collect();
    told.push(format!("{} of {}", campaign.status.as_str(), campaign.configuration.as_str()));
    told
}

/// A month that was paid, and outcomes from the second on.
fn second_month(minor: i64, after: AfterDunning, outcomes: &[Outcome]) -> Sim {
    let mut sim = Sim::with("2024-01-01", super::super::Rules { after_dunning: after, ..rules("second", "UTC") });
    sim.subscribe(vec![plan("plan", minor)]);
    sim.script(outcomes);
    sim.advance("2024-02-01");
    assert_eq!(sim.status(), Status::PastDue);
    sim
}

#[test]
fn a_retry_recovers() {
    let mut sim = second_month(3_000, AfterDunning::Cancel, &[InsufficientFunds, Succeed]);
    sim.advance("2024-02-28");
    assert_eq!(
        told(&sim),
        ["2024-02-01T01:00:00Z email", "2024-02-02 payment_retry", "recovered of standard_customer"]
    );
    assert_eq!((sim.status(), sim.collected()), (Status::Active, 6_000));
}

#[test]
fn high_value_customers_are_called_first() {
    let mut sim = second_month(100_000, AfterDunning::Cancel, &[InsufficientFunds; 2]);
    sim.advance("2024-02-28");
    assert_eq!(
        told(&sim),
        [
            "2024-02-01T00:30:00Z phone_call",
            "2024-02-01T02:00:00Z email",
            "2024-02-01T12:00:00Z payment_retry, failed",
            "2024-02-03 sms",
            "2024-02-05 phone_call",
            "2024-02-08 email",
            "2024-02-11 payment_retry",
            "recovered of high_value_customer",
        ]
    );
}

#[test]
fn a_trial_that_cannot_be_collected_is_dunned_as_one() {
    let mut sim = Sim::new("2024-01-01");
    sim.script(&[InsufficientFunds; 2]);
    sim.create(&NewSubscription { trial_days: Some(31), ..new_subscription(vec![plan("plan", 3_000)]) });
    sim.advance("2024-02-01");
    assert_eq!(sim.status(), Status::PastDue);
    sim.advance("2024-02-28");
    assert_eq!(
        told(&sim),
        [
            "2024-02-01T02:00:00Z email",
            "2024-02-02 payment_retry, failed",
            "2024-02-04 email",
            "exhausted of trial_customer",
        ]
    );
    assert_eq!(sim.status(), Status::Canceled);
}

#[test]
fn what_is_paid_by_hand_ends_the_campaign() {
    let mut sim = second_month(3_000, AfterDunning::Cancel, &[InsufficientFunds]);
    sim.advance("2024-02-01T06:00:00Z");
    let id = sim.invoice_ids().remove(1);
    sim.pay(&id);
    sim.advance("2024-02-28");
    assert_eq!(told(&sim), ["2024-02-01T01:00:00Z email", "recovered of standard_customer"]);
    assert_eq!(sim.status(), Status::Active);
}

/// A hard decline is tried again with another card only.
#[test]
fn a_hard_decline_waits_for_another_card() {
    let mut sim = second_month(3_000, AfterDunning::Cancel, &[ExpiredCard]);
    let attempts = |sim: &Sim| sim.desk.invoice(&sim.invoice_ids()[1]).unwrap().attempt_count;
    sim.advance("2024-02-05");
    assert_eq!(
        told(&sim),
        [
            "2024-02-01T01:00:00Z email",
            "2024-02-02 payment_retry, failed",
            "2024-02-04 sms",
            "active of standard_customer",
        ]
    );
    assert_eq!(attempts(&sim), 1, "nothing was charged again");
    sim.attach(card("pm_card_mastercard", None));
    sim.advance("2024-02-16");
    assert_eq!(told(&sim)[3..], ["2024-02-08 email", "2024-02-15 payment_retry", "recovered of standard_customer"]);
    assert_eq!((sim.status(), attempts(&sim)), (Status::Active, 2));
}

#[test]
fn an_exhausted_campaign_ends_as_the_tenant_wants() {
    let cases = [
        (AfterDunning::Cancel, Status::Canceled, vec!["open"]),
        (AfterDunning::LeaveUnpaid, Status::Unpaid, vec!["open", "draft"]),
        (AfterDunning::LeavePastDue, Status::PastDue, vec!["open", "open"]),
    ];
    for (after, status, invoices) in cases {
        let mut sim = second_month(3_000, after, &[InsufficientFunds, GenericDecline, GenericDecline, GenericDecline]);
        sim.advance("2024-02-15");
        assert_eq!(told(&sim).last().unwrap(), "exhausted of standard_customer");
        assert_eq!(sim.status(), status);
        sim.advance("2024-03-01");
        let words: Vec<String> =
            sim.invoices()[1..].iter().map(|shown| shown.rsplit(' ').next().unwrap().to_owned()).collect();
        assert_eq!(words, invoices, "{after:?}");
    }
}

/// Only payment of the latest invoice brings back what dunning gave up.
#[test]
fn what_is_unpaid_comes_back_when_it_is_paid() {
    let mut sim = second_month(3_000, AfterDunning::LeaveUnpaid, &[InsufficientFunds, GenericDecline, GenericDecline]);
    sim.advance("2024-02-20");
    assert_eq!(sim.status(), Status::Unpaid);
    let id = sim.invoice_ids().remove(1);
    sim.pay(&id);
    assert_eq!(sim.status(), Status::Active);
    sim.advance("2024-03-02");
    assert_eq!(sim.invoices()[2], "2024-03-01 cycle: 3000 = 3000, paid");
}

/// A first payment that never comes: 23 hours later the invoice is void (billing.md §3.1).
#[test]
fn a_first_payment_that_fails_expires() {
    let mut sim = Sim::new("2024-01-01");
    sim.script(&[InsufficientFunds; 3]);
    let id = sim.subscribe(vec![plan("plan", 3_000)]).unwrap();
    assert_eq!(sim.status(), Status::Incomplete);
    let mut mended = sim.clone();
    sim.advance("2024-01-01T22:59:59Z");
    assert_eq!(sim.status(), Status::Incomplete);
    sim.advance("2024-03-01");
    assert_eq!(sim.status(), Status::IncompleteExpired);
    sim.check_invoices("expired", &["2024-01-01 create: 3000 = 3000 open 3000, void"]);
    assert_eq!(told(&sim), ["2024-01-01T01:00:00Z email", "canceled of standard_customer"]);
    mended.script(&[]);
    mended.pay(&id);
    assert_eq!(mended.status(), Status::Active);
    mended.advance("2024-02-02");
    assert_eq!(mended.invoices()[1], "2024-02-01 cycle: 3000 = 3000, paid");
}

#[test]
fn a_first_payment_in_part_is_given_up() {
    let mut sim = Sim::new("2024-01-01");
    sim.script(&[InsufficientFunds]);
    let id = sim.subscribe(vec![plan("plan", 3_000)]).unwrap();
    sim.run(|desk| super::super::receive_out_of_band(desk, &id, Some(1_000))).unwrap();
    sim.advance("2024-01-02");
    assert_eq!(sim.status(), Status::IncompleteExpired);
    sim.check_invoices("in part", &["2024-01-01 create: 3000 = 3000 open 2000, uncollectible"]);
}

/// The last attempt may still succeed: nothing is given up before it did not.
#[test]
fn a_last_attempt_in_hand_is_waited_for() {
    let outcomes = [InsufficientFunds, GenericDecline, Processing];
    let mut sim = second_month(3_000, AfterDunning::Cancel, &outcomes);
    sim.advance("2024-02-15");
    assert_eq!(sim.status(), Status::PastDue);
    sim.advance("2024-02-16");
    assert_eq!((sim.status(), sim.collected()), (Status::Active, 6_000));
    assert_eq!(told(&sim).last().unwrap(), "recovered of standard_customer");
}

/// An old invoice that fails again says nothing of a subscription whose latest one is paid.
#[test]
fn an_older_invoice_does_not_make_it_past_due_again() {
    let mut sim = Sim::new("2024-01-01");
    let week = crate::price::Interval { unit: crate::price::IntervalUnit::Week, count: 1 };
    sim.subscribe(vec![super::simulator::plan_each("plan", 1_000, week)]);
    sim.script(&[InsufficientFunds, InsufficientFunds, Succeed, Succeed, InsufficientFunds]);
    sim.advance("2024-01-16");
    assert_eq!(sim.status(), Status::Active, "the third week is paid");
    sim.advance("2024-02-01");
    assert_eq!(sim.status(), Status::Active, "and the second given up");
    let open = sim.invoices().iter().filter(|shown| shown.ends_with("open")).count();
    assert_eq!(open, 1);
}

/// Thirty days before its month ends a card's customer is asked for another, once.
#[test]
fn an_expiring_card_has_a_campaign() {
    let mut sim = Sim::new("2024-01-01");
    let method = sim.attach(card("pm_card_mastercard", Some((3, 2024))));
    sim.subscribe(vec![plan("plan", 3_000)]);
    sim.advance("2024-03-01");
    assert_eq!(sim.fired, ["2024-02-01 renew", "2024-03-01 renew"]);
    sim.advance("2024-03-05");
    assert_eq!(sim.fired[2], "2024-03-02 card_expiry");
    let campaign = sim.desk.campaigns.values().next().unwrap().state.snapshot().unwrap().clone();
    assert_eq!((campaign.amount_at_risk_minor, campaign.payment_method), (3_000, Some(method.clone())));
    assert_eq!(sim.desk.due(&Subject::Card(method)), None);
    sim.advance("2024-05-01");
    let campaign = sim.desk.campaigns.values().next().unwrap().state.snapshot().unwrap();
    assert_eq!((campaign.status, campaign.actions.len()), (CampaignStatus::Exhausted, 5));
}
