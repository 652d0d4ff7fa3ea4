//! What does each command do to an invoice, in each of its statuses, and do reports converge?

use cqrs_es::test::TestFramework;
use proptest::prelude::*;

use super::*;
use crate::id::PaymentId;
use crate::origin::Origin;
use crate::refusal::Refusal;
use crate::samples::invoice::{DRAFTED, NOW, attempt, draft, event, in_status, line};
use crate::samples::{at, fold, invoice_id, issued, payment_id, run, stamp};
use crate::stamp::{Stamp, digest};

type Decision = Result<Vec<InvoiceEvent>, Refusal>;

const STATUSES: [InvoiceStatus; 6] = [
    InvoiceStatus::Draft,
    InvoiceStatus::Open,
    InvoiceStatus::Paid,
    InvoiceStatus::Uncollectible,
    InvoiceStatus::Void,
    InvoiceStatus::Deleted,
];

fn decide(given: Vec<InvoiceEvent>, command: InvoiceCommand) -> Decision {
    TestFramework::<Invoice>::with(()).given(given).when(issued(NOW, command)).inspect_result()
}

fn given(snapshot: InvoiceSnapshot) -> Vec<InvoiceEvent> {
    vec![event(DRAFTED, InvoiceChange::InvoiceDrafted {}, Some(snapshot))]
}

fn draft_of(snapshot: InvoiceSnapshot) -> InvoiceCommand {
    InvoiceCommand::Draft { id: invoice_id(), snapshot: Box::new(snapshot) }
}

fn pay() -> InvoiceCommand {
    InvoiceCommand::RecordPayment { payment: Some(payment_id()), out_of_band: false, amount_minor: None }
}

fn fail() -> InvoiceCommand {
    InvoiceCommand::RecordFailedAttempt { attempt: attempt("ch_1", 1, NOW) }
}

/// The event that leaves the invoice so.
fn leaves(change: InvoiceChange, after: InvoiceSnapshot) -> InvoiceEvent {
    event(NOW, change, Some(after))
}

fn paid(before: InvoiceStatus) -> InvoiceSnapshot {
    InvoiceSnapshot {
        status: InvoiceStatus::Paid,
        amount_paid_minor: 443_750,
        amount_remaining_minor: 0,
        attempt_count: 1,
        paid_at: Some(at(NOW)),
        closed_at: None,
        payment: Some(payment_id()),
        ..in_status(before)
    }
}

/// The transitions of billing.md §3.2; every pair of command and status that is not here is refused.
fn transitions() -> Vec<(InvoiceStatus, InvoiceCommand, InvoiceEvent)> {
    use InvoiceChange as E;
    use InvoiceCommand as C;
    use InvoiceStatus as S;
    let finalized = InvoiceSnapshot {
        status: S::Open,
        number: Some(NUMBER_TO_FILL.to_owned()),
        finalized_at: Some(at(NOW)),
        ..draft()
    };
    let closed = |before, status| InvoiceSnapshot { status, closed_at: Some(at(NOW)), ..in_status(before) };
    let failed = |before| InvoiceSnapshot {
        attempt_count: 1,
        next_attempt_at: Some(at("2024-02-05T00:00:00Z")),
        ..in_status(before)
    };
    let paid_by =
        || E::InvoicePaid { payment: Some(payment_id()), out_of_band: false, received_minor: 443_750, excess_minor: 0 };
    let attempted = || E::InvoicePaymentFailed { attempt: attempt("ch_1", 1, NOW) };
    let deleted = InvoiceSnapshot { status: S::Deleted, ..draft() };
    vec![
        (S::Draft, C::Delete, leaves(E::InvoiceDeleted {}, deleted)),
        (S::Draft, C::Finalize { year: None }, leaves(E::InvoiceFinalized {}, finalized)),
        (S::Open, pay(), leaves(paid_by(), paid(S::Open))),
        (S::Open, fail(), leaves(attempted(), failed(S::Open))),
        (S::Open, C::Send, leaves(E::InvoiceSent {}, in_status(S::Open))),
        (S::Open, C::Void, leaves(E::InvoiceVoided {}, closed(S::Open, S::Void))),
        (S::Open, C::MarkUncollectible, leaves(E::InvoiceMarkedUncollectible {}, closed(S::Open, S::Uncollectible))),
        (S::Uncollectible, pay(), leaves(paid_by(), paid(S::Uncollectible))),
        (S::Uncollectible, fail(), leaves(attempted(), failed(S::Uncollectible))),
        (S::Uncollectible, C::Void, leaves(E::InvoiceVoided {}, closed(S::Uncollectible, S::Void))),
    ]
}

#[test]
fn every_status_answers_every_command() {
    use InvoiceCommand as C;
    let commands = [
        (C::Finalize { year: None }, "finalize"),
        (C::Send, "send"),
        (C::Void, "void"),
        (C::MarkUncollectible, "write off"),
        (C::Delete, "delete"),
        (pay(), "pay"),
        (fail(), "charge"),
    ];
    let known = transitions();
    let mut accepted = 0;
    for (command, action) in commands {
        assert_eq!(decide(vec![], command.clone()), Err(Refusal::not_found("invoice")), "{command:?} of none");
        for status in STATUSES {
            let same = |other: &InvoiceCommand| std::mem::discriminant(other) == std::mem::discriminant(&command);
            let expected = known.iter().find(|(from, other, _)| *from == status && same(other));
            accepted += usize::from(expected.is_some());
            let expected = expected
                .map(|(_, _, event)| vec![event.clone()])
                .ok_or_else(|| Refusal::illegal("an invoice", status.as_str(), action));
            assert_eq!(decide(given(in_status(status)), command.clone()), expected, "{command:?} of {status:?}");
        }
    }
    assert_eq!(accepted, known.len());
}

#[test]
fn statuses_are_read_back_from_their_words() {
    for status in STATUSES {
        assert_eq!(InvoiceStatus::from_word(status.as_str()), Some(status));
    }
    assert_eq!(InvoiceStatus::from_word("overdue"), None);
}

#[test]
fn an_invoice_of_zero_is_paid_when_finalized() {
    let zero = InvoiceSnapshot {
        lines: vec![line(100_000)],
        subtotal_minor: 100_000,
        tax_minor: 0,
        total_minor: 0,
        amount_due_minor: 0,
        amount_remaining_minor: 0,
        ..draft()
    };
    // A total that the customer's balance covers leaves nothing to pay either.
    let covered = InvoiceSnapshot { amount_due_minor: 0, amount_remaining_minor: 0, ..draft() };
    for snapshot in [zero, covered] {
        let open = InvoiceSnapshot {
            status: InvoiceStatus::Open,
            number: Some(NUMBER_TO_FILL.to_owned()),
            finalized_at: Some(at(NOW)),
            ..snapshot.clone()
        };
        let paid = InvoiceSnapshot { status: InvoiceStatus::Paid, paid_at: Some(at(NOW)), ..open.clone() };
        let expected = vec![
            leaves(InvoiceChange::InvoiceFinalized {}, open),
            leaves(
                InvoiceChange::InvoicePaid { payment: None, out_of_band: false, received_minor: 0, excess_minor: 0 },
                paid,
            ),
        ];
        assert_eq!(decide(given(snapshot), InvoiceCommand::Finalize { year: None }), Ok(expected));
    }
}

#[test]
fn a_payment_out_of_band_is_no_attempt() {
    let before = InvoiceSnapshot { next_attempt_at: Some(at(NOW)), ..in_status(InvoiceStatus::Open) };
    let after = InvoiceSnapshot { attempt_count: 0, payment: None, ..paid(InvoiceStatus::Open) };
    let command = InvoiceCommand::RecordPayment { payment: None, out_of_band: true, amount_minor: None };
    let expected = leaves(
        InvoiceChange::InvoicePaid { payment: None, out_of_band: true, received_minor: 443_750, excess_minor: 0 },
        after,
    );
    assert_eq!(decide(given(before), command), Ok(vec![expected]));
}

#[test]
fn drafts_keep_the_identities_of_money() {
    let drafted = |snapshot: InvoiceSnapshot| {
        Ok(vec![leaves(InvoiceChange::InvoiceDrafted {}, InvoiceSnapshot { created_at: at(NOW), ..snapshot })])
    };
    let invalid = |field: &str, reason: &str| Err(Refusal::invalid(field, reason));
    let not_sum = || invalid("subtotal", "is not the sum of the lines");
    let not_total = || invalid("total", "is not subtotal less discount plus tax");
    let cases = [
        ("a draft", draft(), drafted(draft())),
        (
            "a status and number of its own",
            InvoiceSnapshot { created_at: at(NOW), ..in_status(InvoiceStatus::Open) },
            {
                let finalized_at = in_status(InvoiceStatus::Open).finalized_at;
                drafted(InvoiceSnapshot { finalized_at, ..draft() })
            },
        ),
        (
            "balance applied",
            InvoiceSnapshot { amount_due_minor: 400_000, amount_remaining_minor: 400_000, ..draft() },
            { drafted(InvoiceSnapshot { amount_due_minor: 400_000, amount_remaining_minor: 400_000, ..draft() }) },
        ),
        ("lines", InvoiceSnapshot { lines: vec![line(499_999)], ..draft() }, not_sum()),
        ("no lines", InvoiceSnapshot { lines: vec![], ..draft() }, not_sum()),
        ("lines that overflow", InvoiceSnapshot { lines: vec![line(i64::MAX), line(i64::MAX)], ..draft() }, not_sum()),
        ("discount", InvoiceSnapshot { discount_minor: 0, ..draft() }, not_total()),
        ("tax", InvoiceSnapshot { tax_minor: 43_751, ..draft() }, not_total()),
        ("tax that overflows", InvoiceSnapshot { tax_minor: i64::MAX, ..draft() }, not_total()),
        ("due", InvoiceSnapshot { amount_due_minor: -1, ..draft() }, invalid("amount_due", "is below zero")),
        (
            "remaining",
            InvoiceSnapshot { amount_remaining_minor: 0, ..draft() },
            invalid("amount_remaining", "is not the amount due less the amount paid"),
        ),
    ];
    for (what, snapshot, expected) in cases {
        assert_eq!(decide(vec![], draft_of(snapshot)), expected, "{what}");
    }
    let exists = Err(Refusal::AlreadyExists { what: "invoice".to_owned() });
    assert_eq!(decide(given(draft()), draft_of(draft())), exists);
}

#[test]
fn an_attempt_counts_once() {
    let open = || given(in_status(InvoiceStatus::Open));
    let first = || [open(), decide(open(), fail()).unwrap()].concat();
    assert_eq!(decide(first(), fail()), Ok(vec![]), "the same again");
    let second = attempt("ch_2", 2, "2024-02-05T00:00:00Z");
    let known = fold::<Invoice>(&first());
    let after = InvoiceSnapshot { attempt_count: 2, ..known.snapshot().unwrap().clone() };
    let expected = leaves(InvoiceChange::InvoicePaymentFailed { attempt: second.clone() }, after);
    let command = InvoiceCommand::RecordFailedAttempt { attempt: second.clone() };
    assert_eq!(decide(first(), command), Ok(vec![expected.clone()]), "another");
    let both = fold::<Invoice>(&[first(), vec![expected]].concat());
    assert_eq!(both.failed_attempts(), [attempt("ch_1", 1, NOW), second]);
}

#[test]
fn a_payment_is_linked_once() {
    let link = |amount_minor| InvoiceCommand::LinkPayment {
        id: invoice_id(),
        at: at(DRAFTED),
        payment: payment_id(),
        amount_minor,
    };
    let linked = |amount_minor| {
        event(DRAFTED, InvoiceChange::InvoicePaymentLinked { payment: payment_id(), amount_minor }, None)
    };
    assert_eq!(decide(vec![], link(100)), Ok(vec![linked(100)]), "to an unknown invoice");
    assert_eq!(decide(vec![linked(100)], link(100)), Ok(vec![]), "again");
    assert_eq!(decide(vec![linked(100)], link(50)), Ok(vec![]), "with a smaller amount");
    assert_eq!(decide(vec![linked(50)], link(100)), Ok(vec![linked(100)]), "with a larger amount");
}

fn told(status: InvoiceStatus, attempt_count: u32) -> InvoiceSnapshot {
    InvoiceSnapshot { origin: Origin::Stripe, attempt_count, ..in_status(status) }
}

fn report(stamp: &Stamp, snapshot: &InvoiceSnapshot, attempt: Option<&FailedAttempt>) -> InvoiceCommand {
    InvoiceCommand::Report {
        id: invoice_id(),
        stamp: stamp.clone(),
        snapshot: Box::new(snapshot.clone()),
        attempt: attempt.cloned(),
    }
}

fn reported(
    stamp: &Stamp,
    told: Option<&InvoiceSnapshot>,
    attempt: Option<&FailedAttempt>,
    after: Option<&InvoiceSnapshot>,
) -> InvoiceEvent {
    let change = InvoiceChange::InvoiceReported {
        stamp: stamp.clone(),
        snapshot: told.map(|told| Box::new(told.clone())),
        attempt: attempt.cloned(),
    };
    InvoiceEvent { at: stamp.created, invoice: invoice_id(), change, after: after.map(|after| Box::new(after.clone())) }
}

#[test]
fn a_late_failure_leaves_a_paid_invoice_paid() {
    let failed = stamp("evt_1", "2024-02-01T00:00:00Z", 2);
    let settled = Stamp { phase: 2, ..stamp("evt_2", "2024-02-01T00:00:00Z", 4) };
    let (open, paid) = (told(InvoiceStatus::Open, 1), told(InvoiceStatus::Paid, 2));
    let failure = attempt("ch_1", 1, "2024-02-01T00:00:00Z");
    let first = || vec![reported(&settled, None, None, Some(&paid))];
    assert_eq!(decide(vec![], report(&settled, &paid, None)), Ok(first()), "paid first");
    assert_eq!(decide(first(), report(&settled, &paid, None)), Ok(vec![]), "again");
    let late = reported(&failed, Some(&open), Some(&failure), None);
    assert_eq!(decide(first(), report(&failed, &open, Some(&failure))), Ok(vec![late.clone()]), "failed late");
    let known = || [first(), vec![late.clone()]].concat();
    let twin = stamp("evt_3", "2024-02-01T00:00:00Z", 1);
    let expected = reported(&twin, Some(&open), None, None);
    assert_eq!(decide(known(), report(&twin, &open, Some(&failure))), Ok(vec![expected]), "the attempt is known");
    let state = fold::<Invoice>(&known());
    assert_eq!((state.snapshot(), state.failed_attempts()), (Some(&paid), vec![failure]));
}

/// Reports, failed attempts of few keys and linked payments, within few seconds.
fn facts() -> impl Strategy<Value = Vec<InvoiceCommand>> {
    let row = (0_u8..4, 0_i64..3, 0_u8..3, 0_u8..8, 0_u32..4, prop::option::of(0_u32..4));
    prop::collection::vec(row, 1..12).prop_map(|rows| {
        let numbered = rows.into_iter().enumerate();
        numbered
            .map(|(index, (kind, second, rank, phase, count, before))| {
                let created = jiff::Timestamp::from_second(1_706_745_600 + second).unwrap();
                if kind == 0 {
                    let payment = PaymentId::parse(&format!("pi_{count}")).unwrap();
                    return InvoiceCommand::LinkPayment {
                        id: invoice_id(),
                        at: created,
                        payment,
                        amount_minor: second * 100,
                    };
                }
                let snapshot = told(if phase == 7 { InvoiceStatus::Paid } else { InvoiceStatus::Open }, count);
                let stamp = Stamp {
                    phase: phase / 7,
                    created,
                    rank,
                    event: format!("evt_{}", (index * 7) % 17),
                    digest: digest(&snapshot),
                    before: before.map(|count| digest(&told(InvoiceStatus::Open, count))),
                };
                // Two reports of one attempt may each know something of it that the other does not.
                let attempt = before.map(|key| FailedAttempt {
                    key: format!("ch_{key}"),
                    count,
                    at: created,
                    next_attempt_at: (rank > 0).then_some(created),
                    decline_code: (rank > 1).then(|| format!("code_{second}")),
                });
                report(&stamp, &snapshot, attempt.as_ref())
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn facts_in_any_order_leave_the_same_invoice(
        (once, shuffled) in facts().prop_flat_map(|facts| {
            let thrice: Vec<_> = facts.iter().chain(&facts).chain(&facts).cloned().collect();
            (Just(facts), Just(thrice).prop_shuffle())
        }),
    ) {
        let (expected, _) = run::<Invoice>(once);
        let (state, events) = run::<Invoice>(shuffled);
        prop_assert_eq!(&state, &expected);
        prop_assert_eq!(fold::<Invoice>(&events), expected);
    }
}
