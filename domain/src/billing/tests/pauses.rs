//! What does a pause give back, and what is billed when it ends?

use super::super::{pause, resume};
use super::ends::end;
use super::simulator::{Sim, new_subscription, plan, when};
use crate::proration::ProrationBehavior::{self, AlwaysInvoice, CreateProrations, None as NoProration};
use crate::proration::TerminationPolicy;
use crate::samples::subscription_id;
use crate::subscription::{NewSubscription, Status};

pub(super) fn rest(sim: &mut Sim, until: Option<&str>, behavior: ProrationBehavior) {
    let until = until.map(when);
    sim.run(|desk| pause(desk, &subscription_id(), until, None, false, behavior)).unwrap();
    assert_eq!(sim.status(), Status::Paused);
}

fn wake(sim: &mut Sim, behavior: ProrationBehavior) {
    sim.run(|desk| resume(desk, &subscription_id(), behavior)).unwrap();
}

/// A subscription from a day on, advanced to another.
fn sim(start: &str, minor: i64, now: &str) -> Sim {
    let mut sim = Sim::by_day(start);
    sim.subscribe(vec![plan("shotgun", minor)]);
    sim.advance(now);
    sim
}

/// K-13: 28 of 31 days are given back, and those after the pause billed again.
#[test]
fn a_pause_gives_back_the_rest_and_its_end_bills_it_again() {
    let mut sim = sim("2012-03-02", 24_995, "2012-03-05");
    rest(&mut sim, Some("2012-03-15"), CreateProrations);
    let waiting: Vec<i64> =
        sim.desk.account.state.snapshot().pending.iter().map(|pending| pending.line.amount_minor).collect();
    assert_eq!(waiting, [-22_576], "K-13");
    sim.advance("2012-04-03");
    sim.check_invoices(
        "K-13",
        &[
            "2012-03-02 create: 24995 = 24995, paid",
            "2012-03-15 resume: 14513 -22576 = -8063 balance -8063, paid",
            "2012-04-02 cycle: 24995 = 24995 balance 8063, paid",
        ],
    );
}

/// K-17, K-18 and K-20: blocked from July 10th to the 20th, to the 31st, and to the 20th with an upgrade. Our pause is
/// asked for where Kill Bill's follows from its overdue states (docs/known-quirks.md).
#[test]
fn a_pause_costs_what_lies_outside_it() {
    let mut seventeen = sim("2012-06-30", 24_995, "2012-07-10");
    rest(&mut seventeen, None, CreateProrations);
    let mut eighteen = seventeen.clone();
    seventeen.advance("2012-07-20");
    wake(&mut seventeen, CreateProrations);
    let mut twenty = seventeen.clone();
    seventeen.advance("2012-07-31");
    seventeen.check_invoices(
        "K-17",
        &[
            "2012-06-30 create: 24995 = 24995, paid",
            "2012-07-20 resume: 8332 -16663 = -8331 balance -8331, paid",
            "2012-07-30 cycle: 24995 = 24995 balance 8331, paid",
        ],
    );
    eighteen.advance("2012-07-30");
    wake(&mut eighteen, CreateProrations);
    eighteen.check_invoices(
        "K-18",
        &["2012-06-30 create: 24995 = 24995, paid", "2012-07-30 resume: 24995 -16663 = 8332, paid"],
    );
    twenty.alter(vec![plan("shotgun", 59_995)], AlwaysInvoice);
    assert_eq!(twenty.invoices().last().unwrap(), "2012-07-20 update: -8332 19998 = 11666 balance 8331, paid", "K-20");
}

#[test]
fn a_pause_without_prorations_moves_no_money() {
    let mut paused = sim("2024-04-01", 3_000, "2024-04-11");
    rest(&mut paused, None, NoProration);
    paused.advance("2024-04-21");
    // Nothing was given back, so there is nothing to bill again.
    wake(&mut paused, CreateProrations);
    paused.advance("2024-05-02");
    paused.check_invoices("none", &["2024-04-01 create: 3000 = 3000, paid", "2024-05-01 cycle: 3000 = 3000, paid"]);
}

/// Nothing is billed for the periods of a pause; the one in which it ends is billed from then on.
#[test]
fn a_long_pause_bills_nothing_until_it_ends() {
    let mut paused = sim("2024-04-01", 3_000, "2024-04-11");
    rest(&mut paused, Some("2024-06-16"), NoProration);
    paused.advance("2024-07-02");
    paused.check_invoices(
        "long",
        &[
            "2024-04-01 create: 3000 = 3000, paid",
            "2024-06-16 resume: 1500 = 1500, paid",
            "2024-07-01 cycle: 3000 = 3000, paid",
        ],
    );
}

/// An upgrade before the pause gave something back, too; that is no reason to bill the rest twice.
#[test]
fn what_an_upgrade_gave_back_is_not_billed_again() {
    let mut upgraded = sim("2024-04-01", 3_000, "2024-04-11");
    upgraded.alter(vec![plan("shotgun", 6_000)], AlwaysInvoice);
    rest(&mut upgraded, Some("2024-04-21"), NoProration);
    upgraded.advance("2024-04-30");
    upgraded.check_invoices(
        "upgraded",
        &["2024-04-01 create: 3000 = 3000, paid", "2024-04-11 update: -2000 4000 = 2000, paid"],
    );
}

#[test]
fn a_trial_that_ends_in_a_pause_is_followed_by_what_is_left() {
    let mut sim = Sim::by_day("2024-04-01");
    let anchor = Some(when("2024-05-01"));
    sim.create(&NewSubscription { trial_days: Some(7), anchor, ..new_subscription(vec![plan("plan", 3_000)]) });
    sim.advance("2024-04-03");
    rest(&mut sim, Some("2024-04-11"), CreateProrations);
    sim.advance("2024-05-01");
    sim.check_invoices("trial", &["2024-04-11 resume: 2000 = 2000, paid", "2024-05-01 cycle: 3000 = 3000, paid"]);
}

/// Who leaves while paused keeps what the pause gave back.
#[test]
fn an_end_in_a_pause_pays_out_what_it_gave_back() {
    let mut paused = sim("2024-04-01", 3_000, "2024-04-11");
    rest(&mut paused, None, CreateProrations);
    paused.advance("2024-04-15");
    end(&mut paused, TerminationPolicy::Credit);
    paused.check_invoices(
        "left",
        &["2024-04-01 create: 3000 = 3000, paid", "2024-04-15 cancel: -2000 = -2000 balance -2000, paid"],
    );
    assert_eq!(paused.balance(), 2_000);
}
