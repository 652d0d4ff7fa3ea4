//! The reads over a real database: what a tenant's MRR is and was, and how it got there.

use std::collections::BTreeMap;

use domain::event::LedgerEvent;
use domain::money::Currency;
use domain::mrr::{Opening, Waterfall};
use domain::subscription::Standing;
use store::{Clock, Ledger, Options, StoreError};
use testbed::TempDir;

use super::tests::{active, canceled, records, report, snapshot};
use super::{
    Customers, Revenue, Totals, Window, current_mrr_of_customer, current_mrr_of_customers, customers_lost_between,
    revenue_between, totals_at,
};
use crate::projection::{Source, fold_batch};
use crate::testing::{at, micros, projection};

/// A ledger whose MRR tables hold what these events come to, folded one by one through the stored rows.
pub async fn ledger_of(projections: &[&str], events: &[LedgerEvent]) -> (Ledger, TempDir) {
    let folder = testbed::temp_dir().unwrap();
    let url = format!("sqlite://{}", folder.join("ledger.db").display());
    let clock = Clock::fixed(at("2024-06-01T00:00:00Z"));
    let ledger = Ledger::open(&url, Options { clock, ..Options::new([7; 32]) }).await.unwrap();
    for name in projections {
        for record in records(events) {
            let mut folding = projection(name).open(Source::Stored);
            fold_batch(&mut folding, &ledger, "", &[record]).await.unwrap();
            ledger.write_rows(&folding.take_writes(""), &[]).await.unwrap();
        }
    }
    (ledger, folder)
}

fn day(text: &str) -> String {
    format!("{text}T00:00:00Z")
}

fn told(customer: &str, on: &str, late: bool, minor: i64) -> LedgerEvent {
    let subscription = customer.replace("cus", "sub");
    let said = if minor == 0 { canceled(&day(on), 9_900) } else { active(minor) };
    report(customer, &subscription, at(&day(on)), (&format!("evt_{customer}_{on}"), late), said)
}

/// Four customers; the last event says late that the first one had less in February.
fn history() -> Vec<LedgerEvent> {
    let euros = snapshot(Standing::Active {}, Currency::EUR, 7_000);
    let paused = snapshot(
        Standing::Paused { since: at(&day("2024-03-20")), resumes_at: None, past_due_since: None },
        Currency::USD,
        3_000,
    );
    vec![
        told("cus_1", "2024-01-10", false, 10_000),
        told("cus_2", "2024-01-20", false, 5_000),
        told("cus_3", "2024-02-05", false, 3_000),
        report("cus_4", "sub_4", at(&day("2024-03-05")), ("evt_4", false), euros),
        told("cus_1", "2024-03-10", false, 12_000),
        told("cus_2", "2024-03-15", false, 0),
        report("cus_3", "sub_3", at(&day("2024-03-20")), ("evt_5", false), paused),
        told("cus_1", "2024-02-10", true, 8_000),
    ]
}

fn march(as_of: i64) -> Window {
    Window { from_at: micros(&day("2024-03-01")), to_at: micros(&day("2024-04-01")), as_of }
}

/// A day, the MRR by currency on it and the active customers.
type Case<'a> = (&'a str, &'a [(&'a str, i64)], i64);

#[tokio::test]
async fn totals_are_of_an_instant_and_a_customer() {
    let (ledger, _folder) = ledger_of(&["mrr"], &history()).await;
    let pool = ledger.pool();
    let cases: [Case<'_>; 5] = [
        ("2024-01-09", &[], 0),
        ("2024-01-10", &[("USD", 10_000)], 1),
        ("2024-02-05", &[("USD", 18_000)], 3),
        ("2024-02-10", &[("USD", 16_000)], 3),
        ("2024-03-20", &[("EUR", 7_000), ("USD", 12_000)], 2),
    ];
    for (on, mrr, active_customers) in cases {
        let mrr_minor = mrr.iter().map(|(currency, minor)| ((*currency).to_owned(), *minor)).collect();
        let expected = Totals { mrr_minor, active_customers };
        assert_eq!(totals_at(pool, "coaching", micros(&day(on))).await.unwrap(), expected, "{on}");
    }
    let now = micros(&day("2024-06-01"));
    assert_eq!(totals_at(pool, "education", now).await.unwrap(), Totals::default());
    let one =
        async |customer, currency| current_mrr_of_customer(pool, "coaching", customer, currency, now).await.unwrap();
    assert_eq!(one("cus_1", "USD").await, 12_000);
    assert_eq!(one("cus_1", "EUR").await, 0);
    assert_eq!(one("cus_2", "USD").await, 0);
    let mut ids = vec!["cus_1", "cus_2", "cus_9"];
    ids.extend(std::iter::repeat_n("cus_8", 60));
    ids.push("cus_4");
    let of = |customer: &str, currency: &str, minor| ((customer.to_owned(), currency.to_owned()), minor);
    let expected: BTreeMap<_, _> = [of("cus_1", "USD", 12_000), of("cus_4", "EUR", 7_000)].into();
    assert_eq!(current_mrr_of_customers(pool, "coaching", &ids, now).await.unwrap(), expected);
    assert_eq!(current_mrr_of_customers(pool, "coaching", &[], now).await.unwrap(), BTreeMap::new());
}

#[tokio::test]
async fn a_period_rolls_forward_and_earlier_positions_keep_their_figures() {
    let (ledger, _folder) = ledger_of(&["mrr"], &history()).await;
    let pool = ledger.pool();
    let euros = Waterfall { new_minor: 7_000, new_customers: 1, ..Waterfall::default() };
    let dollars = |first_minor: i64| Waterfall {
        opening: Opening { mrr_minor: first_minor + 8_000, customers: 3, paused_customers: 0 },
        expansion_minor: 12_000 - first_minor,
        contraction_minor: 3_000,
        churn_minor: 5_000,
        paused_customers: 1,
        churned_customers: 1,
        ..Waterfall::default()
    };
    let customers = Customers { opening: 3, closing: 2, new: 1, paused: 1, churned: 1, ..Customers::default() };
    let active: BTreeMap<String, i64> = [("EUR".to_owned(), 1), ("USD".to_owned(), 1)].into();
    for (as_of, first_minor) in [(7, 10_000), (8, 8_000)] {
        let expected = Revenue {
            by_currency: [("EUR".to_owned(), euros), ("USD".to_owned(), dollars(first_minor))].into(),
            active_by_currency: active.clone(),
            customers,
        };
        assert_eq!(revenue_between(pool, "coaching", march(as_of)).await.unwrap(), expected, "as of {as_of}");
        assert_eq!(customers_lost_between(pool, "coaching", march(as_of)).await.unwrap(), (3, 2), "as of {as_of}");
    }
    assert_eq!(revenue_between(pool, "coaching", march(0)).await.unwrap(), Revenue::default());
    let empty = Window { from_at: 0, to_at: 1, as_of: 8 };
    assert_eq!(customers_lost_between(pool, "coaching", empty).await.unwrap(), (0, 0));
}

#[tokio::test]
async fn figures_that_do_not_add_up_are_not_published() {
    let (ledger, _folder) = ledger_of(&["mrr"], &history()).await;
    let broken = super::tests::movements(&records(&history())).remove(0);
    let mut emitted = crate::fold::Emitted::default();
    emitted.put(&super::MovementRow {
        customer_id: "cus_x".to_owned(),
        effective_at: micros(&day("2024-03-02")),
        ..broken
    });
    ledger.write_rows(&emitted.take_writes(""), &[]).await.unwrap();
    let outcome = revenue_between(ledger.pool(), "coaching", march(8)).await;
    assert!(matches!(outcome, Err(StoreError::Corrupt { .. })), "{outcome:?}");
}
