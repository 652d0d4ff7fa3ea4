//! What exactly do accepted commands record, and which arguments are refused?

use super::super::*;
use super::{Decision, cancel_now, decide, pause};
use crate::id::InvoiceId;
use crate::issued::EventForm;
use crate::refusal::Refusal;
use crate::samples::subscription::{
    CREATED, NOW, PERIOD_END, created, discount, event, item, pause_collection, snapshot, terms,
};
use crate::samples::{at, invoice_id, period, sealed};
use crate::subscription::AsBilled;

fn check(what: &str, standing: Standing, terms: Terms, command: SubscriptionCommand, expected: Decision) {
    assert_eq!((what, decide(created(standing, terms), NOW, command)), (what, expected));
}

/// The one event that leaves those terms and that standing.
#[expect(clippy::unnecessary_wraps, reason = "cases hold decisions")]
fn one(change: SubscriptionChange, standing: Standing, terms: Terms) -> Decision {
    let event = event(NOW, change, Some(SubscriptionSnapshot { terms, ..snapshot(standing) }));
    assert_eq!(event.effective_at(), at(NOW));
    Ok(vec![event])
}

fn invalid(field: &str, reason: &str) -> Decision {
    Err(Refusal::invalid(field, reason))
}

fn scheduled() -> Terms {
    Terms { cancel_at_period_end: true, cancel_at: Some(at(PERIOD_END)), canceled_at: Some(at(NOW)), ..terms() }
}

#[test]
fn items_and_discounts_change_the_terms() {
    use SubscriptionCommand as C;
    let active = || Standing::Active {};
    let group = || vec![item("group", 150_000)];
    let changed = Terms { items: group(), ..terms() };
    let with =
        |coupons: &[&str]| Terms { discounts: coupons.iter().map(|coupon| discount(coupon)).collect(), ..terms() };
    let apply = |coupon: &str| C::ApplyDiscount { discount: discount(coupon) };
    let applied = |coupon: &str| SubscriptionChange::SubscriptionDiscountApplied { coupon: coupon.to_owned() };
    let ended = |coupon: &str| SubscriptionChange::SubscriptionDiscountEnded { coupon: coupon.to_owned() };
    let exists = Err(Refusal::AlreadyExists { what: "the discount A".to_owned() });
    let change = C::ChangeItems { items: group(), as_billed: AsBilled::default() };
    check(
        "changed",
        active(),
        terms(),
        change.clone(),
        one(SubscriptionChange::SubscriptionItemsChanged {}, active(), changed.clone()),
    );
    check("unchanged", active(), changed, change, Ok(vec![]));
    check(
        "no items",
        active(),
        terms(),
        C::ChangeItems { items: vec![], as_billed: AsBilled::default() },
        invalid("items", "must be 1 to 20"),
    );
    check("discounted", active(), with(&["A"]), apply("B"), one(applied("B"), active(), with(&["A", "B"])));
    check("discounted twice", active(), with(&["A"]), apply("A"), exists);
    check(
        "ended",
        active(),
        with(&["A", "B"]),
        C::EndDiscount { coupon: "A".to_owned() },
        one(ended("A"), active(), with(&["B"])),
    );
    check("ended twice", active(), with(&["B"]), C::EndDiscount { coupon: "A".to_owned() }, Ok(vec![]));
}

#[test]
fn cancellations_are_scheduled_withdrawn_and_carried_out() {
    use SubscriptionChange as E;
    use SubscriptionCommand as C;
    let active = || Standing::Active {};
    let (reason, feedback) = (Some(sealed("too expensive")), Some(sealed("thank you")));
    let at_end = || C::CancelAtPeriodEnd { reason: reason.clone(), feedback: feedback.clone() };
    let change = E::SubscriptionCancellationScheduled { reason: reason.clone(), feedback: feedback.clone() };
    check("at the end", active(), terms(), at_end(), one(change, active(), scheduled()));
    check("twice", active(), scheduled(), at_end(), Ok(vec![]));
    let no_period = Terms { period: None, ..terms() };
    let illegal = |action| Err(Refusal::illegal("a subscription", "active", action));
    check("without a period", active(), no_period, at_end(), illegal("cancel at period end"));
    let withdrawn = E::SubscriptionCancellationWithdrawn {};
    check("withdrawn", active(), scheduled(), C::WithdrawCancellation, one(withdrawn, active(), terms()));
    check("nothing to withdraw", active(), terms(), C::WithdrawCancellation, illegal("reactivate"));
    for cause in [CancelReason::Requested, CancelReason::PaymentFailed, CancelReason::PaymentDisputed] {
        let command = C::CancelNow { cause, reason: reason.clone(), feedback: feedback.clone() };
        let canceled = E::SubscriptionCanceled { cause, reason: reason.clone(), feedback: feedback.clone() };
        let ended = Standing::Canceled { at: at(NOW), reason: cause };
        let terms_after = Terms { canceled_at: Some(at(NOW)), ..terms() };
        check("now", active(), terms(), command, one(canceled, ended, terms_after));
    }
    // The end of a scheduled cancellation keeps the time at which it was asked for.
    let asked = Terms { canceled_at: Some(at(CREATED)), ..scheduled() };
    let canceled = E::SubscriptionCanceled { cause: CancelReason::Requested, reason: None, feedback: None };
    let ended = Standing::Canceled { at: at(NOW), reason: CancelReason::Requested };
    let after = Terms { cancel_at: None, ..asked.clone() };
    check("reached", active(), asked, cancel_now(CancelReason::Requested), one(canceled, ended, after));
}

#[test]
fn pauses_end_when_resumed() {
    use SubscriptionChange as E;
    let since = at(NOW);
    let until = at("2024-03-01T00:00:00Z");
    let command = SubscriptionCommand::Pause {
        resumes_at: Some(until),
        reason: Some(sealed("holiday")),
        maintain_access: true,
        as_billed: AsBilled::default(),
    };
    let change = E::SubscriptionPaused { reason: Some(sealed("holiday")), maintain_access: true };
    let paused = Standing::Paused { since, resumes_at: Some(until), past_due_since: None };
    check("paused", Standing::Active {}, terms(), command, one(change, paused.clone(), terms()));
    check("until now", Standing::Active {}, terms(), pause(Some(NOW)), invalid("pause_until", "lies in the past"));
    let resumed = || E::SubscriptionResumed {};
    check(
        "resumed",
        paused.clone(),
        terms(),
        SubscriptionCommand::Resume { as_billed: AsBilled::default() },
        one(resumed(), Standing::Active {}, terms()),
    );
    let trial = period(CREATED, "2024-01-22T10:30:00Z");
    let trialing = Terms { trial: Some(trial), ..terms() };
    let expected = one(resumed(), Standing::Trialing { trial }, trialing.clone());
    check(
        "resumed within the trial",
        paused.clone(),
        trialing,
        SubscriptionCommand::Resume { as_billed: AsBilled::default() },
        expected,
    );
    let over = Terms { trial: Some(period(CREATED, NOW)), ..terms() };
    let expected = one(resumed(), Standing::Active {}, over.clone());
    check("resumed at its end", paused, over, SubscriptionCommand::Resume { as_billed: AsBilled::default() }, expected);
}

#[test]
fn what_was_owed_before_a_pause_is_owed_after_it() {
    use SubscriptionChange as E;
    use SubscriptionCommand as C;
    let due = || Standing::PastDue { since: at(CREATED) };
    let paused = |since: &str, past_due_since: Option<&str>| Standing::Paused {
        since: at(since),
        resumes_at: None,
        past_due_since: past_due_since.map(at),
    };
    let owing = || paused(CREATED, Some(CREATED));
    let owed = || Terms { latest_invoice: Some(invoice_id()), ..terms() };
    let note_paid = || C::NotePaid { invoice: invoice_id() };
    let fails = || C::NotePaymentFailed { invoice: invoice_id() };
    let pausing = E::SubscriptionPaused { reason: None, maintain_access: false };
    check("paused", due(), owed(), pause(None), one(pausing, paused(NOW, Some(CREATED)), owed()));
    let resumed = || E::SubscriptionResumed {};
    check("resumed", owing(), owed(), C::Resume { as_billed: AsBilled::default() }, one(resumed(), due(), owed()));
    let trial = Terms { trial: Some(period(CREATED, "2024-01-22T10:30:00Z")), ..owed() };
    check(
        "resumed within a trial",
        owing(),
        trial.clone(),
        C::Resume { as_billed: AsBilled::default() },
        one(resumed(), due(), trial),
    );
    let settled = || E::SubscriptionArrearsSettled { invoice: invoice_id() };
    check("paid meanwhile", owing(), owed(), note_paid(), one(settled(), paused(CREATED, None), owed()));
    let written_off = C::NoteUncollectible { invoice: invoice_id() };
    check("written off meanwhile", owing(), owed(), written_off, one(settled(), paused(CREATED, None), owed()));
    check("paid though nothing was due", paused(CREATED, None), owed(), note_paid(), Ok(vec![]));
    let later = || Terms { latest_invoice: InvoiceId::parse("in_later").ok(), ..terms() };
    check("an earlier one is paid", owing(), later(), note_paid(), Ok(vec![]));
    let failed = || E::SubscriptionPastDue { invoice: Some(invoice_id()) };
    let failed_now = one(failed(), paused(CREATED, Some(NOW)), owed());
    check("failed meanwhile", paused(CREATED, None), terms(), fails(), failed_now);
    check("failed again", owing(), owed(), fails(), Ok(vec![]));
    check("a further one fails", owing(), later(), fails(), one(failed(), owing(), owed()));
    let exhausted = |then| C::NoteDunningExhausted { invoice: invoice_id(), then };
    check("left unpaid", owing(), owed(), exhausted(AfterDunning::LeaveUnpaid), Ok(vec![]));
    check("nothing to give up", paused(CREATED, None), owed(), exhausted(AfterDunning::Cancel), Ok(vec![]));
    let cause = CancelReason::PaymentFailed;
    let canceled = one(
        E::SubscriptionCanceled { cause, reason: None, feedback: None },
        Standing::Canceled { at: at(NOW), reason: cause },
        Terms { canceled_at: Some(at(NOW)), ..owed() },
    );
    check("given up", owing(), owed(), exhausted(AfterDunning::Cancel), canceled);
}

#[test]
fn pausing_the_collection_is_a_flag() {
    use SubscriptionCommand as C;
    let flagged = || Terms { pause_collection: Some(pause_collection()), ..terms() };
    let due = || Standing::PastDue { since: at(CREATED) };
    let paused = SubscriptionChange::SubscriptionCollectionPaused {};
    let resumed = SubscriptionChange::SubscriptionCollectionResumed {};
    check("paused", due(), terms(), C::PauseCollection(pause_collection()), one(paused, due(), flagged()));
    check("twice", due(), flagged(), C::PauseCollection(pause_collection()), Ok(vec![]));
    check("resumed", due(), flagged(), C::ResumeCollection, one(resumed, due(), terms()));
    let illegal = Err(Refusal::illegal("a subscription", "past_due", "resume the collection of"));
    check("nothing to resume", due(), terms(), C::ResumeCollection, illegal);
}

#[test]
fn renewals_follow_one_another() {
    let next = period(PERIOD_END, "2024-03-15T10:30:00Z");
    let renew = |period| SubscriptionCommand::Renew { period, as_billed: AsBilled::default() };
    let active = || Standing::Active {};
    let renewed = || SubscriptionChange::SubscriptionRenewed {};
    let known = || Terms { period: Some(next), ..terms() };
    let gap = period("2024-05-15T10:30:00Z", "2024-06-15T10:30:00Z");
    check("the next", active(), terms(), renew(next), one(renewed(), active(), known()));
    check("the same", active(), known(), renew(next), Ok(vec![]));
    check("the one before", active(), known(), renew(terms().period.unwrap()), Ok(vec![]));
    check("overlapping", active(), terms(), renew(period(NOW, PERIOD_END)), Ok(vec![]));
    check(
        "after a gap",
        active(),
        terms(),
        renew(gap),
        one(renewed(), active(), Terms { period: Some(gap), ..terms() }),
    );
    check("after the end", active(), scheduled(), renew(next), Ok(vec![]));
    let first = Terms { period: None, ..terms() };
    check("the first", active(), first, renew(next), one(renewed(), active(), known()));
}

#[test]
fn payments_move_the_status() {
    use SubscriptionChange as E;
    use SubscriptionCommand as C;
    let invoice = invoice_id;
    let due = || Standing::PastDue { since: at(CREATED) };
    let paid = |cause| E::SubscriptionActivated { cause };
    let settled = || Terms { latest_invoice: Some(invoice()), ..terms() };
    let note_paid = || C::NotePaid { invoice: invoice() };
    let active = || Standing::Active {};
    let first = one(paid(ActivationCause::FirstInvoicePaid), active(), settled());
    check("first invoice", Standing::Incomplete {}, terms(), note_paid(), first);
    check("paid", due(), terms(), note_paid(), one(paid(ActivationCause::InvoicePaid), active(), settled()));
    let written_off = one(paid(ActivationCause::InvoiceUncollectible), active(), settled());
    check("written off", due(), terms(), C::NoteUncollectible { invoice: invoice() }, written_off);
    let failed =
        one(E::SubscriptionPastDue { invoice: Some(invoice()) }, Standing::PastDue { since: at(NOW) }, settled());
    check("failed", active(), terms(), C::NotePaymentFailed { invoice: invoice() }, failed);
    let later = || Terms { latest_invoice: InvoiceId::parse("in_later").ok(), ..terms() };
    check("an earlier one is paid", due(), later(), note_paid(), Ok(vec![]));
    let further = one(E::SubscriptionPastDue { invoice: Some(invoice()) }, due(), settled());
    check("a further one fails", due(), later(), C::NotePaymentFailed { invoice: invoice() }, further);
    let exhausted = |then| C::NoteDunningExhausted { invoice: invoice(), then };
    let unpaid = one(E::SubscriptionUnpaid { invoice: Some(invoice()) }, Standing::Unpaid { since: at(NOW) }, terms());
    check("left unpaid", due(), terms(), exhausted(AfterDunning::LeaveUnpaid), unpaid);
    let cause = CancelReason::PaymentFailed;
    let canceled = one(
        E::SubscriptionCanceled { cause, reason: None, feedback: None },
        Standing::Canceled { at: at(NOW), reason: cause },
        Terms { canceled_at: Some(at(NOW)), ..terms() },
    );
    check("canceled", due(), terms(), exhausted(AfterDunning::Cancel), canceled);
    let expired = one(E::SubscriptionExpiredIncomplete {}, Standing::IncompleteExpired { at: at(NOW) }, terms());
    check("expired", Standing::Incomplete {}, terms(), C::ExpireIncomplete, expired);
}
