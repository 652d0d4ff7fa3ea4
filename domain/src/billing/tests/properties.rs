//! Do the identities hold in any history, and does a long one cost no more than a short one?

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::checks::{check_history, check_step};
use super::histories::{History, Op, histories};
use super::simulator::{Sim, plan, tax};
use crate::proration::TerminationPolicy;
use crate::samples::subscription_id;
use crate::tax::Inclusion;

fn play(history: &History, reversed: bool) -> Sim {
    played(history, reversed).0
}

/// The end of a history, and how much of it could happen.
fn played(history: &History, reversed: bool) -> (Sim, usize) {
    let mut sim = history.begin();
    let mut accepted = 0;
    sim.reversed = reversed;
    for (days, second, op) in &history.ops {
        sim.advance_days(*days);
        let before = sim.log.len();
        accepted += usize::from(history.perform(&mut sim, *second, op));
        check_step(&sim, before);
    }
    sim.advance_days(40);
    check_history(&sim);
    (sim, accepted)
}

/// Only what comes to the same whichever of two subscriptions goes first: nobody fails to pay, and credit stays credit.
fn peaceful(history: History) -> History {
    let kept = |op: Op| match op {
        Op::Create { kind, trial, anchor_days, discount, start_days, .. } => {
            Some(Op::Create { kind, trial, anchor_days, sent: false, discount, start_days })
        }
        Op::Cancel { .. } => Some(Op::Cancel { policy: TerminationPolicy::Credit }),
        Op::Alter { .. }
        | Op::Schedule { .. }
        | Op::Pause { .. }
        | Op::Resume { .. }
        | Op::Use { .. }
        | Op::CancelAtPeriodEnd
        | Op::Reactivate
        | Op::ExtendTrial { .. } => Some(op),
        Op::PauseCollection { .. } | Op::Discount { .. } | Op::OnInvoices(_) => None,
    };
    let Some((_, _, first)) = history.ops.first().cloned() else { return history };
    // Both begin at one instant, so that much of what is due is due at once.
    let both = [(0, false, first.clone()), (0, true, first)];
    let ops = history.ops.into_iter().skip(1).take(3);
    let ops =
        both.into_iter().chain(ops).filter_map(|(days, second, op)| Some((days / 3, second, kept(op)?))).collect();
    History { ops, ..history }
}

/// What a customer was billed, what they paid beyond what they have, and how the subscriptions stand. Which of two invoices
/// of one instant uses credit is nothing to anybody.
fn outcome(sim: &Sim) -> (i64, i64, Vec<String>) {
    let billed = sim.desk.invoices.values().map(|held| held.state.snapshot().unwrap().total_minor).sum();
    let standing = |held: &super::super::Held<crate::subscription::Subscription>| {
        let snapshot = held.state.snapshot().unwrap();
        format!("{:?} {:?}", snapshot.standing, snapshot.terms.period)
    };
    (billed, sim.collected() - sim.balance(), sim.desk.subscriptions.values().map(standing).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_history_keeps_the_identities(history in histories()) {
        play(&history, false);
    }

    #[test]
    fn what_is_due_at_once_comes_to_the_same_in_any_order(history in histories().prop_map(peaceful)) {
        prop_assert_eq!(outcome(&play(&history, false)), outcome(&play(&history, true)));
    }
}

/// Histories in which everything is refused would prove nothing.
#[test]
fn most_of_a_history_happens() {
    let mut runner = TestRunner::deterministic();
    let (mut accepted, mut wanted, mut invoices) = (0, 0, 0);
    for _ in 0..200 {
        let history = histories().new_tree(&mut runner).unwrap().current();
        let (sim, happened) = played(&history, false);
        accepted += happened;
        wanted += history.ops.len();
        invoices += sim.desk.invoices.len();
    }
    assert!(accepted * 2 > wanted, "{accepted} of {wanted} happened");
    assert!(invoices > 200 * 8, "{invoices} invoices");
}

/// The hundredth renewal makes as many commands as the first, and they carry no more.
#[test]
fn a_renewal_costs_the_same_for_ever() {
    let mut sim = Sim::by_day("2024-01-31");
    sim.desk.rate = Some(tax("8.75", Inclusion::Exclusive));
    sim.subscribe(vec![plan("base", 2_999), plan("extra", 777)]);
    sim.advance_days(1);
    let mut costs = Vec::new();
    for _ in 0..100 {
        let (before, renewals) = (sim.log.len(), sim.fired.len());
        sim.advance_to(sim.desk.subscription(&subscription_id()).unwrap().terms.period.unwrap().end);
        assert_eq!(sim.fired.len(), renewals + 1);
        let commands = &sim.log[before..];
        let billed = sim.desk.subscription(&subscription_id()).unwrap().terms.billed.len();
        costs.push((commands.len(), billed, format!("{commands:?}").len()));
    }
    let (first, last) = (costs[0], costs[99]);
    assert_eq!((first.0, first.1), (4, 2), "invoice, period, payment and its receipt; two lines not over");
    assert_eq!((last.0, last.1), (first.0, first.1));
    assert!(last.2.abs_diff(first.2) < 200, "{} and {} characters", first.2, last.2);
}
