//! What do attempts, refunds and disputes come to, in whatever order they are known?

mod facts;

use cqrs_es::test::TestFramework;

use super::*;
use crate::money::Currency;
use crate::refusal::Refusal;
use crate::samples::payment::{TAKEN, charge, first_event, refund};
use crate::samples::{at, fold, issued, payment_id};

type Decision = Result<Vec<PaymentEvent>, Refusal>;

const NOW: &str = "2024-02-10T00:00:00Z";

fn decide(given: Vec<PaymentEvent>, command: PaymentCommand) -> Decision {
    TestFramework::<Payment>::with(()).given(given).when(issued(NOW, command)).inspect_result()
}

fn attempt(id: &str, status: PaymentStatus) -> PaymentCommand {
    PaymentCommand::RecordAttempt { id: payment_id(), charge: Box::new(charge(id, status, TAKEN)) }
}

fn succeeded() -> PaymentEvent {
    let charge = charge("ch_1", PaymentStatus::Succeeded, TAKEN);
    first_event(NOW, PaymentChange::PaymentSucceeded { charge }, 99_700)
}

fn declined() -> PaymentEvent {
    let charge = charge("ch_0", PaymentStatus::Failed, "2024-02-01T01:00:00Z");
    first_event(NOW, PaymentChange::PaymentDeclined { charge }, 0)
}

fn event(change: PaymentChange, collected_delta_minor: i64, after: PaymentSnapshot) -> PaymentEvent {
    let after = Some(Box::new(after));
    PaymentEvent { at: at(NOW), payment: payment_id(), change, collected_delta_minor, reattributed: vec![], after }
}

fn part(time: &str, kind: CashKind, source: &str, amount_minor: i64) -> CashPart {
    CashPart { at: at(time), kind, source: source.to_owned(), amount_minor }
}

/// The payment of 997.00 whose one attempt settled it.
fn settled() -> PaymentSnapshot {
    let charge = charge("ch_1", PaymentStatus::Succeeded, TAKEN);
    PaymentSnapshot {
        origin: crate::origin::Origin::Daybook,
        status: PaymentStatus::Succeeded,
        amount_minor: 99_700,
        currency: Currency::USD,
        created_at: at(TAKEN),
        customer: charge.customer,
        invoice: charge.invoice,
        method: charge.method,
        method_type: charge.method_type,
        last4: charge.last4,
        exp_month: charge.exp_month,
        exp_year: charge.exp_year,
        decline_code: None,
        failed_attempts: 0,
        succeeded_at: Some(at(TAKEN)),
        refunded_minor: 0,
        disputed_minor: 0,
        open_dispute: false,
        fee_minor: Some(2_921),
        net_minor: Some(96_779),
        description: charge.description,
        receipt_url: charge.receipt_url,
        cash: vec![part(TAKEN, CashKind::Taken, "ch_1", 99_700)],
    }
}

#[test]
fn one_attempt_settles_a_payment() {
    let taken = PaymentChange::PaymentSucceeded { charge: charge("ch_1", PaymentStatus::Succeeded, TAKEN) };
    let first = || event(taken.clone(), 99_700, settled());
    assert_eq!(decide(vec![], attempt("ch_1", PaymentStatus::Succeeded)), Ok(vec![first()]));
    assert_eq!(first(), succeeded());
    let failed = PaymentSnapshot {
        status: PaymentStatus::Failed,
        decline_code: Some("insufficient_funds".to_owned()),
        failed_attempts: 1,
        succeeded_at: None,
        fee_minor: None,
        net_minor: None,
        cash: vec![part(TAKEN, CashKind::Declined, "ch_1", 0)],
        ..settled()
    };
    let refused = PaymentChange::PaymentDeclined { charge: charge("ch_1", PaymentStatus::Failed, TAKEN) };
    assert_eq!(decide(vec![], attempt("ch_1", PaymentStatus::Failed)), Ok(vec![event(refused, 0, failed)]));
    let first_try = part("2024-02-01T01:00:00Z", CashKind::Declined, "ch_0", 0);
    let cash = [vec![first_try], settled().cash].concat();
    let after = PaymentSnapshot { failed_attempts: 1, cash, ..settled() };
    let second = Ok(vec![event(taken.clone(), 99_700, after)]);
    assert_eq!(
        decide(vec![declined()], attempt("ch_1", PaymentStatus::Succeeded)),
        second,
        "a success after a failure"
    );
    for (what, known, id, status) in [
        ("a stale failure", succeeded(), "ch_2", PaymentStatus::Failed),
        ("a second success", succeeded(), "ch_2", PaymentStatus::Succeeded),
        ("the success again", succeeded(), "ch_1", PaymentStatus::Succeeded),
        ("the failure again", declined(), "ch_0", PaymentStatus::Failed),
    ] {
        assert_eq!(decide(vec![known], attempt(id, status)), Ok(vec![]), "{what}");
    }
}

fn refund_of(id: &str, amount_minor: i64) -> PaymentCommand {
    PaymentCommand::Refund { refund: refund(id, RefundStatus::Succeeded, amount_minor) }
}

fn refunded(refunds: &[(&str, i64)], status: PaymentStatus, refunded_minor: i64) -> PaymentEvent {
    let parts = refunds.iter().map(|(id, amount)| part("2024-02-10T00:00:00Z", CashKind::Refunded, id, -amount));
    let cash = settled().cash.into_iter().chain(parts).collect();
    let after = PaymentSnapshot { status, refunded_minor, cash, ..settled() };
    let &(id, amount_minor) = refunds.last().unwrap();
    let change = PaymentChange::PaymentRefunded { refund: refund(id, RefundStatus::Succeeded, amount_minor) };
    event(change, -amount_minor, after)
}

#[test]
fn refunds_take_no_more_than_is_left() {
    let partly = || refunded(&[("re_1", 60_000)], PaymentStatus::PartiallyRefunded, 60_000);
    let whole = || refunded(&[("re_1", 99_700)], PaymentStatus::Refunded, 99_700);
    let rest = refunded(&[("re_1", 60_000), ("re_2", 39_700)], PaymentStatus::Refunded, 99_700);
    let known = || vec![succeeded()];
    let after_part = || vec![succeeded(), partly()];
    let too_much = || Err(Refusal::invalid("amount", "is more than is left to refund, or not positive"));
    let euros = RefundReport { currency: Currency::EUR, ..refund("re_1", RefundStatus::Succeeded, 1) };
    let cases = [
        ("a part", known(), refund_of("re_1", 60_000), Ok(vec![partly()])),
        ("all", known(), refund_of("re_1", 99_700), Ok(vec![whole()])),
        ("the rest", after_part(), refund_of("re_2", 39_700), Ok(vec![rest])),
        ("the same refund again", after_part(), refund_of("re_1", 60_000), Ok(vec![])),
        ("more than the rest", after_part(), refund_of("re_2", 39_701), too_much()),
        ("more than all", known(), refund_of("re_1", 99_701), too_much()),
        ("nothing", known(), refund_of("re_1", 0), too_much()),
        ("less than nothing", known(), refund_of("re_1", -1), too_much()),
        ("of what was not taken", vec![declined()], refund_of("re_1", 1), too_much()),
        ("after all", vec![succeeded(), whole()], refund_of("re_2", 1), too_much()),
        (
            "another currency",
            known(),
            PaymentCommand::Refund { refund: euros },
            Err(Refusal::invalid("currency", "is not the payment's")),
        ),
        ("of nothing known", vec![], refund_of("re_1", 1), Err(Refusal::not_found("payment"))),
    ];
    for (what, given, command, expected) in cases {
        assert_eq!(decide(given, command), expected, "{what}");
    }
}

#[test]
fn a_payment_comes_to_what_its_events_say() {
    let events = [declined(), decide(vec![declined()], attempt("ch_1", PaymentStatus::Succeeded)).unwrap().remove(0)];
    let payment = fold::<Payment>(&events);
    assert_eq!(payment.snapshot().as_ref(), events[1].after.as_deref());
    assert_eq!(payment.snapshot().map(|snapshot| snapshot.status.as_str()), Some("succeeded"));
}
