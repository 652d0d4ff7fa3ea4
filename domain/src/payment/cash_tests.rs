//! Is each part of a payment dated by when its money moved, in whatever order the reports come?

use super::*;
use crate::payment::{PaymentCommand, RefundReport};
use crate::samples::payment::{TAKEN, charge, dispute, intent, refund};
use crate::samples::{at, payment_id, run, stamp};
use crate::stamp::Stamp;

/// A report of a day of February.
fn told(day: u8, event: &str, phase: u8) -> Stamp {
    Stamp { phase, ..stamp(event, &format!("2024-02-{day:02}T00:00:00Z"), 1) }
}

/// The charge with what it counts as refunded, as reported on a day.
fn charged(day: u8, amount_refunded_minor: i64) -> PaymentCommand {
    let charge = charge("ch_1", PaymentStatus::Succeeded, TAKEN);
    let charge = Box::new(ChargeReport { amount_refunded_minor, ..charge });
    PaymentCommand::ReportCharge { id: payment_id(), stamp: told(day, &format!("evt_c{day}"), 1), charge }
}

/// A refund made on one day and reported on another.
fn refunded(made: u8, day: u8, id: &str, status: RefundStatus, amount_minor: i64) -> PaymentCommand {
    let created_at = at(&format!("2024-02-{made:02}T00:00:00Z"));
    let refund = RefundReport { created_at, ..refund(id, status, amount_minor) };
    PaymentCommand::ReportRefund { id: payment_id(), stamp: told(day, &format!("evt_{id}{day}"), 0), refund }
}

fn disputed(day: u8, status: DisputeStatus) -> PaymentCommand {
    let dispute = dispute("dp_1", status, 99_700);
    let phase = u8::from(status != DisputeStatus::Open);
    PaymentCommand::ReportDispute { id: payment_id(), stamp: told(day, &format!("evt_d{day}"), phase), dispute }
}

fn failed(id: &str) -> PaymentCommand {
    let charge = Box::new(charge(id, PaymentStatus::Failed, "2024-02-01T01:00:01Z"));
    PaymentCommand::ReportCharge { id: payment_id(), stamp: told(1, &format!("evt_{id}"), 0), charge }
}

fn intended(day: u8) -> PaymentCommand {
    let intent = Box::new(intent(PaymentStatus::Succeeded));
    PaymentCommand::ReportIntent { id: payment_id(), stamp: told(day, "evt_i", 2), intent }
}

type Part = (String, &'static str, String, i64);

fn parts_after(commands: Vec<PaymentCommand>) -> Vec<Part> {
    let parts = run::<Payment>(commands).0.snapshot().map(|payment| payment.cash).unwrap_or_default();
    parts.into_iter().map(|part| (part.at.to_string(), part.kind.as_str(), part.source, part.amount_minor)).collect()
}

/// In this order, backwards, and each twice.
fn check(what: &str, commands: &[PaymentCommand], expected: &[(&str, &'static str, &str, i64)]) {
    let expected: Vec<Part> = expected
        .iter()
        .map(|(time, kind, source, amount)| {
            let time = if time.contains('T') { (*time).to_owned() } else { format!("2024-02-{time}T00:00:00Z") };
            (time, *kind, (*source).to_owned(), *amount)
        })
        .collect();
    assert_eq!(parts_after(commands.to_vec()), expected, "{what}");
    assert_eq!(parts_after(commands.iter().rev().cloned().collect()), expected, "{what}, backwards");
    assert_eq!(parts_after(commands.iter().chain(commands).cloned().collect()), expected, "{what}, twice");
}

const WHOLE: (&str, &str, &str, i64) = (TAKEN, "taken", "ch_1", 99_700);

#[test]
fn money_is_dated_by_when_it_was_taken() {
    let declined = |id| ("2024-02-01T01:00:01Z", "declined", id, 0);
    check("nothing known", &[], &[]);
    check("a refund of what is not known", &[refunded(5, 5, "re_1", RefundStatus::Succeeded, 1)], &[]);
    check("a charge reported late", &[charged(20, 0)], &[WHOLE]);
    check("attempts", &[failed("ch_0"), failed("ch_2")], &[declined("ch_0"), declined("ch_2")]);
    check("an attempt, then a success", &[failed("ch_0"), charged(2, 0)], &[declined("ch_0"), WHOLE]);
    check("only the intent", &[intended(3)], &[("03", "taken", "pi_1", 99_700)]);
    check("the intent, then its charge", &[intended(3), charged(4, 0)], &[WHOLE]);
    let stale = [("2024-02-01T01:00:01Z", "declined", "ch_0", 0), ("03", "taken", "pi_1", 99_700)];
    check("the intent, and an attempt that failed", &[intended(3), failed("ch_0")], &stale);
}

#[test]
fn refunds_are_dated_by_when_each_was_made() {
    use RefundStatus as R;
    let back = |day, source, amount: i64| (day, "refunded", source, -amount);
    let first = || refunded(5, 9, "re_1", R::Succeeded, 30_000);
    let second = || refunded(7, 8, "re_2", R::Pending, 20_000);
    let fails = || refunded(7, 11, "re_2", R::Failed, 20_000);
    let both = [WHOLE, back("05", "re_1", 30_000), back("07", "re_2", 20_000)];
    check("two refunds", &[charged(2, 0), first(), second()], &both);
    check("the charge counts them, too", &[charged(2, 0), first(), second(), charged(12, 50_000)], &both);
    check("one fails", &[charged(2, 0), first(), second(), fails()], &both[..2]);
    check("the charge counted one that failed", &[charged(8, 50_000), first(), second(), fails()], &both[..2]);
    let counted = [WHOLE, back("06", "ch_1", 30_000), back("09", "ch_1", 20_000)];
    check("only the charge counts", &[charged(6, 30_000), charged(9, 50_000), charged(15, 50_000)], &counted);
    let mixed = [WHOLE, back("06", "ch_1", 30_000), back("07", "re_2", 20_000)];
    check("one is known, one is counted", &[charged(6, 30_000), second(), charged(9, 50_000)], &mixed);
    let counted_late = [WHOLE, back("05", "re_1", 30_000), back("09", "ch_1", 20_000)];
    check("one is counted later", &[charged(6, 30_000), first(), charged(9, 50_000)], &counted_late);
}

#[test]
fn disputes_are_dated_by_when_they_were_lost() {
    use DisputeStatus as D;
    let lost = [WHOLE, ("20", "lost", "dp_1", -99_700)];
    check("open", &[charged(2, 0), disputed(10, D::Open)], &[WHOLE]);
    check("lost", &[charged(2, 0), disputed(10, D::Open), disputed(20, D::Lost)], &lost);
    check("told again", &[charged(2, 0), disputed(20, D::Lost), disputed(25, D::Lost)], &lost);
    check("lost, then won after all", &[charged(2, 0), disputed(20, D::Lost), disputed(25, D::Won)], &[WHOLE]);
}
