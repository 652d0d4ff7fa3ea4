//! The reads over a real database, and rows that lead to others: folded one event at a time through what is stored.

use std::collections::BTreeMap;

use domain::event::LedgerEvent;
use domain::id::{InvoiceId, PaymentId};
use domain::invoice::{Invoice, InvoiceCommand, InvoiceSnapshot};
use domain::issued::{Decider, Issued};
use domain::journal::Balances;
use domain::payment::{ChargeReport, Payment, PaymentCommand, RefundReport};
use domain::recognition::Ruler;
use domain::stamp::Stamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::json;

use super::tests::events::renewal;
use super::{Asked, Filter, Until, accounts_at, entries, hledger_text, position_booked_by};
use crate::mrr::sql_tests::ledger_of;
use crate::testing::at;

const TENANT: &str = "coaching";

fn asked(as_of: Option<i64>, day: Date, until: bool) -> Asked {
    let before_at = at(&format!("{}T00:00:00Z", day.tomorrow().unwrap())).as_microsecond();
    let earned_before = Ruler::days(TimeZone::UTC).end_of(day);
    Asked { as_of, until: until.then_some(Until { before_at }), earned_before }
}

fn by_number(balances: &Balances) -> BTreeMap<u16, i64> {
    balances.iter().map(|(_, account, sum)| (account.number(), sum.balance_minor())).filter(|sum| sum.1 != 0).collect()
}

#[tokio::test]
async fn balances_are_of_a_date_and_of_a_position() {
    let (ledger, _folder) = ledger_of(&["journal"], &renewal()).await;
    let cases = [
        (None, date(2024, 2, 29), false, vec![(1010, 96_779), (4000, -99_700), (6000, 2_921)]),
        (None, date(2024, 2, 1), true, vec![(1010, 96_779), (2000, -96_262), (4000, -3_438), (6000, 2_921)]),
        (None, date(2024, 1, 31), true, vec![]),
        (Some(1), date(2024, 2, 1), true, vec![(1100, 99_700), (2000, -96_262), (4000, -3_438)]),
        (Some(3), date(2025, 1, 1), false, vec![(1010, 96_779), (4000, -99_700), (6000, 2_921)]),
        (Some(0), date(2025, 1, 1), false, vec![]),
    ];
    for (as_of, day, until, expected) in cases {
        let found = accounts_at(ledger.pool(), TENANT, asked(as_of, day, until)).await.unwrap();
        assert_eq!(by_number(&found), expected.into_iter().collect(), "as of {as_of:?} on {day}");
    }
    assert_eq!(
        accounts_at(ledger.pool(), "nobody", asked(None, date(2025, 1, 1), false)).await.unwrap().iter().count(),
        0
    );
    assert_eq!(position_booked_by(ledger.pool(), TENANT, 2_000).await.unwrap(), 2);
    assert_eq!(position_booked_by(ledger.pool(), TENANT, 0).await.unwrap(), 0);
    ledger.shutdown().await;
}

#[tokio::test]
async fn pages_hold_whole_positions() {
    let (ledger, _folder) = ledger_of(&["journal"], &renewal()).await;
    let positions = async |filter: Filter, limit: i64| -> Vec<(i64, i64)> {
        let found = entries(ledger.pool(), TENANT, &filter, limit).await.unwrap();
        found.iter().map(|entry| (entry.position, entry.number)).collect()
    };
    let all = || Filter { as_of: i64::MAX, ..Filter::default() };
    assert_eq!(positions(all(), 10).await, [(1, 1), (2, 1), (2, 2)]);
    assert_eq!(positions(all(), 2).await, [(1, 1)]);
    assert_eq!(positions(Filter { after: 1, ..all() }, 1).await, [(2, 1), (2, 2)]);
    assert_eq!(positions(Filter { after: 2, ..all() }, 1).await, []);
    assert_eq!(positions(Filter { stream: Some("payment/x".to_owned()), ..all() }, 9).await, [(2, 1), (2, 2)]);
    assert_eq!(positions(Filter { stream: Some("invoice/in_1".to_owned()), ..all() }, 9).await.len(), 3);
    assert_eq!(positions(Filter { stream: Some("invoice/in_2".to_owned()), ..all() }, 9).await, []);
    let moment = at("2024-02-01T00:00:00Z").as_microsecond();
    assert_eq!(positions(Filter { from_at: Some(moment + 1), ..all() }, 9).await, []);
    assert_eq!(positions(Filter { to_at: Some(moment + 1), ..all() }, 9).await.len(), 3);
    let fees = super::entries_on(ledger.pool(), TENANT, domain::journal::Account::ProcessingFees, &all(), 9).await;
    assert_eq!(fees.unwrap().len(), 1);
    let text = hledger_text(ledger.pool(), TENANT, i64::MAX, &TimeZone::UTC).await.unwrap();
    assert!(text.starts_with("2024-02-01 in_1:finalized\n    1100 Accounts receivable  997.00 USD\n"), "{text}");
    assert_eq!(text.matches("2024-02-01 ").count(), 3);
    ledger.shutdown().await;
}

fn stamp(event: &str, created: &str) -> Stamp {
    Stamp { phase: 1, created: at(created), rank: 0, event: event.to_owned(), digest: 0, before: None }
}

/// What Stripe tells since 2025: neither invoice nor charge names the other, and a link joins them. The refund's last
/// report changes nothing of the payment, so that its event does not say what it is for.
fn linked() -> Vec<LedgerEvent> {
    let (mut invoice, mut payment) = (Invoice::default(), Payment::default());
    let (in_1, pi_1) = (InvoiceId::parse("in_1").unwrap(), PaymentId::parse("pi_1").unwrap());
    let snapshot: InvoiceSnapshot = serde_json::from_value(json!({
        "origin": "stripe", "customer": "cus_1", "status": "paid", "currency": "USD", "subtotal_minor": 9_000,
        "total_minor": 9_000, "amount_due_minor": 9_000, "amount_paid_minor": 9_000,
        "created_at": "2023-01-01T00:00:00Z", "finalized_at": "2023-01-01T00:00:00Z", "paid_at": "2023-01-01T00:00:09Z",
        "lines": [{ "quantity": 1, "amount_minor": 9_000,
            "period": { "start": "2023-01-01T00:00:00Z", "end": "2023-04-01T00:00:00Z" } }]
    }))
    .unwrap();
    let charge: ChargeReport = serde_json::from_value(json!({
        "id": "ch_1", "status": "succeeded", "amount_minor": 9_000, "currency": "USD",
        "created_at": "2023-01-01T00:00:05Z", "customer": "cus_1"
    }))
    .unwrap();
    let refund = |status: &str| -> RefundReport {
        serde_json::from_value(json!({ "id": "re_1", "status": status, "amount_minor": 900, "currency": "USD",
            "created_at": "2023-02-01T00:00:00Z" }))
        .unwrap()
    };
    let now = at("2023-06-01T00:00:00Z");
    let mut events = Vec::new();
    let mut of_payment = |command| {
        let told = payment.decide(&Issued { now, command }).unwrap();
        for event in &told {
            payment.evolve(event);
        }
        told.into_iter().map(LedgerEvent::Payment).collect::<Vec<_>>()
    };
    let charge = Box::new(charge);
    let id = || pi_1.clone();
    events.extend(of_payment(PaymentCommand::ReportCharge {
        id: id(),
        stamp: stamp("evt_1", "2023-01-01T00:00:05Z"),
        charge,
    }));
    let mut of_invoice = |command| {
        let told = invoice.decide(&Issued { now, command }).unwrap();
        for event in &told {
            invoice.evolve(event);
        }
        told.into_iter().map(LedgerEvent::Invoice).collect::<Vec<_>>()
    };
    let (snapshot, attempt) = (Box::new(snapshot), None);
    let report =
        InvoiceCommand::Report { id: in_1.clone(), stamp: stamp("evt_2", "2023-01-01T00:00:09Z"), snapshot, attempt };
    events.extend(of_invoice(report));
    let link =
        InvoiceCommand::LinkPayment { id: in_1, at: at("2023-01-01T00:00:10Z"), payment: id(), amount_minor: 9_000 };
    events.extend(of_invoice(link));
    for (event, status, created) in
        [("evt_3", "pending", "2023-02-01T00:00:00Z"), ("evt_4", "succeeded", "2023-02-03T00:00:00Z")]
    {
        let told = PaymentCommand::ReportRefund { id: id(), stamp: stamp(event, created), refund: refund(status) };
        events.extend(of_payment(told));
    }
    events
}

#[tokio::test]
async fn a_payment_leads_to_the_invoice_it_was_linked_to() {
    let events = linked();
    assert_eq!(events.len(), 5);
    let (ledger, _folder) = ledger_of(&["journal"], &events).await;
    let found = accounts_at(ledger.pool(), TENANT, asked(None, date(2023, 3, 31), false)).await.unwrap();
    assert_eq!(by_number(&found), BTreeMap::from([(1010, 8_100), (4000, -8_410), (4910, 310)]));
    let all = Filter { as_of: i64::MAX, ..Filter::default() };
    let keys: Vec<String> =
        entries(ledger.pool(), TENANT, &all, 99).await.unwrap().into_iter().map(|entry| entry.entry_key).collect();
    assert_eq!(
        keys,
        [
            "pi_1:settled",
            "in_1:finalized",
            "in_1:paid",
            "in_1:paid:reversed",
            "pi_1:settled:reversed",
            "pi_1:settled#2",
            "re_1:created",
            "re_1:succeeded"
        ]
    );
    ledger.shutdown().await;
}
