//! Do the processor's reports leave the same payment in any order, and is the money counted once?

use proptest::prelude::*;

use super::super::*;
use crate::samples::payment::{TAKEN, charge, dispute, intent, refund};
use crate::samples::{at, fold, payment_id, run, stamp};
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

/// A report of the refund that was made at :07.
fn refunded(stamp: Stamp, status: RefundStatus, amount_minor: i64) -> PaymentCommand {
    let refund = RefundReport { created_at: at("2024-02-01T01:00:07Z"), ..refund("re_1", status, amount_minor) };
    PaymentCommand::ReportRefund { id: payment_id(), stamp, refund }
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

fn check(what: &str, commands: &[PaymentCommand], expected: Option<Sum>) {
    let backwards = commands.iter().rev().cloned().collect();
    let twice = commands.iter().chain(commands).cloned().collect();
    assert_eq!(sum(commands.to_vec()), expected, "{what}");
    assert_eq!(sum(backwards), expected, "{what}, backwards");
    assert_eq!(sum(twice), expected, "{what}, twice");
}

#[test]
fn charges_and_intents_add_up() {
    use PaymentStatus as P;
    let taken = |failed| Some(("succeeded", 99_700, 0, 0, false, failed));
    let failed = Some(("failed", 0, 0, 0, false, 1));
    let waits = |status| intended(told("evt_1", 0, "00"), status);
    let intent_succeeded = || intended(told("evt_6", 1, "06"), P::Succeeded);
    check("taken", &[success()], taken(0));
    check("failed", &[failure("ch_1", "evt_1")], failed);
    check("a stale failure of the same charge", &[success(), failure("ch_1", "evt_9")], taken(0));
    check("a failure of another charge", &[success(), failure("ch_0", "evt_1")], taken(1));
    check("an intent that waits", &[waits(P::RequiresAction)], Some(("requires_action", 0, 0, 0, false, 0)));
    check("an intent whose attempt failed", &[waits(P::Pending), failure("ch_1", "evt_2")], failed);
    check("an intent before its charge", &[intent_succeeded(), failure("ch_0", "evt_1")], taken(1));
    check("an intent and its charge", &[intent_succeeded(), success()], taken(0));
}

#[test]
fn refunds_add_up() {
    use RefundStatus as R;
    let counted = |event: &str, second: &str, amount_refunded_minor: i64| {
        let charge = charge("ch_1", PaymentStatus::Succeeded, TAKEN);
        charged(told(event, 1, second), ChargeReport { amount_refunded_minor, ..charge })
    };
    let counting = |event: &str, amount_refunded_minor: i64| counted(event, "09", amount_refunded_minor);
    let refund = |status| refunded(told("evt_7", 0, "07"), status, 10_000);
    let fails = || refunded(told("evt_a", 0, "10"), R::Failed, 10_000);
    let whole = refunded(told("evt_7", 0, "07"), R::Pending, 99_700);
    let part = |refunded| Some(("partially_refunded", 99_700 - refunded, refunded, 0, false, 0));
    let none = || Some(("succeeded", 99_700, 0, 0, false, 0));
    check("only a refund", &[refund(R::Succeeded)], None);
    check("a refund before its charge", &[refund(R::Succeeded), success()], part(10_000));
    check("a pending refund counts", &[success(), whole], Some(("refunded", 0, 99_700, 0, false, 0)));
    check("a refund that fails gives back", &[success(), refund(R::Succeeded), fails()], none());
    check("the charge knows of more refunds", &[counting("evt_9", 30_000), refund(R::Succeeded)], part(30_000));
    check("the charge counted a refund that failed", &[counting("evt_9", 10_000), fails()], none());
    check("and another one", &[counting("evt_9", 30_000), fails()], part(20_000));
    let later = |amount| counted("evt_b", "11", amount);
    check("a later charge counts it no more", &[refund(R::Succeeded), fails(), later(20_000)], part(20_000));
    check("after one that did", &[counting("evt_9", 30_000), fails(), later(20_000)], part(20_000));
    let fails_still = refunded(told("evt_c", 0, "12"), R::Failed, 10_000);
    check("nor after the failure is told again", &[fails(), later(20_000), fails_still], part(20_000));
    check("one made after the charge was told", &[counted("evt_6", "06", 30_000), fails()], part(30_000));
}

#[test]
fn disputes_add_up() {
    use DisputeStatus as D;
    let opened = |status| disputed(told("evt_7", 0, "07"), status);
    let closed = |status| disputed(told("evt_8", 1, "08"), status);
    let sum = |collected, lost, open| Some(("succeeded", collected, 0, lost, open, 0));
    check("an inquiry moves no money", &[success(), opened(D::Inquiry)], sum(99_700, 0, false));
    check("an inquiry closed", &[success(), opened(D::Inquiry), closed(D::InquiryClosed)], sum(99_700, 0, false));
    check("open", &[success(), opened(D::Open)], sum(99_700, 0, true));
    check("lost", &[success(), opened(D::Open), closed(D::Lost)], sum(0, 99_700, false));
    check("won", &[success(), opened(D::Open), closed(D::Won)], sum(99_700, 0, false));
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
            let created_at = jiff::Timestamp::from_second(1_706_745_600 + i64::from(which % 2 == 1)).unwrap();
            let refund = RefundReport { created_at, ..refund(&format!("re_{}", which % 2), status, amount_minor) };
            PaymentCommand::ReportRefund { id, stamp, refund }
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
        let cash = expected.snapshot().map_or(0, |payment| payment.cash.iter().map(|part| part.amount_minor).sum());
        prop_assert_eq!(cash, collected);
        let last = events.iter().rev().find_map(|event| event.after.as_deref());
        prop_assert_eq!(last.cloned(), expected.snapshot());
        prop_assert_eq!(fold::<Payment>(&events), expected);
    }
}
