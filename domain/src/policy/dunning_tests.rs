//! Is an invoice as it stands read into the right campaign?

use super::*;
use crate::invoice::{FailedAttempt, InvoiceChange, InvoiceEvent, Line};
use crate::samples::dunning::facts;
use crate::samples::invoice::{DRAFTED, NOW, attempt, event, in_status, line};
use crate::samples::{at, fold, invoice_id, method_id};

fn failure() -> FailedAttempt {
    attempt("ch_1", 1, "2024-02-01T01:00:05Z")
}

fn failed(snapshot: InvoiceSnapshot) -> Invoice {
    let attempt = InvoiceChange::InvoicePaymentFailed { attempt: failure() };
    let events: [InvoiceEvent; 2] =
        [event(DRAFTED, InvoiceChange::InvoiceDrafted {}, Some(snapshot.clone())), event(NOW, attempt, Some(snapshot))];
    fold::<Invoice>(&events)
}

/// What is reconciled, as text: commands are not compared otherwise.
fn reconciled(snapshot: InvoiceSnapshot) -> String {
    format!("{:?}", reconcile(&invoice_id(), &failed(snapshot)))
}

fn expected(configuration: Configuration, settlement: Option<Settlement>) -> String {
    let id = CampaignId::parse("dun_1").unwrap();
    let facts = Box::new(CaseFacts { configuration, ..facts(&[failure()], settlement) });
    format!("{:?}", Some(Command::Dunning(id.clone(), DunningCommand::Reconcile { id, facts })))
}

#[test]
fn the_invoices_status_settles_the_case() {
    use InvoiceStatus as S;
    let high = Configuration::HighValueCustomer;
    let settled = |time: &str, outcome, amount_minor| Some(Settlement { at: at(time), outcome, amount_minor });
    let closed = "2024-02-02T00:00:00Z";
    let cases = [
        (S::Draft, None),
        (S::Open, None),
        (S::Deleted, None),
        (S::Paid, settled("2024-02-01T01:00:05Z", SettlementOutcome::Paid, 443_750)),
        (S::Void, settled(closed, SettlementOutcome::Voided, 0)),
        (S::Uncollectible, settled(closed, SettlementOutcome::Uncollectible, 0)),
    ];
    for (status, settlement) in cases {
        assert_eq!(reconciled(in_status(status)), expected(high, settlement), "{status:?}");
    }
    // An invoice that does not say when it was paid was so after its last failure.
    let undated = InvoiceSnapshot { paid_at: None, ..in_status(S::Paid) };
    let after_failure = settled("2024-02-01T01:00:05Z", SettlementOutcome::Paid, 443_750);
    assert_eq!(reconciled(undated), expected(high, after_failure));
}

#[test]
fn an_invoice_without_a_failure_has_no_campaign() {
    let paid = event(DRAFTED, InvoiceChange::InvoiceDrafted {}, Some(in_status(InvoiceStatus::Paid)));
    assert!(reconcile(&invoice_id(), &fold::<Invoice>(&[paid])).is_none());
    assert!(reconcile(&invoice_id(), &Invoice::default()).is_none());
}

#[test]
fn the_monthly_value_of_the_lines_decides_the_configuration() {
    use Configuration::{HighValueCustomer, StandardCustomer};
    let every = |unit, count| Some(Interval { unit, count });
    let of = |amount_minor, interval| Line { interval, ..line(amount_minor) };
    let proration = Line { proration: true, ..line(500_000) };
    let cases = [
        ("a month of 1000.00", vec![line(100_000)], HighValueCustomer),
        ("a cent less", vec![line(99_999)], StandardCustomer),
        ("two lines", vec![line(60_000), line(40_000)], HighValueCustomer),
        ("a year of 12000.00", vec![of(1_200_000, every(IntervalUnit::Year, 1))], HighValueCustomer),
        ("a year of 11999.88", vec![of(1_199_988, every(IntervalUnit::Year, 1))], StandardCustomer),
        ("a quarter of 3000.00", vec![of(300_000, every(IntervalUnit::Month, 3))], HighValueCustomer),
        ("a week of 231.00", vec![of(23_100, every(IntervalUnit::Week, 1))], HighValueCustomer),
        ("a day of 32.87", vec![of(3_287, every(IntervalUnit::Day, 1))], StandardCustomer),
        ("a day of 32.88", vec![of(3_288, every(IntervalUnit::Day, 1))], HighValueCustomer),
        ("one-time lines", vec![of(500_000, None)], StandardCustomer),
        ("prorations", vec![proration], StandardCustomer),
        ("no lines", vec![], StandardCustomer),
    ];
    for (what, lines, configuration) in cases {
        let snapshot = InvoiceSnapshot { lines, ..in_status(InvoiceStatus::Open) };
        assert_eq!(reconciled(snapshot), expected(configuration, None), "{what}");
    }
}

#[test]
fn campaigns_are_named_after_what_they_are_for() {
    let of_invoice = |id: &str| campaign_of_invoice(&InvoiceId::parse(id).unwrap()).map(String::from);
    assert_eq!(of_invoice("in_42").as_deref(), Some("dun_42"));
    assert_eq!(of_invoice("42").as_deref(), Some("dun_42"));
    assert_eq!(of_invoice(&"9".repeat(255)), None);
    assert_eq!(campaign_of_card(&method_id("card_7")).map(String::from).as_deref(), Some("dun_card_7"));
}
