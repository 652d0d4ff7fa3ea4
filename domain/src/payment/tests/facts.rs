//! Do the processor's reports leave the same payment in any order, and is the money counted once?

use proptest::prelude::*;

use super::super::*;
use crate::samples::payment::{TAKEN, charge, dispute, intent, refund};
use crate::samples::{fold, payment_id, run, stamp};
use crate::stamp::{Stamp, digest};

fn told(event: &str, phase: u8, second: &str) -> Stamp {
    Stamp { phase, ..stamp(event, &format!("2024-02-01T01:00:{second}Z"), 1) }
}

fn charged(stamp: Stamp, charge: ChargeReport) -> PaymentCommand {
    PaymentCommand::ReportCharge { id: payment_id(), stamp, charge: Box::new(charge) }
}

fn intended(stamp: Stamp, status: PaymentStatus) -> PaymentCommand {
    PaymentCommand::ReportIntent { id: payment_id(), stamp, intent: Box::new(intent(status)) }
}

fn refunded(stamp: Stamp, status: RefundStatus, amount_minor: i64) -> PaymentCommand {
    PaymentCommand::ReportRefund { id: payment_id(), stamp, refund: refund("re_1", status, amount_minor) }
}

fn disputed(stamp: Stamp, status: DisputeStatus) -> PaymentCommand {
    PaymentCommand::ReportDispute { id: payment_id(), stamp, dispute: dispute("dp_1", status, 99_700) }
}

fn success() -> PaymentCommand {
    charged(told("evt_5", 1, "05"), charge("ch_1", PaymentStatus::Succeeded, TAKEN))
}

fn failure(id: &str, event: &str) -> PaymentCommand {
    charged(told(event, 0, "05"), charge(id, PaymentStatus::Failed, "2024-02-01T01:00:01Z"))
}

/// What a payment comes to: status, collected, refunded, disputed, whether a dispute is open, failed attempts.
type Sum = (&'static str, i64, i64, i64, bool, u32);

fn sum(commands: Vec<PaymentCommand>) -> Option<Sum> {
    let (payment, events) = run::<Payment>(commands);
    let after = payment.snapshot()?;
    let collected = events.iter().map(|event| event.collected_delta_minor).sum();
    let status = after.status.as_str();
    Some((status, collected, after.refunded_minor, after.disputed_minor, after.open_dispute, after.failed_attempts))
}

#[test]
fn reports_add_up_forwards_and_backwards() {
    use DisputeStatus as D;
    use PaymentStatus as P;
    use RefundStatus as R;
    let cumulative = || ChargeReport { amount_refunded_minor: 30_000, ..charge("ch_1", P::Succeeded, TAKEN) };
    let cases = [
        ("taken", vec![success()], Some(("succeeded", 99_700, 0, 0, false, 0))),
        ("failed", vec![failure("ch_1", "evt_1")], Some(("failed", 0, 0, 0, false, 1))),
        (
            "a stale failure of the same charge",
            vec![success(), failure("ch_1", "evt_9")],
            Some(("succeeded", 99_700, 0, 0, false, 0)),
        ),
        (
            "a failure of another charge",
            vec![success(), failure("ch_0", "evt_1")],
            Some(("succeeded", 99_700, 0, 0, false, 1)),
        ),
        (
            "an intent that waits",
            vec![intended(told("evt_1", 0, "00"), P::RequiresAction)],
            Some(("requires_action", 0, 0, 0, false, 0)),
        ),
        (
            "an intent whose attempt failed",
            vec![intended(told("evt_1", 0, "05"), P::Pending), failure("ch_1", "evt_2")],
            Some(("failed", 0, 0, 0, false, 1)),
        ),
        (
            "an intent before its charge",
            vec![intended(told("evt_6", 1, "06"), P::Succeeded), failure("ch_0", "evt_1")],
            Some(("succeeded", 99_700, 0, 0, false, 1)),
        ),
        (
            "an intent and its charge",
            vec![intended(told("evt_6", 1, "06"), P::Succeeded), success()],
            Some(("succeeded", 99_700, 0, 0, false, 0)),
        ),
        ("only a refund", vec![refunded(told("evt_7", 0, "07"), R::Succeeded, 10_000)], None),
        (
            "a refund before its charge",
            vec![refunded(told("evt_7", 0, "07"), R::Succeeded, 10_000), success()],
            Some(("partially_refunded", 89_700, 10_000, 0, false, 0)),
        ),
        (
            "a pending refund counts",
            vec![success(), refunded(told("evt_7", 0, "07"), R::Pending, 99_700)],
            Some(("refunded", 0, 99_700, 0, false, 0)),
        ),
        (
            "a refund that fails gives back",
            vec![
                success(),
                refunded(told("evt_7", 0, "07"), R::Succeeded, 10_000),
                refunded(told("evt_8", 0, "08"), R::Failed, 10_000),
            ],
            Some(("succeeded", 99_700, 0, 0, false, 0)),
        ),
        (
            "the charge knows of more refunds",
            vec![charged(told("evt_9", 1, "09"), cumulative()), refunded(told("evt_7", 0, "07"), R::Succeeded, 10_000)],
            Some(("partially_refunded", 69_700, 30_000, 0, false, 0)),
        ),
        (
            "a refund that the charge counted and that failed",
            vec![
                charged(told("evt_8", 1, "08"), ChargeReport { amount_refunded_minor: 10_000, ..cumulative() }),
                refunded(told("evt_9", 0, "09"), R::Failed, 10_000),
            ],
            Some(("succeeded", 99_700, 0, 0, false, 0)),
        ),
        (
            "an inquiry moves no money",
            vec![success(), disputed(told("evt_7", 0, "07"), D::Inquiry)],
            Some(("succeeded", 99_700, 0, 0, false, 0)),
        ),
        (
            "an open dispute",
            vec![success(), disputed(told("evt_7", 0, "07"), D::Open)],
            Some(("succeeded", 99_700, 0, 0, true, 0)),
        ),
        (
            "a lost dispute",
            vec![success(), disputed(told("evt_7", 0, "07"), D::Open), disputed(told("evt_8", 1, "08"), D::Lost)],
            Some(("succeeded", 0, 0, 99_700, false, 0)),
        ),
        (
            "a won dispute",
            vec![success(), disputed(told("evt_7", 0, "07"), D::Open), disputed(told("evt_8", 1, "08"), D::Won)],
            Some(("succeeded", 99_700, 0, 0, false, 0)),
        ),
    ];
    for (what, commands, expected) in cases {
        let backwards: Vec<_> = commands.iter().rev().cloned().collect();
        let twice: Vec<_> = commands.iter().chain(&commands).cloned().collect();
        assert_eq!(sum(commands), expected, "{what}");
        assert_eq!(sum(backwards), expected, "{what}, backwards");
        assert_eq!(sum(twice), expected, "{what}, twice");
    }
}

#[test]
fn an_intent_says_when_it_succeeded_until_its_charge_does() {
    let intent_first = intended(told("evt_6", 1, "06"), PaymentStatus::Succeeded);
    let at = |commands: Vec<PaymentCommand>| run::<Payment>(commands).0.snapshot().unwrap().succeeded_at.unwrap();
    assert_eq!(at(vec![intent_first.clone(), failure("ch_0", "evt_1")]).to_string(), "2024-02-01T01:00:06Z");
    assert_eq!(at(vec![intent_first, success()]).to_string(), TAKEN);
}

/// Reports of three charges, an intent, two refunds and two disputes, within few seconds.
fn reports() -> impl Strategy<Value = Vec<PaymentCommand>> {
    let row = (0_u8..6, 0_i64..3, 0_u8..3, 0_u8..5, 0_usize..5, 1_i64..4);
    prop::collection::vec(row, 1..14).prop_map(|rows| {
        let numbered = rows.into_iter().enumerate();
        numbered
            .map(|(index, (kind, second, rank, phase, which, amount))| {
                let created = jiff::Timestamp::from_second(1_706_745_600 + second).unwrap();
                let event = format!("evt_{}", (index * 7) % 17);
                let stamp = Stamp {
                    phase: phase / 4,
                    created,
                    rank,
                    event,
                    digest: digest(&(kind, which, amount)),
                    before: None,
                };
                report(kind, stamp, which, amount * 30_000)
            })
            .collect()
    })
}

fn report(kind: u8, stamp: Stamp, which: usize, amount_minor: i64) -> PaymentCommand {
    use PaymentStatus as P;
    let id = payment_id();
    let status = [P::Failed, P::Succeeded, P::Pending, P::Processing, P::Canceled][which];
    match kind {
        0..=2 => {
            let amount_refunded_minor = if status == P::Succeeded { amount_minor - 30_000 } else { 0 };
            let created = ["2024-02-01T01:00:01Z", "2024-02-01T01:00:02Z", TAKEN][usize::from(kind)];
            charged(stamp, ChargeReport { amount_refunded_minor, ..charge(&format!("ch_{kind}"), status, created) })
        }
        3 => intended(stamp, status),
        4 => {
            use RefundStatus as R;
            let status = [R::Succeeded, R::Pending, R::Failed, R::Canceled, R::Succeeded][which];
            PaymentCommand::ReportRefund {
                id,
                stamp,
                refund: refund(&format!("re_{}", which % 2), status, amount_minor),
            }
        }
        _ => {
            use DisputeStatus as D;
            let status = [D::Open, D::Lost, D::Won, D::Inquiry, D::InquiryClosed][which];
            PaymentCommand::ReportDispute {
                id,
                stamp,
                dispute: dispute(&format!("dp_{}", which % 2), status, amount_minor),
            }
        }
    }
}

proptest! {
    #[test]
    fn reports_in_any_order_leave_the_same_payment_and_money(
        (once, shuffled) in reports().prop_flat_map(|reports| {
            let thrice: Vec<_> = reports.iter().chain(&reports).chain(&reports).cloned().collect();
            (Just(reports), Just(thrice).prop_shuffle())
        }),
    ) {
        let (expected, _) = run::<Payment>(once);
        let (state, events) = run::<Payment>(shuffled);
        prop_assert_eq!(&state, &expected);
        prop_assert_eq!(state.snapshot(), expected.snapshot());
        let collected: i64 = events.iter().map(|event| event.collected_delta_minor).sum();
        prop_assert_eq!(collected, expected.collected_minor());
        let last = events.iter().rev().find_map(|event| event.after.as_deref());
        prop_assert_eq!(last.cloned(), expected.snapshot());
        prop_assert_eq!(fold::<Payment>(&events), expected);
    }
}
