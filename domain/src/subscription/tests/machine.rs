//! Is every pair of status and command what billing.md §3.1 and decision B1 say?

use super::super::*;
use super::{cancel_now, decide, pause};
use crate::refusal::Refusal;
use crate::samples::subscription::{
    CREATED, NOW, PERIOD_END, created, discount, item, new_subscription, pause_collection, terms,
};
use crate::samples::{at, fold, invoice_id, period, sealed};
use crate::subscription::AsBilled;

/// What a command comes to: nothing, a refusal, an event that keeps the status, or another status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// No event.
    No,
    /// A typed refusal: the transition does not exist, or the subscription does not (or does already).
    Ref,
    /// An event that leaves the status.
    Same,
    To(Status),
}

const EXPIRED: Cell = Cell::To(Status::IncompleteExpired);
const ACTIVE: Cell = Cell::To(Status::Active);
const TRIAL: Cell = Cell::To(Status::Trialing);
const DUE: Cell = Cell::To(Status::PastDue);
const UNPAID: Cell = Cell::To(Status::Unpaid);
const PAUSED: Cell = Cell::To(Status::Paused);
const ENDED: Cell = Cell::To(Status::Canceled);

/// The columns of the table; before them stands the subscription that does not exist.
fn standings() -> [Standing; 8] {
    let since = at(CREATED);
    [
        Standing::Incomplete {},
        Standing::IncompleteExpired { at: since },
        Standing::Trialing { trial: period(CREATED, "2024-01-22T10:30:00Z") },
        Standing::Active {},
        Standing::PastDue { since },
        Standing::Unpaid { since },
        Standing::Paused { since, resumes_at: None, past_due_since: None },
        Standing::Canceled { at: since, reason: CancelReason::Requested },
    ]
}

/// Terms on which every command has something to do.
fn given(standing: Standing) -> Vec<SubscriptionEvent> {
    let known = PauseCollection { behavior: PauseBehavior::KeepAsDraft, resumes_at: None };
    let terms = Terms {
        discounts: vec![discount("OLD")],
        cancel_at: Some(at("2024-12-31T00:00:00Z")),
        pause_collection: Some(known),
        ..terms()
    };
    created(standing, terms)
}

type Row = (SubscriptionCommand, &'static str, [Cell; 9]);

/// Columns: none, incomplete, incomplete_expired, trialing, active, past_due, unpaid, paused, canceled. The word is
/// what a refusal says could not be done.
#[rustfmt::skip]
fn intents() -> Vec<Row> {
    use Cell::{Ref, Same};
    use SubscriptionCommand as C;
    let until = at("2024-03-01T00:00:00Z");
    let period_end = || C::CancelAtPeriodEnd { reason: None, feedback: None };
    vec![
        (C::Create(Box::new(new_subscription())), "",           [ACTIVE, Ref, Ref, Ref, Ref, Ref, Ref, Ref, Ref]),
        (C::ChangeItems { items: vec![item("group", 150_000)], as_billed: AsBilled::default() }, "change", [Ref, Ref, Ref, Same, Same, Same, Ref, Ref, Ref]),
        (C::ApplyDiscount { discount: discount("NEW") }, "discount", [Ref, Ref, Ref, Same, Same, Same, Same, Same, Ref]),
        (period_end(), "cancel at period end",                  [Ref, Ref, Ref, Same, Same, Same, Same, Same, Ref]),
        (cancel_now(CancelReason::Requested), "cancel",         [Ref, ENDED, Ref, ENDED, ENDED, ENDED, ENDED, ENDED, Ref]),
        (C::WithdrawCancellation, "reactivate",                 [Ref, Same, Ref, Same, Same, Same, Same, Same, Ref]),
        (pause(None), "pause",                                  [Ref, Ref, Ref, PAUSED, PAUSED, PAUSED, Ref, Ref, Ref]),
        (C::Resume { as_billed: AsBilled::default() }, "resume",                                   [Ref, Ref, Ref, Ref, Ref, Ref, Ref, ACTIVE, Ref]),
        (C::PauseCollection(pause_collection()), "pause the collection of", [Ref, Ref, Ref, Same, Same, Same, Same, Same, Ref]),
        (C::ResumeCollection, "resume the collection of",       [Ref, Same, Ref, Same, Same, Same, Same, Same, Ref]),
        (C::ExtendTrial { until }, "extend the trial of",       [Ref, Ref, Ref, Same, TRIAL, Ref, Ref, Ref, Ref]),
        (C::SetMetadata { metadata: Some(sealed("{}")), seen: None }, "change", [Ref, Same, Ref, Same, Same, Same, Same, Same, Ref]),
        (C::MoveCycle { as_billed: AsBilled::default(), cycle_move: CycleMove { anchor: Some(until), gives_back: false } }, "move the cycle of", [Ref, Ref, Ref, Same, Same, Same, Ref, Ref, Ref]),
    ]
}

#[rustfmt::skip]
fn facts() -> Vec<Row> {
    use Cell::{No, Same};
    use SubscriptionCommand as C;
    let invoice = invoice_id;
    let exhausted = |then| C::NoteDunningExhausted { invoice: invoice_id(), then };
    let next = period(PERIOD_END, "2024-03-15T10:30:00Z");
    vec![
        (C::EndTrial { as_billed: AsBilled::default() }, "",                                       [No, No, No, ACTIVE, No, No, No, No, No]),
        (C::Renew { period: next, as_billed: AsBilled::default() }, "",                         [No, No, No, Same, Same, Same, Same, No, No]),
        (C::EndDiscount { coupon: "OLD".to_owned() }, "",       [No, Same, No, Same, Same, Same, Same, Same, No]),
        (C::NotePaid { invoice: invoice() }, "",                [No, ACTIVE, No, No, No, ACTIVE, ACTIVE, No, No]),
        (C::NoteUncollectible { invoice: invoice() }, "",       [No, No, No, No, No, ACTIVE, No, No, No]),
        (C::NotePaymentFailed { invoice: invoice() }, "",       [No, No, No, DUE, DUE, No, No, Same, No]),
        (exhausted(AfterDunning::Cancel), "",                   [No, No, No, No, No, ENDED, No, No, No]),
        (exhausted(AfterDunning::LeaveUnpaid), "",              [No, No, No, No, No, UNPAID, No, No, No]),
        (exhausted(AfterDunning::LeavePastDue), "",             [No; 9]),
        (C::ExpireIncomplete, "",                               [No, EXPIRED, No, No, No, No, No, No, No]),
    ]
}

fn outcome(given: &[SubscriptionEvent], command: &SubscriptionCommand, refusal: &Refusal) -> Cell {
    let status = |events: &[SubscriptionEvent]| {
        fold::<Subscription>(events).snapshot().map(|snapshot| snapshot.standing.status())
    };
    match decide(given.to_vec(), NOW, command.clone()) {
        Err(refused) => {
            assert_eq!(refused, *refusal, "{command:?}");
            Cell::Ref
        }
        Ok(events) if events.is_empty() => Cell::No,
        Ok(events) => {
            let after = status(&[given, &events].concat());
            if after == status(given) { Cell::Same } else { Cell::To(after.unwrap()) }
        }
    }
}

#[test]
fn every_status_answers_every_command() {
    for (command, action, expected) in intents().into_iter().chain(facts()) {
        let creates = matches!(command, SubscriptionCommand::Create(_));
        let mut row = vec![outcome(&[], &command, &Refusal::not_found("subscription"))];
        for standing in standings() {
            let refusal = if creates {
                Refusal::AlreadyExists { what: "subscription".to_owned() }
            } else {
                Refusal::illegal("a subscription", standing.status().as_str(), action)
            };
            row.push(outcome(&given(standing), &command, &refusal));
        }
        assert_eq!(row, expected, "{command:?}");
    }
}

#[test]
fn statuses_are_read_back_from_their_words() {
    for standing in standings() {
        let status = standing.status();
        assert_eq!(Status::from_word(status.as_str()), Some(status));
    }
    assert_eq!(Status::from_word("suspended"), None);
    let terminal: Vec<_> = standings().iter().map(Standing::is_terminal).collect();
    assert_eq!(terminal, [false, true, false, false, false, false, false, true]);
    let involuntary = [
        CancelReason::Requested,
        CancelReason::PaymentFailed,
        CancelReason::PaymentDisputed,
        CancelReason::TrialEndedWithoutPaymentMethod,
        CancelReason::Unknown,
    ]
    .map(CancelReason::is_involuntary);
    assert_eq!(involuntary, [false, true, true, false, false]);
}
