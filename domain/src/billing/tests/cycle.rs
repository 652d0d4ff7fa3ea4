//! What does a move of the cycle to another day come to? K-28 and K-29 of billing.md §5.1 through the engine, and what
//! they leave open.

use super::super::{cancel, move_cycle};
use super::simulator::{Sim, new_subscription, plan, when};
use crate::proration::ProrationBehavior::{self, AlwaysInvoice, CreateProrations, None as NoProration};
use crate::refusal::Refusal;
use crate::samples::subscription_id;
use crate::subscription::{NewSubscription, Status, SubscriptionCommand};
use crate::time::AnchorRule;

type Expected = &'static [&'static str];
/// Name, start, trial days, when the cycle is moved, to when, and the invoices until then.
type Moved = (&'static str, &'static str, Option<u16>, &'static str, &'static str, Expected);

fn moved(sim: &mut Sim, to: &str, behavior: ProrationBehavior) -> Result<bool, Refusal> {
    let to = when(to);
    sim.run(|desk| move_cycle(desk, &subscription_id(), to, behavior)).map(|invoice| invoice.is_some())
}

/// A monthly subscription of 249.95, billed by days, whose cycle is moved once.
fn run(start: &str, trial_days: Option<u16>, at: &str, to: &str, behavior: ProrationBehavior, until: &str) -> Sim {
    let mut sim = Sim::by_day(start);
    sim.create(&NewSubscription { trial_days, ..new_subscription(vec![plan("shotgun", 24_995)]) });
    sim.advance(at);
    moved(&mut sim, to, behavior).unwrap();
    sim.advance(until);
    sim
}

#[test]
fn what_lies_before_the_new_day_is_billed_for_its_part() {
    let cases: [Moved; 3] = [
        (
            "K-28, in a trial",
            "2016-04-01",
            Some(30),
            "2016-04-10",
            "2016-05-15",
            &["2016-05-01 trial_end: 11664 = 11664, paid", "2016-05-15 cycle: 24995 = 24995, paid"],
        ),
        (
            "K-28, in June",
            "2016-05-01",
            None,
            "2016-05-20",
            "2016-06-15",
            &[
                "2016-05-01 create: 24995 = 24995, paid",
                "2016-06-01 cycle: 11288 = 11288, paid",
                "2016-06-15 cycle: 24995 = 24995, paid",
            ],
        ),
        (
            "K-28, to an earlier day",
            "2016-06-15",
            None,
            "2016-06-20",
            "2016-08-10",
            &[
                "2016-06-15 create: 24995 = 24995, paid",
                "2016-07-15 cycle: 20964 = 20964, paid",
                "2016-08-10 cycle: 24995 = 24995, paid",
            ],
        ),
    ];
    for (what, start, trial_days, at, to, expected) in cases {
        let sim = run(start, trial_days, at, to, CreateProrations, to);
        sim.check_invoices(what, expected);
    }
}

#[test]
fn what_was_billed_beyond_the_new_day_is_given_back() {
    let cases: [(&str, ProrationBehavior, &str, Expected); 5] = [
        (
            "with the next invoice",
            CreateProrations,
            "2016-05-10",
            &["2016-05-01 create: 24995 = 24995, paid", "2016-05-10 cycle: 24995 -17738 = 7257, paid"],
        ),
        (
            "at once",
            AlwaysInvoice,
            "2016-05-10",
            &[
                "2016-05-01 create: 24995 = 24995, paid",
                "2016-05-05 update: -17738 = -17738 balance -17738, paid",
                "2016-05-10 cycle: 24995 = 24995 balance 17738, paid",
            ],
        ),
        (
            "not at all",
            NoProration,
            "2016-05-10",
            &["2016-05-01 create: 24995 = 24995, paid", "2016-05-10 cycle: 24995 = 24995, paid"],
        ),
        (
            "from now on",
            CreateProrations,
            "2016-05-05",
            &[
                "2016-05-01 create: 24995 = 24995, paid",
                "2016-05-05 update: -21770 24995 = 3225, paid",
                "2016-06-05 cycle: 24995 = 24995, paid",
            ],
        ),
        (
            "from now on, without proration",
            NoProration,
            "2016-05-05",
            &[
                "2016-05-01 create: 24995 = 24995, paid",
                "2016-05-05 update: 24995 = 24995, paid",
                "2016-06-05 cycle: 24995 = 24995, paid",
            ],
        ),
    ];
    for (what, behavior, to, expected) in cases {
        let until = if to == "2016-05-05" { "2016-06-05" } else { to };
        run("2016-05-01", None, "2016-05-05", to, behavior, until).check_invoices(what, expected);
    }
}

#[test]
fn a_change_before_the_new_day_is_billed_until_it() {
    let with_next = run_k29(CreateProrations);
    with_next.check_invoices(
        "K-29, with the next invoice",
        &["2016-05-01 create: 24995 = 24995, paid", "2016-05-10 cycle: 59995 -21770 9999 = 48224, paid"],
    );
    let at_once = run_k29(AlwaysInvoice);
    at_once.check_invoices(
        "K-29",
        &[
            "2016-05-01 create: 24995 = 24995, paid",
            "2016-05-05 update: -21770 9999 = -11771 balance -11771, paid",
            "2016-05-10 cycle: 59995 = 59995 balance 11771, paid",
        ],
    );
    assert_eq!((at_once.balance(), at_once.collected()), (0, with_next.collected()));
}

fn run_k29(behavior: ProrationBehavior) -> Sim {
    let mut sim = run("2016-05-01", None, "2016-05-02", "2016-05-10", CreateProrations, "2016-05-05");
    sim.alter(vec![plan("shotgun", 59_995)], behavior);
    sim.advance("2016-05-10");
    sim
}

/// The last word counts; and an end that was agreed for the end of the period comes with it.
#[test]
fn a_move_is_moved_again_and_ends_go_with_it() {
    let mut sim = run("2016-05-01", None, "2016-05-02", "2016-05-10", CreateProrations, "2016-05-05");
    moved(&mut sim, "2016-05-20", CreateProrations).unwrap();
    sim.advance("2016-05-20");
    sim.check_invoices(
        "cut short, and then longer",
        &[
            "2016-05-01 create: 24995 = 24995, paid",
            "2016-05-10 cycle: 8332 -17738 = -9406 balance -9406, paid",
            "2016-05-20 cycle: 24995 = 24995 balance 9406, paid",
        ],
    );
    let mut ends = run("2016-05-01", None, "2016-05-02", "2016-05-10", CreateProrations, "2016-05-03");
    let at_end = SubscriptionCommand::CancelAtPeriodEnd { reason: None, feedback: None };
    ends.run(|desk| desk.on_subscription(&subscription_id(), at_end.clone())).unwrap();
    ends.advance("2016-06-10");
    assert_eq!((ends.status(), ends.balance()), (Status::Canceled, 17_738), "{:?}", ends.invoices());
    let mut moved_along = run("2016-05-01", None, "2016-05-02", "2016-06-15", CreateProrations, "2016-05-03");
    moved_along.run(|desk| desk.on_subscription(&subscription_id(), at_end)).unwrap();
    moved(&mut moved_along, "2016-05-10", NoProration).unwrap();
    assert_eq!(moved_along.period(), "2016-05-01 to 2016-05-10");
    moved_along.advance("2016-05-10");
    assert_eq!((moved_along.status(), moved_along.balance()), (Status::Canceled, 0));
}

#[test]
fn a_move_that_cannot_be_is_refused_by_its_field() {
    let invalid = |reason: &str| Err(Refusal::invalid("billing_cycle_anchor", reason));
    let mut sim = Sim::by_day("2016-05-01");
    sim.subscribe(vec![plan("shotgun", 24_995)]);
    assert_eq!(moved(&mut sim, "2016-04-30", CreateProrations), invalid("lies in the past"));
    let ended = super::super::Cancellation {
        cause: crate::subscription::CancelReason::Requested,
        termination: crate::proration::TerminationPolicy::Skip,
        reason: None,
        feedback: None,
    };
    sim.run(|desk| cancel(desk, &subscription_id(), &ended)).unwrap();
    let canceled = Refusal::illegal("a subscription", "canceled", "move the cycle of");
    assert_eq!(moved(&mut sim, "2016-05-10", CreateProrations), Err(canceled));
    let mut calendar = Sim::by_day("2016-05-01");
    let new = new_subscription(vec![plan("shotgun", 24_995)]);
    calendar.create(&NewSubscription { anchor_rule: AnchorRule::Calendar, ..new });
    let fixed = invalid("cannot be moved where periods are those of the calendar");
    assert_eq!(moved(&mut calendar, "2016-05-10", CreateProrations), fixed);
}
