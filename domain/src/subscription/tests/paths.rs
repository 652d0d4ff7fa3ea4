//! Do whole lives of subscriptions go through the statuses that billing.md §3.1 names?

use crate::subscription::AsBilled;
use proptest::prelude::*;

use super::super::*;
use super::{cancel_now, pause};
use crate::issued::Decider;
use crate::samples::subscription::{CREATED, discount, item, new_subscription, pause_collection};
use crate::samples::{at, fold, invoice_id, issued, period};
use crate::time::Period;

type Step = (&'static str, SubscriptionCommand, &'static str);

/// Plays the commands, all of which are accepted, and compares the status after each.
fn play(what: &str, new: NewSubscription, steps: Vec<Step>) {
    let mut subscription = Subscription::default();
    let create = (CREATED, SubscriptionCommand::Create(Box::new(new)), "");
    for (now, command, status) in std::iter::once(create).chain(steps) {
        for event in subscription.decide(&issued(now, command)).unwrap() {
            subscription.evolve(&event);
        }
        let found = subscription.snapshot().unwrap().standing.status().as_str();
        assert!(status.is_empty() || found == status, "{what}, {now}: {found} instead of {status}");
    }
}

fn trial() -> NewSubscription {
    NewSubscription { trial_days: Some(7), ..new_subscription() }
}

const TRIAL_END: &str = "2024-01-22T10:30:00Z";
const MONTH_END: &str = "2024-02-15T10:30:00Z";
const NEXT: &str = "2024-02-16T00:00:00Z";
const LATER: &str = "2024-02-20T00:00:00Z";

fn paid() -> SubscriptionCommand {
    SubscriptionCommand::NotePaid { invoice: invoice_id() }
}

fn failed() -> SubscriptionCommand {
    SubscriptionCommand::NotePaymentFailed { invoice: invoice_id() }
}

fn renew() -> SubscriptionCommand {
    SubscriptionCommand::Renew { period: period(MONTH_END, "2024-03-15T10:30:00Z"), as_billed: AsBilled::default() }
}

#[test]
fn a_first_payment_is_awaited_for_a_day() {
    let awaiting = || NewSubscription { awaits_first_payment: true, ..new_subscription() };
    play("paid", awaiting(), vec![(CREATED, failed(), "incomplete"), (CREATED, paid(), "active")]);
    let expired = SubscriptionCommand::ExpireIncomplete;
    let steps = vec![("2024-01-16T09:30:00Z", expired, "incomplete_expired"), (NEXT, paid(), "incomplete_expired")];
    play("not paid", awaiting(), steps);
}

#[test]
fn trials_end_in_payment_pause_or_cancellation() {
    use SubscriptionCommand as C;
    let end = || (TRIAL_END, C::EndTrial { as_billed: AsBilled::default() }, "active");
    let no_method = cancel_now(CancelReason::TrialEndedWithoutPaymentMethod);
    play("paid for", trial(), vec![end(), (TRIAL_END, paid(), "active")]);
    play("the first charge fails", trial(), vec![end(), (TRIAL_END, failed(), "past_due")]);
    let resumed = (NEXT, C::Resume { as_billed: AsBilled::default() }, "active");
    play("no method: pause", trial(), vec![(TRIAL_END, pause(None), "paused"), (NEXT, renew(), "paused"), resumed]);
    play("no method: cancel", trial(), vec![(TRIAL_END, no_method, "canceled")]);
    let early = vec![
        ("2024-01-18T00:00:00Z", C::EndTrial { as_billed: AsBilled::default() }, "active"),
        ("2024-01-19T00:00:00Z", pause(None), "paused"),
        ("2024-01-20T00:00:00Z", C::Resume { as_billed: AsBilled::default() }, "active"),
    ];
    play("an early end lasts", trial(), early);
    let added = ("2024-01-20T00:00:00Z", C::ExtendTrial { until: at(NEXT) }, "trialing");
    play(
        "added later",
        new_subscription(),
        vec![added, (NEXT, C::EndTrial { as_billed: AsBilled::default() }, "active")],
    );
}

#[test]
fn failed_renewals_are_paid_written_off_or_given_up() {
    use SubscriptionCommand as C;
    let due = || (MONTH_END, failed(), "past_due");
    let again = (NEXT, failed(), "past_due");
    play("paid", new_subscription(), vec![(MONTH_END, renew(), "active"), due(), again, (NEXT, paid(), "active")]);
    let written_off = C::NoteUncollectible { invoice: invoice_id() };
    play("written off", new_subscription(), vec![due(), (NEXT, written_off, "active")]);
    let paused = || (NEXT, pause(None), "paused");
    let resumed = |status| (LATER, C::Resume { as_billed: AsBilled::default() }, status);
    let again = || (LATER, paid(), "active");
    play("paused and not paid", new_subscription(), vec![due(), paused(), resumed("past_due"), again()]);
    play("paid in the pause", new_subscription(), vec![due(), paused(), (NEXT, paid(), "paused"), resumed("active")]);
    for (then, status, after_payment) in [
        (AfterDunning::Cancel, "canceled", "canceled"),
        (AfterDunning::LeaveUnpaid, "unpaid", "active"),
        (AfterDunning::LeavePastDue, "past_due", "active"),
    ] {
        let exhausted = C::NoteDunningExhausted { invoice: invoice_id(), then };
        play("given up", new_subscription(), vec![due(), (NEXT, exhausted, status), (NEXT, paid(), after_payment)]);
    }
}

#[test]
fn a_subscription_is_active_until_its_scheduled_end() {
    use SubscriptionCommand as C;
    let scheduled = || ("2024-01-20T00:00:00Z", C::CancelAtPeriodEnd { reason: None, feedback: None }, "active");
    let renewed = || (MONTH_END, renew(), "active");
    let ended = (MONTH_END, cancel_now(CancelReason::Requested), "canceled");
    play("canceled", new_subscription(), vec![scheduled(), renewed(), ended]);
    let kept = ("2024-01-21T00:00:00Z", C::WithdrawCancellation, "active");
    play("kept", new_subscription(), vec![scheduled(), kept, renewed()]);
    let collection_paused = (CREATED, C::PauseCollection(pause_collection()), "active");
    let collection_resumed = (NEXT, C::ResumeCollection, "active");
    play("collection paused", new_subscription(), vec![collection_paused, renewed(), collection_resumed]);
}

fn commands() -> impl Strategy<Value = Vec<SubscriptionCommand>> {
    use SubscriptionCommand as C;
    let instant =
        (0_i64..80).prop_map(|days| at(CREATED).checked_add(jiff::SignedDuration::from_hours(days * 24)).unwrap());
    let one = (0_u8..20, instant).prop_map(|(kind, instant)| {
        let invoice = invoice_id();
        match kind {
            0 => C::Create(Box::new(trial())),
            1 => C::ChangeItems {
                items: vec![item("group", instant.as_second() / 86_400)],
                as_billed: AsBilled::default(),
            },
            2 => C::ApplyDiscount { discount: discount("A") },
            3 => C::EndDiscount { coupon: "A".to_owned() },
            4 => C::CancelAtPeriodEnd { reason: None, feedback: None },
            5 => C::WithdrawCancellation,
            6 => pause(None),
            7 => C::Resume { as_billed: AsBilled::default() },
            8 => C::PauseCollection(pause_collection()),
            9 => C::ResumeCollection,
            10 => C::ExtendTrial { until: instant },
            11 => C::EndTrial { as_billed: AsBilled::default() },
            12 => C::Renew {
                period: Period { start: instant, end: at("2024-12-01T00:00:00Z") },
                as_billed: AsBilled::default(),
            },
            13 => C::NotePaid { invoice },
            14 => C::NoteUncollectible { invoice },
            15 | 16 => C::NotePaymentFailed { invoice },
            17 => C::NoteDunningExhausted { invoice, then: AfterDunning::LeaveUnpaid },
            18 => C::NoteDunningExhausted { invoice, then: AfterDunning::Cancel },
            _ => C::ExpireIncomplete,
        }
    });
    prop::collection::vec(one, 1..40)
}

proptest! {
    #[test]
    fn nothing_leaves_a_terminal_status_and_events_are_the_whole_truth(
        commands in commands(),
        awaits_first_payment in any::<bool>(),
    ) {
        let new = NewSubscription { awaits_first_payment, ..new_subscription() };
        let mut state = Subscription::default();
        let mut events = Vec::new();
        for command in std::iter::once(SubscriptionCommand::Create(Box::new(new))).chain(commands) {
            let ended = state.snapshot().is_some_and(|snapshot| snapshot.standing.is_terminal());
            let decided = state.decide(&issued("2024-01-25T00:00:00Z", command)).unwrap_or_default();
            prop_assert!(!ended || decided.is_empty());
            for event in decided {
                prop_assert!(event.after.as_deref() != state.snapshot(), "an event that changes nothing: {:?}", event);
                state.evolve(&event);
                prop_assert_eq!(event.after.as_deref(), state.snapshot());
                events.push(event);
            }
        }
        prop_assert_eq!(fold::<Subscription>(&events), state);
    }
}
