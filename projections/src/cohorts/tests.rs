//! What cohorts come of movements and payments.

use domain::event::LedgerEvent;
use domain::id::{CustomerId, PaymentId};
use domain::money::Currency;
use domain::mrr::{Cohort, CohortColumn, Ratio, Undefined};
use domain::origin::Origin;
use domain::payment::{CashKind, PaymentChange, PaymentEvent, PaymentStatus, RefundReport, RefundStatus};
use jiff::tz::TimeZone;

use super::{CohortFigures, Horizon, newest_cohorts};
use crate::mrr::sql_tests::ledger_of;
use crate::mrr::tests::{active, canceled, report};
use crate::payments::tests::{part, snapshot};
use crate::testing::{at, micros};

fn told(customer: &str, moment: &str, minor: i64) -> LedgerEvent {
    let said = if minor == 0 { canceled(moment, 9_900) } else { active(minor) };
    let id = format!("evt_{customer}_{moment}");
    report(customer, &customer.replace("cus", "sub"), at(moment), (&id, false), said)
}

fn paid(customer: &str, payment: &str, minor: i64) -> LedgerEvent {
    let mut after = snapshot(PaymentStatus::Succeeded);
    after.origin = Origin::Daybook;
    after.cash = vec![part("2024-01-02T00:00:00Z", CashKind::Taken, payment, minor)];
    after.customer = Some(CustomerId::parse(customer).unwrap());
    let refund = RefundReport {
        id: "re_1".to_owned(),
        status: RefundStatus::Succeeded,
        amount_minor: 1,
        currency: Currency::USD,
        created_at: at("2024-01-02T00:00:00Z"),
        reason: None,
    };
    LedgerEvent::Payment(PaymentEvent {
        at: at("2024-01-02T00:00:00Z"),
        payment: PaymentId::parse(payment).unwrap(),
        change: PaymentChange::PaymentRefunded { refund },
        collected_delta_minor: minor,
        reattributed: vec![],
        after: Some(Box::new(after)),
    })
}

fn column(month: &str, active: i64, mrr_minor: i64, (size, first_minor): (i64, i64), incomplete: bool) -> CohortColumn {
    CohortColumn {
        month: month.to_owned(),
        active,
        mrr_minor,
        logo: Ratio::of(active, size, Undefined::EmptyCohort),
        revenue: Ratio::of(mrr_minor, first_minor, Undefined::EmptyCohort),
        incomplete,
    }
}

#[tokio::test]
async fn customers_belong_to_the_local_month_in_which_they_began() {
    let events = [
        told("cus_1", "2024-01-10T00:00:00Z", 10_000),
        told("cus_2", "2024-01-20T00:00:00Z", 5_000),
        told("cus_2", "2024-02-15T00:00:00Z", 0),
        // Still January in New York.
        told("cus_3", "2024-02-01T03:00:00Z", 2_000),
        paid("cus_1", "pay_1", 30_000),
        paid("cus_2", "pay_2", 5_000),
        paid("cus_9", "pay_9", 1),
        told("cus_1", "2024-03-05T00:00:00Z", 15_000),
    ];
    let (ledger, _folder) = ledger_of(&["mrr", "payments"], &events).await;
    let ask = async |zone: &str, months, as_of| {
        let zone = TimeZone::get(zone).unwrap();
        let horizon = Horizon { until_at: micros("2024-03-11T00:00:00Z"), as_of, zone, months };
        newest_cohorts(ledger.pool(), "coaching", Currency::USD, &horizon).await.unwrap()
    };
    let whole = (2, 15_000);
    let january = |columns| Cohort { month: "2024-01".to_owned(), size: 2, first_minor: 15_000, columns };
    let february = CohortFigures {
        cohort: Cohort {
            month: "2024-02".to_owned(),
            size: 1,
            first_minor: 2_000,
            columns: vec![
                column("2024-02", 1, 2_000, (1, 2_000), false),
                column("2024-03", 1, 2_000, (1, 2_000), true),
            ],
        },
        realized_minor: 0,
    };
    let columns = |last_minor| {
        vec![
            column("2024-01", 2, 15_000, whole, false),
            column("2024-02", 1, 10_000, whole, false),
            column("2024-03", 1, last_minor, whole, true),
        ]
    };
    let now = CohortFigures { cohort: january(columns(15_000)), realized_minor: 35_000 };
    assert_eq!(ask("UTC", 12, 8).await, [february.clone(), now]);
    let earlier = CohortFigures { cohort: january(columns(10_000)), realized_minor: 30_000 };
    assert_eq!(ask("UTC", 12, 5).await, [february.clone(), earlier]);
    assert_eq!(ask("UTC", 2, 8).await, [february]);
    let in_new_york = ask("America/New_York", 12, 8).await;
    let sizes: Vec<(&str, i64)> =
        in_new_york.iter().map(|figures| (figures.cohort.month.as_str(), figures.cohort.size)).collect();
    assert_eq!(sizes, [("2024-01", 3)]);
}
